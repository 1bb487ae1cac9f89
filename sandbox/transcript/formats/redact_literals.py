"""Many known values, found in one pass over a text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from sandbox.transcript.formats.redact_patterns import Found, Tag

__all__ = ["Literals"]

_WORDS: Final[frozenset[str]] = frozenset({"name", "user", "host"})
"""Found as words and in any case: *bo* is not in *about*, but in *bo_notes.txt* and *Bo's*."""
_DEPTH: Final = 4


class Literals:
    """Finds values wherever they stand: keys, paths and addresses in anything, names as words."""

    def __init__(self, values: Mapping[str, Tag]) -> None:
        words = {value: tag for value, tag in values.items() if tag in _WORDS}
        exact = {value: tag for value, tag in values.items() if tag not in _WORDS}
        self._words = {value.lower(): (value, tag) for value, tag in words.items()}
        self._exact = exact
        self._find_words = _any_of(self._words, r"(?<![^\W_])", r"(?![^\W_])", re.IGNORECASE)
        self._find_exact = _any_of(exact, "", "", re.NOFLAG)

    def find(self, text: str) -> Iterator[Found]:
        """Find every value, each at its longest."""
        if self._find_exact is not None:
            for match in self._find_exact.finditer(text):
                yield Found(self._exact[match[0]], match[0], *match.span())
        if self._find_words is not None:
            for match in self._find_words.finditer(text):
                value, tag = self._word(match[0])
                yield Found(tag, value, *match.span())

    def _word(self, found: str) -> tuple[str, Tag]:
        known = self._words.get(found.lower())
        if known is not None:
            return known
        # Letters that a search takes for each other though neither is the other in lower case.
        same = re.IGNORECASE
        return next(
            each for word, each in self._words.items() if re.fullmatch(re.escape(word), found, same)
        )


def _any_of(
    values: Collection[str], before: str, behind: str, flags: re.RegexFlag
) -> re.Pattern[str] | None:
    if not values:
        return None
    longest_first = sorted(values, key=lambda value: (-len(value), value))
    return re.compile(f"{before}{_branch(longest_first, 0)}{behind}", flags)


def _branch(values: Sequence[str], depth: int) -> str:
    """Part values by their first letters, so that a letter of a text is compared with a few of them.

    Only to a fixed depth: values may be long, many, and made to share their beginnings.
    """
    if len(values) == 1 or depth == _DEPTH:
        return f"(?:{'|'.join(map(re.escape, values))})"
    parts: dict[str, list[str]] = {}
    for value in values:
        parts.setdefault(value[:1], []).append(value[1:])
    ended = parts.pop("", None)
    branches = [re.escape(first) + _branch(rest, depth + 1) for first, rest in parts.items()]
    return f"(?:{'|'.join(branches)})" + ("?" if ended else "") if branches else ""
