"""Back-test: a threshold to move, and the hits that would be left of a detector's flags."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget

from sandbox.console.ends import count
from sandbox.console.fields import clause
from sandbox.tui.flags.trial import SCOPES, THRESHOLDS, Trial

__all__ = ["TrialPane"]


class TrialPane(Widget, can_focus=True):
    """Out of sight until asked for. Moving the threshold costs nothing; another scope reads runs."""

    HELP = (
        "The detector of this flag is run again, as it is here and now, over runs that are there already."
        " Left and right move the level from which on a flag counts; up and down choose the runs."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "threshold(-1)", "Lower", show=False, tooltip="Lower level", id="trial.lower"),
        Binding("right,l", "threshold(1)", "Higher", show=False, tooltip="Higher level", id="trial.higher"),
        Binding("up,k", "scope(-1)", "Fewer runs", show=False, tooltip="Over fewer runs", id="trial.fewer"),
        Binding("down,j", "scope(1)", "More runs", show=False, tooltip="Over more runs", id="trial.more"),
        Binding("enter", "again", "Count", show=False, tooltip="Count anew", id="trial.count"),
    ]  # fmt: skip

    @dataclass
    class Asked(Message):
        """The reader wants a count over these runs."""

        id: str
        scope: str

    def __init__(self) -> None:
        super().__init__()
        self.display = False
        self.border_title = "Back-test"
        self.border_subtitle = "left right level   up down runs   b closes"
        self.detector = ""
        self.scope = SCOPES[0]
        self.threshold = THRESHOLDS[2]
        self.trial: Trial | None = None

    def open(self, id: str, level: str) -> None:
        """Try the detector of a flag, from its own level on."""
        self.detector, self.trial = id, None
        level = level.partition(".")[0]
        self.threshold = level if level in THRESHOLDS else THRESHOLDS[0]
        self.display = True
        self.focus()
        self.action_again()

    def show(self, trial: Trial) -> None:
        """Show how far it has come."""
        if trial.detector == self.detector:
            self.trial = trial
            self.refresh()

    def action_threshold(self, by: int) -> None:
        """Take another level; nothing is read."""
        at = THRESHOLDS.index(self.threshold) + by
        self.threshold = THRESHOLDS[max(0, min(at, len(THRESHOLDS) - 1))]
        self.refresh()

    def action_scope(self, by: int) -> None:
        """Take other runs, and count."""
        at = max(0, min(SCOPES.index(self.scope) + by, len(SCOPES) - 1))
        if SCOPES[at] != self.scope:
            self.scope = SCOPES[at]
            self.action_again()

    def action_again(self) -> None:
        """Count anew."""
        self.trial = None
        self.post_message(self.Asked(self.detector, self.scope))
        self.refresh()

    def render(self) -> Text:
        return Text("\n").join(self._lines())

    def _lines(self) -> Iterator[Text]:
        trial, at = self.trial, THRESHOLDS.index(self.threshold)
        yield Text.assemble((clause(self.detector), "bold"), ("  as its detector is now", "dim"))
        yield Text.assemble(
            ("threshold  ", "dim"), ("< " if at else "  "), (f" {self.threshold} ", "bold black on yellow"),
            (" >" if at < len(THRESHOLDS) - 1 else ""),
        )  # fmt: skip
        yield Text("  ").join(
            Text(f"[{scope}]" if scope == self.scope else f" {scope} ", "bold" if scope == self.scope else "dim")
            for scope in SCOPES
        )  # fmt: skip
        if trial is None:
            yield Text("Reading …", "dim")
            return
        if trial.problem:
            yield Text(clause(trial.problem), "bold red")
            return
        hits = Text.assemble("hits now ", (f"{trial.hits(self.threshold):,}", "bold"))
        for other in (THRESHOLDS[i] for i in (at - 1, at + 1) if 0 <= i < len(THRESHOLDS)):
            hits.append(f"   at {other} {trial.hits(other):,}", "dim")
        yield hits
        if trial.over:
            yield Text(f"in {trial.runs_hit(self.threshold):,} of {count(trial.of, 'run')}", "dim")
        else:
            yield Text(f"run {trial.done + 1:,} of {trial.of:,} …   esc stops", "bold yellow")
        share = trial.precision
        if share.n:
            yield Text(
                f"precision {share.hits:,}/{share.n:,} judged, "
                f"{share.low:.2f} to {share.high:.2f}   recall unknown"
            )
        else:
            yield Text("precision unknown: none was judged   recall unknown", "dim")
        if trial.unreadable:
            yield Text(f"{count(trial.unreadable, 'run')} cannot be read", "bold yellow")
