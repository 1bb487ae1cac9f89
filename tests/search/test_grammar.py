"""The language of searches: what it means, and what is said of mistakes."""

import re

import pytest
from hypothesis import example, given, strategies

from sandbox.errors import QueryError
from sandbox.transcript.search import parse, write
from sandbox.transcript.search.query import (
    CLASSES,
    And,
    Field,
    Not,
    Or,
    Phrase,
    Regex,
    Turns,
    Word,
)

A, B, C = Word("a"), Word("b"), Word("c")


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("a b", And((A, B))),
        ("a AND b", And((A, B))),
        ("a b OR c", And((A, Or((B, C))))),
        ("(a b) OR c", Or((And((A, B)), C))),
        ("a (b c)", And((A, B, C))),
        ("-a NOT b", And((Not(A), Not(B)))),
        ("-(a OR b)", Not(Or((A, B)))),
        ("-(-a)", A),
        ("or", Word("or")),
        ("yell*", Word("yell", prefix=True)),
        ("don't", Word("don't")),
        ('"a (b) OR"', Phrase("a (b) OR")),
        (r'"a \"b\" \n"', Phrase(r'a "b" \n')),
        ('"a b"*', Phrase("a b", prefix=True)),
        ("--help", Phrase("--help")),
        ("$?", Phrase("$?")),
        ("/a b/ /c/", And((Regex("a b"), Regex("c")))),
        (r"/a\/b/", Regex(r"a\/b")),
        ("/etc/passwd", Word("/etc/passwd")),
        ("/tmp", Word("/tmp")),
        ("http://x", Word("http://x")),
        ("12:30", Word("12:30")),
        ("Agent:bo", Field("agent", "bo")),
        ('title:"two strangers"', Field("title", "two strangers")),
        ("turn:7", Turns(7, 7)),
        ("turn:7..9", Turns(7, 9)),
        ("turn:7..", Turns(7, None)),
        ("turn:..9", Turns(None, 9)),
        ("after:2026-11-21T13:05", Field("after", "2026-11-21T13:05")),
        ("kind:box.ended", Field("kind", "box.ended")),
    ],
)
def test_reads(text, query):
    assert parse(text) == query
    assert parse(write(query)) == query


@pytest.mark.parametrize(
    ("text", "at", "what"),
    [
        ("", 0, "there is nothing to look for: give words, or a field such as agent:bo."),
        ("door agnt:bo", 5, "'agnt' is no field. Did you mean 'agent:'? Words with a : stand in quotes."),
        ("kind:sya", 5, "'sya' is no kind. Did you mean 'say'?"),
        ("kind:turn.ended", 5, "nobody says anything in 'turn.ended', so that it is not searched."),
        ("kind:", 0, None),
        ('agent:""', 6, "'agent:' needs a value: who did it, or whom a flag is about."),
        ("turn:x", 5, "'x' is no turn: write 7, 7..12, 7.. (and later) or ..12 (and earlier)."),
        ("turn:9..7", 5, "no turn is from 9 on and up to 7: write 7..9."),
        ("before:monday", 7, "'monday' is no date: write 2026, 2026-11, 2026-11-21 or 2026-11-21T13:05."),
        ('say "hello', 4, 'this quotation has no end: write a second ".'),
        ("(a", 0, "this ( has no )."),
        ("a )", 2, "there is no ( before this )."),
        ("()", 0, "there is nothing in these parentheses."),
        ("a OR", 4, "OR stands between two things to look for."),
        ("OR a", 0, "OR stands between two things to look for."),
        ("a NOT", 2, "there is nothing behind this NOT."),
        (
            "x /a+(b", 2,
            ("this pattern has no end: write a / behind it, and a / within it as \\/. What is no pattern "
            "stands in quotes."),
        ),
        ("/a(b/", 2, "this pattern cannot be read: missing ), unterminated subpattern."),
        (
            "a*b", 1,
            ("a * stands at the end of a word, for all words that begin so; put signs that are to be found "
            "in quotes."),
        ),
        ("(" * 30, 20, "this is nested too deep."),
        ("a" * 2001, 0, "the search has 2,001 characters; 2,000 are the most."),
    ],
)  # fmt: skip
def test_says_what_is_wrong_and_where(text, at, what):
    if what is None:
        assert parse(text) == Word("kind:")
        return
    with pytest.raises(QueryError, match=f"^{re.escape(what)}$") as caught:
        parse(text)
    assert caught.value.at == at


SIGNS = strategies.sampled_from(
    [
        '"',
        "/",
        "(",
        ")",
        "-",
        "*",
        ":",
        "\\",
        " ",
        "..",
        "OR ",
        "NOT ",
        "agent:",
        "turn:",
        "kind:say",
    ]
)


@given(strategies.lists(SIGNS | strategies.text(max_size=4), max_size=20).map("".join))
@example("/(?P<a>/ \\")
def test_never_crashes_and_reads_what_it_writes(text):
    try:
        query = parse(text)
    except QueryError:
        return
    assert parse(write(query)) == query


WORDS = strategies.text("abcdeé迷0123456789'.", min_size=1, max_size=6).filter(
    lambda text: any(char.isalnum() for char in text)
)
LEAVES = (
    strategies.builds(Word, WORDS, strategies.booleans())
    | strategies.builds(
        Phrase,
        strategies.text(min_size=1).filter(lambda t: any(c.isalnum() for c in t)),
        strategies.booleans(),
    )
    | strategies.builds(
        Field,
        strategies.sampled_from(["agent", "title", "run"]),
        strategies.text('ab "\\()*', min_size=1).filter(str.strip),
    )
    | strategies.builds(Field, strategies.just("kind"), strategies.sampled_from(CLASSES))
    | strategies.builds(
        Turns, strategies.integers(0, 9), strategies.integers(10, 99) | strategies.none()
    )
    | strategies.sampled_from([Regex("a+"), Regex(r"\/ [(]")])
)
QUERIES = strategies.recursive(
    LEAVES,
    lambda inner: (
        strategies.builds(lambda p: Not(p) if not isinstance(p, Not) else p, inner)
        | strategies.lists(
            inner.filter(lambda q: not isinstance(q, And)), min_size=2, max_size=4
        ).map(lambda p: And(tuple(p)))
        | strategies.lists(
            inner.filter(lambda q: not isinstance(q, Or)), min_size=2, max_size=4
        ).map(lambda p: Or(tuple(p)))
    ),
    max_leaves=8,
)


@given(QUERIES)
def test_what_is_written_is_read_back(query):
    assert parse(write(query)) == query
