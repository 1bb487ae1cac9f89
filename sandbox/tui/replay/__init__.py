"""A recorded run played again on the screen: any place of it at once, at any speed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.tui.replay.page import ReplayPage
    from sandbox.tui.replay.telling import Cues, Telling

__all__ = ["Cues", "ReplayPage", "Telling"]

_HOMES = {"Cues": "telling", "ReplayPage": "page", "Telling": "telling"}


def __getattr__(name: str) -> object:
    # Lazy: what tells a part of a run is of use without Textual.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
