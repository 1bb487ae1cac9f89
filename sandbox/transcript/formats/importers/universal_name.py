"""What the name of a UniversalBackrooms log says: models, template, local time of the start."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["LogName", "log_name"]

_NAME: Final = re.compile(
    r"(.+)_(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)(?: copy| ?\(\d+\))?\.(?:txt|md)"
)

_TWO_WORDS: Final = ("hermes_reasoning", "hermes4_reasoning")
"""Aliases that hold the separator."""


_ALIAS: Final = re.compile(
    r"(?:opus|sonnet|haiku)\d*|gpt-?\w*|o[134](?:-\w+)?|gemini[\w.-]*|\d+b-\w+|hermes\w*|k2|v3\d?"
    r"|grok\d?|25pro|oss|deepseek[\w.-]*|llama[\w.-]*|qwen[\w.-]*|mistral[\w.-]*"
)
"""What the forks call models. ``cli`` is none: templates are called so too."""


@dataclass(frozen=True, slots=True)
class LogName:
    """The parts of a name ``<alias>_<alias>_<template>_<YYYYmmdd>_<HHMMSS>.txt``.

    Aliases and templates are parted by the number of speakers: templates hold ``_`` too.
    """

    words: tuple[str, ...]
    started: str
    """ISO 8601, in a time zone that is not told."""

    def split(self, speakers: int) -> tuple[list[str], str | None]:
        """Return the aliases and the template, for this many speakers or more if more are named."""
        words = list(self.words)
        if not _ALIAS.fullmatch(words[0]):
            # A title that somebody wrote before it; only where enough models stand behind.
            known = [at for at, word in enumerate(words) if _ALIAS.fullmatch(word)]
            first = known[0] if known else 0
            if known[:speakers] == list(range(first, first + speakers)):
                words = words[first:]
        named = next((n for n, word in enumerate(words) if not _ALIAS.fullmatch(word)), 0)
        many = max(speakers, named)
        return words[:many], "_".join(words[many:]) or None


def log_name(name: str) -> LogName | None:
    """Read a file's name; None where it is no name of a log."""
    found = _NAME.fullmatch(name.rpartition("/")[2])
    if found is None:
        return None
    year, month, day, hour, minute, second = found.groups()[1:]
    words: list[str] = []
    for word in found[1].split("_"):
        if words and f"{words[-1]}_{word}" in _TWO_WORDS:
            words[-1] += f"_{word}"
        else:
            words.append(word)
    return LogName(tuple(words), f"{year}-{month}-{day}T{hour}:{minute}:{second}")
