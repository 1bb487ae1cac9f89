"""How far a run is, and the one word that the heading has for it."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from sandbox.console.status import duration
from sandbox.engine.state import State
from sandbox.tui.heading import Tone

__all__ = ["OVER", "Phase", "pill"]

Phase: TypeAlias = Literal["preparing", "reading", "live", "ended", "failed", "lost"]
"""``reading`` is its past, ``lost`` that its engine is gone without an end."""

OVER: Final[frozenset[Phase]] = frozenset({"ended", "failed", "lost"})
"""There is nothing left to stop."""

_TONES: Final[dict[Phase, Tone]] = {
    "preparing": "warning",
    "reading": "warning",
    "live": "live",
    "ended": "good",
    "failed": "bad",
    "lost": "bad",
}


def pill(phase: Phase, state: State, away: float | None) -> tuple[str, Tone]:
    """The word and its tone.

    Args:
        phase: of the run.
        state: as far as its events have come.
        away: seconds since the link was lost; None while there is one.
    """
    if phase == "lost":
        return "ENGINE GONE", "bad"
    if away is not None and phase not in OVER:
        return (
            f"reconnecting {away:.0f} s" if away < 60 else f"reconnecting {duration(away)}",
            "bad",
        )
    if phase != "live":
        return phase.upper(), _TONES[phase]
    if state.held and state.stands:
        return f"{len(state.held)} HELD", "warning"
    if state.paused:
        return ("PAUSED" if state.stands else "PAUSING"), "warning"
    if state.stands:
        return "NOBODY MAY SPEAK", "warning"
    return "LIVE", "live"
