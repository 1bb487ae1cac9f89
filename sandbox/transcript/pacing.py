"""When each event of a run is due in a replay; no clock, no waiting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from sandbox.transcript.event import Event

__all__ = ["delays"]


def delays(events: Iterable[Event], speed: float, cap: float) -> Iterator[tuple[float, Event]]:
    """Pair each event with the seconds to wait before it.

    Args:
        events: in the order of the record. A clock that went back, or a time that cannot be read,
            is no wait.
        speed: 1 as it was played, 2 twice as fast; infinite for no wait at all.
        cap: seconds of the record that a longer gap is cut to.
    """
    before: float | None = None
    for event in events:
        at = _seconds(event.ts)
        gap = 0.0 if at is None or before is None else min(max(at - before, 0.0), cap)
        yield gap / speed, event
        before = before if at is None else at


def _seconds(ts: str) -> float | None:
    try:
        return datetime.fromisoformat(ts).timestamp()
    except (ValueError, OverflowError):
        return None
