"""What the app's pages share: where the runs lie, who plays them, and what time it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from sandbox.clock import Clock, SystemClock
from sandbox.tui.launch.machine import Machine, ThisMachine
from sandbox.tui.launch.shelf import Entry, found
from sandbox.tui.player import Player, play
from sandbox.tui.playing import Listener, Playing
from sandbox.tui.settings import Settings

if TYPE_CHECKING:  # plans bring the schema of scenarios: after the first paint
    from sandbox.engine.plan import Plan, Played

__all__ = ["Desk", "Find"]

Find: TypeAlias = Callable[[], Sequence[Entry]]
"""Lists the scenario files to choose from."""


@dataclass(slots=True)
class Desk:
    """One for the whole app; a test sets what it needs to."""

    root: Path = Path("transcripts")
    """The folder of transcripts."""
    find: Find = found
    clock: Clock = field(default_factory=SystemClock)
    player: Player = play
    settings: Settings = field(default_factory=Settings)
    machine: Machine = field(default_factory=ThisMachine)
    """Asked for what a run needs before it is launched."""
    runs: list[Playing] = field(default_factory=list)
    """What is played, or was, in this process, in order."""
    ended: list[Played] = field(default_factory=list)
    """Those of them that have ended with a whole record."""

    def play(self, plan: Plan, listener: Listener) -> Playing:
        """Begin to play a plan; to be called in a running event loop."""
        playing = Playing(plan, self.player, listener)
        playing.task.add_done_callback(lambda task: self._note(playing))
        self.runs.append(playing)
        return playing

    @property
    def alive(self) -> list[Playing]:
        """What is being played here now."""
        return [playing for playing in self.runs if not playing.over]

    def _note(self, playing: Playing) -> None:
        task = playing.task
        if not task.cancelled() and task.exception() is None:
            self.ended.append(task.result())
