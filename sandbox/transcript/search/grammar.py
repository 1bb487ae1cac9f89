"""A search as people type it, read into a query; what is wrong is said with its place."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from typing import Final

from sandbox.errors import QueryError
from sandbox.transcript.codec import make_safe
from sandbox.transcript.search.fold import fold, words
from sandbox.transcript.search.query import (
    FIELDS,
    SEARCHED,
    SILENT,
    And,
    Field,
    Not,
    Or,
    Phrase,
    Query,
    Regex,
    Turns,
    Word,
)

__all__ = ["parse"]

_LONGEST: Final = 2000
_DEEPEST: Final = 20
_SPACE: Final = re.compile(r"\s*")
_BARE: Final = re.compile(r'[^\s()"]+')
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_PATTERN: Final = re.compile(r"/((?:[^/\\]|\\.)+)/(?=[\s()]|$)", re.DOTALL)
_ONLY_IN_PATTERNS: Final = re.compile(r"[\\^$|?+\[\]{}]")
_FIELD: Final = re.compile(r"([A-Za-z_]+):(?!//)(?=\S)")
_TURNS: Final = re.compile(r"(\d{1,9})|(\d{1,9})?\.\.(\d{1,9})?")
_DATE: Final = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d(:\d\d(:\d\d)?)?)?)?)?", re.ASCII)


def parse(text: str) -> Query:
    """Read a search.

    Side by side all must match; ``OR`` joins its two neighbours; ``-`` or ``NOT`` excludes;
    parentheses group. See docs/search.md.

    Raises:
        QueryError: what is wrong, where, and what may have been meant.
    """
    text = make_safe(
        text
    )  # SQLite takes no half a character, which bytes that are no UTF-8 come as
    if len(text) > _LONGEST:
        raise QueryError(f"the search has {len(text):,} characters; {_LONGEST:,} are the most.")
    reader = _Reader(text)
    query = reader.every(depth=0)
    if query is None:
        raise QueryError("there is nothing to look for: give words, or a field such as agent:bo.")
    return query


class _Reader:
    """A place in the text, going right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def fail(self, what: str, at: int) -> QueryError:
        return QueryError(what, text=self.text, at=at)

    def skip(self) -> str:
        """Go over spaces and return the character that follows, empty at the end."""
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.text[self.at : self.at + 1]

    def take(self, word: str) -> bool:
        """Go over a keyword, if it is what comes next."""
        self.skip()
        match = _BARE.match(self.text, self.at)
        if match is None or match[0] != word:
            return False
        self.at = match.end()
        return True

    def every(self, depth: int) -> Query | None:
        """Read up to the end or a closing parenthesis: all must match."""
        parts: list[Query] = []
        while (char := self.skip()) not in ("", ")"):
            if self.take("AND"):
                continue
            part = self.either(depth)
            parts.extend(part.parts if isinstance(part, And) else (part,))
        if char == ")" and not depth:
            raise self.fail("there is no ( before this ).", self.at)
        if not parts:
            return None
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def either(self, depth: int) -> Query:
        """Read one part, and those that OR joins to it."""
        parts = [self.part(depth)]
        while self.take("OR"):
            parts.append(self.part(depth))
        flat: list[Query] = []
        for part in parts:
            flat.extend(part.parts if isinstance(part, Or) else (part,))
        return flat[0] if len(flat) == 1 else Or(tuple(flat))

    def part(self, depth: int) -> Query:
        char = self.skip()
        start = self.at
        if char in ("", ")") or self.take("OR"):
            raise self.fail("OR stands between two things to look for.", start)
        follows = self.text[start + 1 : start + 2]
        # `--help` is something that people look for; to exclude what is excluded is not.
        minus = char == "-" and follows not in ("", "-", ")") and not follows.isspace()
        self.at += minus
        if minus or self.take("NOT"):
            if self.skip() in ("", ")"):
                raise self.fail("there is nothing behind this NOT.", start)
            if depth >= _DEEPEST:
                raise self.fail("this is nested too deep.", start)
            part = self.part(depth + 1)
            return part.part if isinstance(part, Not) else Not(part)
        if char == "(":
            return self.group(depth)
        if char == '"':
            return self.literal(self.quoted(), start)
        if char == "/" and (regex := self.regex()) is not None:
            return regex
        field = _FIELD.match(self.text, start)
        return self.bare() if field is None else self.field(field)

    def group(self, depth: int) -> Query:
        start = self.at
        if depth >= _DEEPEST:
            raise self.fail("this is nested too deep.", start)
        self.at += 1
        query = self.every(depth + 1)
        if not self.text.startswith(")", self.at):
            raise self.fail("this ( has no ).", start)
        self.at += 1
        if query is None:
            raise self.fail("there is nothing in these parentheses.", start)
        return query

    def quoted(self) -> str:
        match = _QUOTED.match(self.text, self.at)
        if match is None:
            raise self.fail('this quotation has no end: write a second ".', self.at)
        self.at = match.end()
        return re.sub(r'\\(["\\])', r"\1", match[1])

    def prefix(self) -> bool:
        found = self.text.startswith("*", self.at)
        self.at += found
        return found

    def literal(self, text: str, start: int) -> Phrase:
        if not fold(text).strip():
            raise self.fail("there is nothing to look for in this.", start)
        return Phrase(text, self.prefix())

    def regex(self) -> Regex | None:
        """Read a pattern; None if this is a path."""
        start = self.at
        match = _PATTERN.match(self.text, start)
        if match is None:
            bare = _BARE.match(self.text, start)
            if bare is not None and _ONLY_IN_PATTERNS.search(bare[0]):
                raise self.fail(
                    "this pattern has no end: write a / behind it, and a / within it as \\/. "
                    "What is no pattern stands in quotes.",
                    start,
                )
            return None
        try:
            with warnings.catch_warnings(action="ignore"):
                re.compile(match[1], re.IGNORECASE)
        except re.error as error:
            raise self.fail(
                f"this pattern cannot be read: {error.msg}.", start + 1 + (error.pos or 0)
            ) from None
        except (RecursionError, OverflowError):
            raise self.fail("this pattern is too large.", start) from None
        self.at = match.end()
        return Regex(match[1])

    def bare(self) -> Word | Phrase:
        start = self.at
        match = _BARE.match(self.text, start)
        assert match is not None  # what else begins here was looked at before
        word = match[0]
        self.at = match.end()
        if word.endswith("*") and "*" not in word[:-1] and words(word):
            return Word(word[:-1], prefix=True)
        if "*" in word:
            raise self.fail(
                "a * stands at the end of a word, for all words that begin so; "
                "put signs that are to be found in quotes.",
                start + word.index("*"),
            )
        if word.startswith("--") or not words(word):
            return self.literal(word, start)
        return Word(word)

    def field(self, match: re.Match[str]) -> Field | Turns:
        start, name = self.at, match[1].lower()
        if name not in FIELDS:
            near = _nearest(name, FIELDS)
            remedy = f"Did you mean '{near}:'?" if near else f"Fields: {', '.join(FIELDS)}."
            raise self.fail(
                f"'{match[1]}' is no field. {remedy} Words with a : stand in quotes.", start
            )
        self.at = at = match.end()
        bare = _BARE.match(self.text, at)
        if self.text[at] == '"':
            value = self.quoted()
        elif bare is not None:
            value = bare[0]
            self.at = bare.end()
        else:
            value = ""
        if not value.strip():
            raise self.fail(f"'{name}:' needs a value: {FIELDS[name]}.", at)
        if name == "turn":
            return self.turns(value, at)
        if name in {"after", "before"} and not _DATE.fullmatch(value):
            raise self.fail(
                f"{value!r:.60} is no date: write 2026, 2026-11, 2026-11-21 or 2026-11-21T13:05.",
                at,
            )
        if name == "kind":
            self.check_kind(value, at)
        return Field(name, value)

    def turns(self, value: str, at: int) -> Turns:
        match = _TURNS.fullmatch(value)
        if match is None or value == "..":
            raise self.fail(
                f"{value!r:.60} is no turn: write 7, 7..12, 7.. (and later) or ..12 (and earlier).",
                at,
            )
        one, first, last = (None if part is None else int(part) for part in match.groups())
        if one is not None:
            return Turns(one, one)
        if first is not None and last is not None and first > last:
            raise self.fail(
                f"no turn is from {first} on and up to {last}: write {last}..{first}.", at
            )
        return Turns(first, last)

    def check_kind(self, value: str, at: int) -> None:
        if value in SEARCHED:
            return
        if value in SILENT:
            raise self.fail(f"nobody says anything in '{value}', so that it is not searched.", at)
        near = _nearest(value, SEARCHED)
        remedy = (
            f"Did you mean '{near}'?"
            if near
            else f"It is one of {', '.join(SEARCHED[:8])}, or a kind of event."
        )
        raise self.fail(f"{value!r:.60} is no kind. {remedy}", at)


def _nearest(word: str, known: Iterable[str]) -> str | None:
    from sandbox.scenario.suggest import nearest  # loads YAML, and is needed after a mistake only

    return nearest(word, known)
