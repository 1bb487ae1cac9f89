"""Read a record while it is written, each event as soon as it is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from sandbox.transcript.event import Event
from sandbox.transcript.record import Record

__all__ = ["follow"]

_SOON: Final = 0.02
_LATE: Final = 0.5
"""Seconds between two looks: soon after something came, later the longer nothing does."""


def follow(
    record: Record, wait: Callable[[float], None], first: int = 1
) -> Iterator[tuple[Event, bytes]]:
    """Read events with their lines from number ``first`` on, until nobody writes the record any more.

    A run that has ended and is resumed at once goes on; one that was killed ends too.

    Args:
        record: refreshed here.
        wait: sleeps for some seconds.
        first: where to begin.

    Raises:
        Damaged: a line cannot be read.
    """
    pause = _SOON
    while True:
        held = record.held  # asked first: what an engine wrote before it let go is then seen
        record.refresh()
        came = False
        for event, line in record.lines(first):
            came, first = True, event.seq + 1
            yield event, line
        if came:
            pause = _SOON
        elif not held:
            return
        else:
            wait(pause)
            pause = min(pause * 2, _LATE)
