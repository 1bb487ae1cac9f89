"""Escapes: what agents say and do about the wall around them, on a ladder that only evidence climbs."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.detect.escape.ladder import OUTSIDE, Deed, Ladder, Rung, Witness, Words
    from sandbox.detect.escape.reading import read_bare, read_call, read_command, read_speech
    from sandbox.detect.escape.signs import RANKS, Level, Sign
    from sandbox.detect.escape.watch import EscapeWatch

__all__ = [
    "OUTSIDE",
    "RANKS",
    "Deed",
    "EscapeWatch",
    "Ladder",
    "Level",
    "Rung",
    "Sign",
    "Witness",
    "Words",
    "read_bare",
    "read_call",
    "read_command",
    "read_speech",
]

_HOMES = {
    "OUTSIDE": "ladder",
    "RANKS": "signs",
    "Deed": "ladder",
    "EscapeWatch": "watch",
    "Ladder": "ladder",
    "Level": "signs",
    "Rung": "ladder",
    "Sign": "signs",
    "Witness": "ladder",
    "Words": "ladder",
    "read_bare": "reading",
    "read_call": "reading",
    "read_command": "reading",
    "read_speech": "reading",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
