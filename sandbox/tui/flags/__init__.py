"""What the watch noticed: listed, read with its evidence, judged, back-tested, reported."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.tui.flags.noticed import Noticed
    from sandbox.tui.flags.page import FlagsPage

__all__ = ["FlagsPage", "Noticed"]

_HOMES = {"FlagsPage": "page", "Noticed": "noticed"}


def __getattr__(name: str) -> object:
    # Lazy: what reads flags is of use without Textual.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
