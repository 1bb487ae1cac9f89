"""The score below the flags: that of the run whose flag is looked at, read beside the screen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from textual.message import Message
from textual.worker import get_current_worker

from sandbox.transcript.event import Event
from sandbox.tui.flags.timeline import Timeline, more_events, read_timeline
from sandbox.tui.room.score import Score
from sandbox.tui.room.score_model import ScoreModel
from sandbox.tui.titles import literal

__all__ = ["RunScore"]


class RunScore(Score):
    """Shows one run after the other; a run is read once for all of its flags."""

    @dataclass
    class Read(Message):
        """A run's score, or what it has grown by."""

        timeline: Timeline
        events: list[Event]

    def __init__(self) -> None:
        super().__init__(ScoreModel())
        self._timeline: Timeline | None = None
        self._wanted: tuple[Path, int] | None = None
        """The run to be shown, and the turn its cursor is to stand at."""

    @property
    def folder(self) -> Path | None:
        """Of the run that is shown; None before one was read."""
        return None if self._timeline is None else self._timeline.folder

    def show(self, folder: Path, turn: int) -> None:
        """Show a run, with a cursor at a turn."""
        before, self._wanted = self._wanted, (folder, turn)
        if folder == self.folder:
            self.place(turn)
        elif before is None or before[0] != folder:
            self.border_title = literal(f"Timeline   reading {folder.name} …")

            def work() -> None:
                worker = get_current_worker()
                found = read_timeline(folder, lambda: worker.is_cancelled)
                if found is not None:
                    self.post_message(self.Read(found, []))

            self.run_worker(work, name="score", group="score", thread=True, exclusive=True)

    def look(self) -> None:
        """Read what was written since; in a thread."""
        timeline = self._timeline
        if timeline is not None and (events := more_events(timeline)):
            self.post_message(self.Read(timeline, events))

    def on_run_score_read(self, event: Read) -> None:
        """Draw what was read, if it is still wanted."""
        event.stop()
        if event.timeline is self._timeline:
            event.timeline.take(event.events)
            self.tick()
        elif self._wanted is not None and event.timeline.folder == self._wanted[0]:
            self._timeline = event.timeline
            self.model = event.timeline.model
            self.border_title = literal(f"Timeline   {event.timeline.folder.name}")
            self.refresh(layout=True)
            self.place(self._wanted[1])
