"""The score of the run whose flag is looked at, read beside the screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.errors import TranscriptError
from sandbox.transcript.event import Event
from sandbox.transcript.record import Record
from sandbox.tui.room.score_model import ScoreModel

__all__ = ["Timeline", "more_events", "read_timeline"]

_LOOK: Final = 2_000
"""Events after which it is asked whether anybody still waits."""
_MOST: Final = 50_000
"""Events taken at one look; what is left comes with the next."""


@dataclass(slots=True)
class Timeline:
    """A run's score up to an event."""

    folder: Path
    model: ScoreModel
    last: int = 0

    def take(self, events: list[Event]) -> None:
        """Go on."""
        for event in events:
            if event.seq > self.last:
                self.model.take(event)
                self.last = event.seq


def read_timeline(folder: Path, stopped: Callable[[], bool]) -> Timeline | None:
    """Read a run through, up to what cannot be read; None if nobody waits for it any more."""
    timeline = Timeline(folder, ScoreModel())
    try:
        with Record(folder) as record:
            for event in record.events():
                timeline.model.take(event)
                timeline.last = event.seq
                if event.seq % _LOOK == 0 and stopped():
                    return None
    except (OSError, TranscriptError):
        return timeline  # what is whole of it; the list says what is not
    return timeline


def more_events(timeline: Timeline) -> list[Event]:
    """What was written since, for the thread that draws to take; nothing if it cannot be read."""
    events: list[Event] = []
    try:
        with Record(timeline.folder) as record:
            events.extend(record.events(timeline.last + 1, timeline.last + _MOST))
    except (OSError, TranscriptError):
        return events
    return events
