"""Where words and phrases stand in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Final, TypeAlias

from sandbox.transcript.search.fold import (
    BETWEEN_WORDS,
    IN_WORD,
    LONGEST_WORD,
    fold,
    fold_with_places,
    words,
)
from sandbox.transcript.search.query import And, Or, Phrase, Query, Regex, Word

__all__ = ["Span", "marks", "places"]

Span: TypeAlias = tuple[int, int]

_MARKS: Final = 100
"""Places marked in one text for each thing looked for."""

_IN_WORD: Final = re.compile(IN_WORD)


def places(part: Word | Phrase, folded: str) -> Iterator[Span]:
    """Find a word or a phrase in a folded text, from left to right."""
    for match in _pattern(part).finditer(folded):
        yield match.span()


def marks(query: Query, text: str, found: Mapping[str, Sequence[Span]]) -> list[Span]:
    """The places of a text that are to be marked: of what is looked for, and not of what is excluded.

    Args:
        query: what the text matches.
        text: as it was recorded; the places count its characters.
        found: where each pattern of the query is.
    """
    folded, original = fold_with_places(text)
    spans: list[Span] = []
    for part in _wanted(query):
        if isinstance(part, Regex):
            spans += found.get(part.pattern, ())
        else:
            near = islice(places(part, folded), _MARKS)
            spans += [(original[start], original[end]) for start, end in near]
    return _joined(spans)


@lru_cache(maxsize=256)
def _pattern(part: Word | Phrase) -> re.Pattern[str]:
    if isinstance(part, Word):
        *front, last = words(part.text)
        whole = [_whole(re.escape(word), word, open_end=_is_cut(word)) for word in front]
        whole.append(_whole(re.escape(last), last, open_end=part.prefix or _is_cut(last)))
        return re.compile(BETWEEN_WORDS.join(whole))
    folded = fold(part.text).strip()
    inner = r"\s+".join(map(re.escape, folded.split()))
    return re.compile(_whole(inner, folded, open_end=part.prefix))


def _whole(pattern: str, text: str, *, open_end: bool) -> str:
    """The pattern of a text that does not begin within a word, nor end in one, unless it may go on."""
    before = f"(?<!{IN_WORD})" if _IN_WORD.match(text[0]) else ""
    if not _IN_WORD.match(text[-1]):
        return before + pattern
    return before + pattern + (f"(?:{IN_WORD})*" if open_end else f"(?!{IN_WORD})")


def _is_cut(word: str) -> bool:
    """Whether a word may have been longer than what counts of it."""
    return len(word) == LONGEST_WORD


def _wanted(query: Query) -> Iterator[Word | Phrase | Regex]:
    match query:
        case Word() | Phrase() | Regex():
            yield query
        case And(parts) | Or(parts):
            for part in parts:
                yield from _wanted(part)
        case _:
            return


def _joined(spans: list[Span]) -> list[Span]:
    """Put spans in order, and those that touch together."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif start < end:
            joined.append((start, end))
    return joined
