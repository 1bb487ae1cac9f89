"""What was run in this box by tools and by the house, for the house to ask: the box's own word."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any, Final

__all__ = ["note", "take"]

MOST: Final = 40
"""Programs that are remembered until the house asks; the oldest are forgotten."""
WORDS: Final = 64
CHARACTERS: Final = 2000
"""Of all the words of one: whatever they are, what is remembered fits into one frame."""

_RUN: deque[dict[str, Any]] = deque(maxlen=MOST)


def note(argv: Sequence[str], folder: str, pid: int, code: int | None, seconds: float) -> None:
    """Remember a program that has ended; ``code`` is negative for a signal and None if it was stopped."""
    words, left = [], CHARACTERS
    for word in argv[:WORDS]:
        words.append(word[:left])
        left -= len(words[-1])
    _RUN.append({"argv": words, "cwd": folder, "pid": pid, "exit": code, "seconds": seconds})


def take() -> list[dict[str, Any]]:
    """Give what was remembered, the oldest first, and forget it."""
    return [_RUN.popleft() for _ in range(len(_RUN))]
