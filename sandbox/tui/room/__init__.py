"""The room at a glance: who does what now, and what every agent did over the turns."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.tui.room.doings import Doing, Doings
    from sandbox.tui.room.roster import Roster
    from sandbox.tui.room.scale import Scale
    from sandbox.tui.room.score import Score
    from sandbox.tui.room.score_model import ScoreModel

__all__ = ["Doing", "Doings", "Roster", "Scale", "Score", "ScoreModel"]

_HOMES = {
    "Doing": "doings",
    "Doings": "doings",
    "Roster": "roster",
    "Scale": "scale",
    "Score": "score",
    "ScoreModel": "score_model",
}


def __getattr__(name: str) -> object:
    # Lazy: the models are of use without Textual.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
