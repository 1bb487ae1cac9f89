"""How far apart the events of a run are in a replay; no clock, no waiting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from sandbox.transcript.event import Event
from sandbox.transcript.kinds import SPEECH

__all__ = ["CAP", "UNTIMED", "delays", "moment", "pause"]

CAP: Final = 3.0
"""Seconds that a longer silence is cut to: a model's minute is nothing to watch."""

UNTIMED: Final = 1.0
"""Seconds before words whose time is not known, as in many imported runs: or all came at once."""


def delays(events: Iterable[Event], speed: float, cap: float) -> Iterator[tuple[float, Event]]:
    """Pair each event with the seconds to wait before it.

    Args:
        events: in the order of the record.
        speed: 1 as it was played, 2 twice as fast; infinite for no wait at all.
        cap: seconds of the record that a longer gap is cut to.
    """
    before: float | None = None
    first = True
    for event in events:
        at = moment(event)
        yield 0.0 if first else pause(before, at, event, cap) / speed, event
        before, first = at, False


def pause(before: float | None, at: float | None, event: Event, cap: float) -> float:
    """The seconds of replay between an event and the one before it.

    They depend on nothing but these two. A clock that went back is no wait.

    Args:
        before: moment of the event before it, None if not known.
        at: moment of the event itself, None if not known.
        event: what waits.
        cap: seconds that a longer silence is cut to.
    """
    if at is None:
        return min(UNTIMED, cap) if event.kind in SPEECH else 0.0
    return 0.0 if before is None else min(max(at - before, 0.0), cap)


def moment(event: Event) -> float | None:
    """When an event happened, in Unix seconds; None where the record does not say."""
    try:
        return datetime.fromisoformat(event.ts).timestamp()
    except (ValueError, OverflowError):
        return None
