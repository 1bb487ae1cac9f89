"""A record on the screen: what can be read of it, whether it grows, and what of it is not whole."""

from __future__ import annotations

from pathlib import Path

from sandbox.transcript.record import Record
from sandbox.transcript.replay_record import RecordLog
from sandbox.tui.replay.readable import Readable
from sandbox.tui.replay.survey import Survey

__all__ = ["Source"]


class Source:
    """A run's record, opened twice: for the screen, and for the thread that reads it through.

    Raises:
        TranscriptError: there is no such record, or it may not be read.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._record = RecordLog(folder)
        self._beside = RecordLog(folder)
        self.log = Readable(self._record)
        self.survey = Survey(Readable(self._beside))
        self.growing = self._record.refresh()
        """Whether an engine still writes it."""

    def close(self) -> None:
        """Let go of the file; nobody may be reading it through."""
        self._record.close()
        self._beside.close()

    def refresh(self) -> bool:
        """Take note of what was written since; whether there is anything."""
        before = len(self.log)
        self.growing = self._record.refresh()
        return len(self.log) > before

    def refresh_beside(self) -> None:
        """The same for the survey, by its own thread."""
        self._beside.refresh()

    def next_turn(self, agent: str, position: int) -> int | None:
        """Find the next turn of an agent that begins at a position or behind it: its first event."""
        with Record(self.folder) as record:
            offers = record.of(kind="turn.offered", actor=agent, first=position + 2)
            found = next(offers, None)
        return None if found is None else min(found.seq - 1, len(self.log))

    @property
    def fault(self) -> str:
        """What cannot be played, in a sentence; empty if everything can."""
        if self.log.fault:
            return f"Played up to event {len(self.log):,}. {self.log.fault}"
        if self.growing:
            return ""
        with Record(self.folder) as record:
            torn = record.torn
        return f"The last {torn:,} bytes are torn off: all before them is played." if torn else ""
