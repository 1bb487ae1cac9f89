"""How far something long has come, on a terminal's last line."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["percent"]

_QUIET: Final = 0.5
"""Seconds: what is over sooner says nothing."""


@contextmanager
def percent(doing: str) -> Iterator[Callable[[float], None]]:
    """Lend a function that shows a share (0 to 1) on standard error, if that is a terminal."""
    began = time.monotonic()
    shown = -1

    def show(share: float) -> None:
        nonlocal shown
        now = int(share * 100)
        if now != shown and time.monotonic() - began >= _QUIET:
            shown = now
            print(f"\r{doing}: {now} % ", end="", file=sys.stderr, flush=True)

    if not sys.stderr.isatty():
        yield lambda share: None
        return
    try:
        yield show
    finally:
        if shown >= 0:
            print("\r\x1b[2K", end="", file=sys.stderr, flush=True)
