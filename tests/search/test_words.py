"""How words are compared, marked and cut out."""

import pytest
from hypothesis import given, strategies

from sandbox.transcript.search import parse, snippet
from sandbox.transcript.search.fold import fold, fold_with_places, words
from sandbox.transcript.search.places import marks


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Don't STOP", ["don", "t", "stop"]),
        ("Émigré e\u0301", ["emigre", "e"]),
        ("Straße ﬁn İ", ["strasse", "fin", "i"]),
        ("\uff26\uff35\uff2c\uff2c", ["full"]),
        ("snake_case /var/run/docker.sock", ["snake", "case", "var", "run", "docker", "sock"]),
        ("room迷宫2", ["room", "迷", "宫", "2"]),
        ("한국 がｶﾞ", ["한", "국", "が", "カ"]),
        ("🌀the", ["🌀", "the"]),
        ("x" * 70, ["x" * 64]),
        ("\x00\x1b[2J — …", ["2j"]),
    ],
)
def test_words(text, found):
    assert words(text) == found


@given(strategies.text())
def test_places_of_folded_characters_are_those_of_the_text(text):
    folded, places = fold_with_places(text)
    assert folded == fold(text)
    assert list(places) == sorted(places)
    assert len(places) == len(folded) + 1
    assert places[-1] == len(text)


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("strasse", "Die STRAßE!", ["STRAßE"]),
        ("a OR ab*", "a abc b", ["a", "abc"]),
        ('"A  B"', "a b a\nb ab", ["a b", "a\nb"]),
        ("a -b", "a b", ["a"]),
        ("x y", "x y z x", ["x", "y", "x"]),
        ("cafe", "a cafe\u0301 b", ["cafe\u0301"]),
    ],
)
def test_marks(query, text, marked):
    assert [text[start:end] for start, end in marks(parse(query), text, {})] == marked


def test_a_snippet_is_cut_at_a_space_before_the_first_mark():
    text = "one two three four five six seven eight nine ten"
    at = text.index("six")
    cut, moved = snippet(text, [(at, at + 3), (len(text) - 3, len(text))], 20)
    assert cut == "…six seven eight nine…"
    assert [cut[start:end] for start, end in moved] == ["six"]
    assert snippet("short", [(0, 5)], 20) == ("short", [(0, 5)])
    assert snippet("", [], 20) == ("", [])


@given(
    strategies.text(),
    strategies.integers(0, 50),
    strategies.integers(1, 50),
    strategies.integers(1, 30),
)
def test_a_snippet_shows_what_is_marked(text, start, length, width):
    end = min(start + length, len(text))
    spans = [(start, end)] if start < end else []
    cut, moved = snippet(text, spans, width)
    for (a, b), (c, d) in zip(spans, moved, strict=True):
        assert text[a:b].startswith(cut[c:d])
        assert c < d <= len(cut)
