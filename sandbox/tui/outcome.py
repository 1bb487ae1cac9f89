"""What came of a run, and where its transcript lies."""

from __future__ import annotations

from rich.text import Text
from textual.widgets import Static

from sandbox.console.neutral import neutralise
from sandbox.engine.plan import Played
from sandbox.tui.paint import safe

__all__ = ["Outcome"]


class Outcome(Static):
    """Empty and out of sight until the run is over."""

    def __init__(self) -> None:
        super().__init__(markup=False)
        self.display = False

    def ended(self, played: Played) -> None:
        """The run was played, to its end or until it was stopped."""
        self._say(
            Text.assemble(
                (f"The run has ended: {safe(played.detail or played.reason)}.\n", "bold"),
                ("transcript  ", "dim"),
                f"{safe(played.folder)}\n",
                ("last hash   ", "dim"),
                f"{safe(played.last_hash)}\n",
                ("backrooms replay last   plays it again", "dim"),
            )
        )

    def failed(self, sentences: str) -> None:
        """The run could not be played, or broke."""
        self._say(Text.assemble(("The run could not go on.\n", "bold red"), neutralise(sentences)))

    def given_up(self) -> None:
        """The run was stopped while it was being prepared."""
        self._say(Text("The run was stopped before it began.", "bold"))

    def _say(self, words: Text) -> None:
        self.update(words)
        self.display = True
