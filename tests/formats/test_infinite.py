"""Infinite Backrooms pages: doubled encoding, other names than the actors', headers that are none."""

import html
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import NoTranscript, Unreadable
from sandbox.transcript.formats.doubled import mended
from sandbox.transcript.formats.foreign import Entry, Oddity, Source
from sandbox.transcript.formats.importers import infinite

NAME = "conversation_1700000000_scenario_two-minds.txt"
HEAD = """{name} • infinite backroomsBack to indexscenario: two-minds
actors: asker, giver
models: claude-3-opus, claude-3-sonnet
temp: 1, 0.9

<asker-claude-3-opus#SYSTEM>
You ask.

<giver-claude-3-sonnet#SYSTEM>
You give.

<asker-claude-3-opus#CONTEXT>
[{{"role": "user", "content": "Hi\tthere"}},
 {{"role": "assistant", "content": "yes"}},
]

<giver-claude-3-sonnet#CONTEXT>
[]


"""
DOUBLED = Oddity("the text was encoded twice in UTF-8: mended, all of it")


def page(*turns, doubled=True, name=NAME, **source):
    whole = HEAD.format(name=name) + "".join(f"<{who}>\n{words}\n\n" for who, words in turns) + "\n"
    data = whole.encode()
    return Source(name, data.decode("latin-1").encode() if doubled else data, **source)


def test_a_page_tells_everything_it_has():
    source = page(("asker", "où?"), ("giver", "ici\n\n…"))
    (run,) = infinite.read(source)
    assert infinite.looks(source) == 0.97
    assert (run.title, run.started, run.end_reason) == (
        "two-minds",
        "2023-11-14T22:13:20+00:00",
        None,
    )
    assert [(p.name, p.model, p.system, p.more) for p in run.parties] == [
        ("asker", "claude-3-opus", "You ask.", {"temp": "1"}),
        ("giver", "claude-3-sonnet", "You give.", {"temp": "0.9"}),
    ]
    assert run.seed_context == [
        Entry("say", "asker", "Hi\tthere", more={"role": "user"}),
        Entry("say", "asker", "yes", more={"role": "assistant"}),
    ]
    assert [(e.who, e.text, e.line) for e in run.entries] == [
        ("asker", "où?", 21),
        ("giver", "ici\n\n…", 24),
    ]
    assert run.oddities == [DOUBLED]


def test_text_that_was_encoded_once_is_left_alone():
    (run,) = infinite.read(page(("asker", "où est l'été?"), ("giver", "Ã la carte"), doubled=False))
    assert [entry.text for entry in run.entries] == ["où est l'été?", "Ã la carte"]
    assert run.oddities == []


@given(st.text(min_size=1, max_size=60))
def test_a_second_encoding_is_undone_exactly_and_nothing_else_is_touched(text):
    try:
        twice = text.encode().decode("latin-1")
    except UnicodeEncodeError:
        return
    assert mended(twice) == (None if text.isascii() else text)


def test_windows_1252_in_between_is_mended_too_and_half_a_doubling_is_not():
    assert mended("itâ€™s â€œsoâ€\x9d") == "it\u2019s “so”"
    assert mended("itâ€™s 日") is None


def test_turns_may_have_other_names_than_the_actors():
    (run,) = infinite.read(page(("Claude 2", "a"), ("Claude 1", "b"), ("Claude 2", "c")))
    assert [(p.name, p.model, p.more["actor"]) for p in run.parties] == [
        ("Claude 1", "claude-3-opus", "asker"),
        ("Claude 2", "claude-3-sonnet", "giver"),
    ]
    assert [entry.who for entry in run.entries] == ["Claude 2", "Claude 1", "Claude 2"]
    what = (
        "turns have other names than the actors; by their order, "
        "'Claude 1' is 'asker', 'Claude 2' is 'giver'"
    )
    assert run.oddities == [DOUBLED, Oddity(what, 21)]


def test_lines_that_look_like_headers_are_words():
    words = "so\n\n<end transmission>\n\n<system>\nover"
    (run,) = infinite.read(page(("asker", words), ("giver", "b")))
    assert [(entry.who, entry.text) for entry in run.entries] == [("asker", words), ("giver", "b")]
    what = "2 lines look like headers and are taken as words: <end transmission>, <system>"
    assert run.oddities == [DOUBLED, Oddity(what, 24)]


def test_a_page_without_turns_is_a_run_of_none_and_c_ends_one():
    (run,) = infinite.read(page())
    assert (run.entries, [party.name for party in run.parties]) == ([], ["asker", "giver"])
    (run,) = infinite.read(page(("asker", "a"), ("giver", "bye\n^C")))
    assert run.end_reason == "^C"


def test_side_files_are_read_with_their_page_and_are_no_runs():
    side = b'{"source_url": "https://x/dreams/1", "actors": []}'
    (run,) = infinite.read(page(("asker", "a"), beside={NAME.replace(".txt", ".meta.json"): side}))
    assert run.more["source_url"] == "https://x/dreams/1"
    with pytest.raises(NoTranscript, match=r"read together with its \.txt"):
        infinite.read(Source(NAME.replace(".txt", ".meta.json"), side))


def test_a_page_without_its_head_is_refused():
    with pytest.raises(Unreadable) as raised:
        infinite.read(Source(NAME, b"prose\n<a#SYSTEM>\nx\n"))
    assert str(raised.value) == (
        f"{NAME}: no 'actors:' before its first section. It may be cut at its head"
    )


WORDS = st.text(st.characters(codec="utf-8"), max_size=60).filter(lambda words: "<" not in words)


@given(st.lists(WORDS, min_size=1, max_size=6))
def test_whatever_is_said_comes_back_byte_for_byte(words):
    turns = [("asker" if n % 2 == 0 else "giver", text) for n, text in enumerate(words)]
    (run,) = infinite.read(page(*turns))
    assert [(entry.who, entry.text) for entry in run.entries] == turns


def test_a_saved_page_is_its_text():
    text = page(("asker", "a <b> & c\n\n<system>"), ("giver", "yes"), doubled=False)
    whole = text.data.decode()
    title, _, rest = whole.partition("\n")
    begin, end = html.escape("\n" + rest).split("You give.")
    drawn = (
        f'<html><title>{title}</title><pre class="dream">{begin}</pre>'
        f'<pre class="dream two">You give.{end}</pre></html>'
    )
    name = NAME.replace(".txt", ".html")
    saved = Source(name, drawn.encode())
    (wanted,), (run,) = infinite.read(text), infinite.read(saved)
    assert infinite.looks(saved) == 0.95
    assert run.entries == [replace(entry, line=None) for entry in wanted.entries]
    assert (run.parties, run.seed_context) == (wanted.parties, wanted.seed_context)
    assert (run.title, run.started) == (wanted.title, wanted.started)
    with pytest.raises(NoTranscript) as error:
        infinite.read(replace(saved, beside={NAME: text.data}))
    assert str(error.value) == f"{name}: the page whose words are in {NAME} beside it."


def test_a_page_that_the_browser_named_tells_its_start():
    saved = page(("asker", "a"), name="conversation-1700000000-scenario-two-minds-txt.htm")
    body = b'<pre class="dream">' + saved.data.replace(b"<", b"&lt;") + b"</pre>"
    (run,) = infinite.read(replace(saved, data=body))
    assert (run.title, run.started) == ("two-minds", "2023-11-14T22:13:20+00:00")
