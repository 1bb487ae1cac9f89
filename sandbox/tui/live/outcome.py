"""What came of a run, and where its transcript lies."""

from __future__ import annotations

from typing import Final

from rich.text import Text
from textual.widgets import Static

from sandbox.console.fields import clause
from sandbox.console.lines import shorten
from sandbox.console.neutral import neutralise
from sandbox.engine.plan import Played

__all__ = ["Outcome"]

_LONGEST: Final = 2_000
"""Characters shown of an error, which may quote an agent."""


class Outcome(Static):
    """Empty and out of sight until the run is over."""

    def __init__(self) -> None:
        super().__init__(markup=False)
        self.display = False

    def ended(self, played: Played, *, covered: bool) -> None:
        """The run was played, to its end or until it was stopped.

        Args:
            played: what came of it.
            covered: whether a replay lies over the list of runs.
        """
        there = (
            "3 shows the replay that is open there; once escape has closed it, the runs"
            if covered
            else "3 lists it among the runs, to replay, fork and compare it"
        )
        self._say(
            Text.assemble(
                (f"The run has ended: {clause(played.detail or played.reason)}.\n", "bold"),
                ("transcript  ", "dim"),
                f"{clause(played.folder)}\n",
                ("last hash   ", "dim"),
                f"{clause(played.last_hash)}\n",
                (there, "dim"),
            )
        )

    def failed(self, sentences: str) -> None:
        """The run could not be played, or broke."""
        self._say(
            Text.assemble(
                ("The run could not go on.\n", "bold red"), neutralise(shorten(sentences, _LONGEST))
            )
        )

    def lost(self, run: str, seq: int) -> None:
        """Its engine is gone, and the record has no end."""
        self._say(
            Text.assemble(
                ("The engine of this run is gone.\n", "bold red"),
                f"What it recorded is whole up to event {seq:,}.\n",
                (f"backrooms resume {clause(run)}   goes on with it", "dim"),
            )
        )

    def given_up(self) -> None:
        """The run was stopped while it was being prepared."""
        self._say(Text("The run was stopped before it began.", "bold"))

    def _say(self, words: Text) -> None:
        self.update(words)
        self.display = True
