"""All there is to know of what the cursor is on, before it is launched or opened."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from sandbox.console.fields import clause
from sandbox.console.neutral import neutralise
from sandbox.tui.launch.check_rows import check_rows
from sandbox.tui.launch.checks import Check
from sandbox.tui.launch.earlier import RecentRun
from sandbox.tui.launch.override_form import OverrideForm
from sandbox.tui.launch.shelf import Entry
from sandbox.tui.titles import literal

__all__ = ["Card"]


class Card(VerticalScroll, can_focus=True):
    """Facts, checks, an estimate, and what can be overridden; of a run, how it ended."""

    def __init__(self) -> None:
        super().__init__()
        self.form = OverrideForm()
        self._facts = Static(markup=False)
        self._checks = Static(markup=False, classes="checks")
        self._estimate = Static(markup=False, classes="estimate")

    def compose(self) -> ComposeResult:
        yield self._facts
        yield self._checks
        yield self._estimate
        yield self.form

    def show(self, item: Entry | RecentRun | None, *, empty: str = "") -> None:
        """Show one item; None, and ``empty`` where nothing can be chosen. What was typed is gone."""
        self._checks.display = self._estimate.display = False
        self.form.empty()
        self.update(item, empty=empty)
        self.scroll_home(animate=False)

    def update(self, item: Entry | RecentRun | None, *, empty: str = "") -> None:
        """Show what is new about the same item."""
        if item is None:
            self.border_title = None
            self._facts.update(_EMPTY if not empty else Text(neutralise(empty)))
            self.form.display = False
        elif isinstance(item, RecentRun):
            self.border_title = literal(item.info.id)
            self._facts.update(_run(item))
            self.form.offer(("turns",), {})
        else:
            self.border_title = literal(item.where)
            self._facts.update(_entry(item))
            self.form.display = item.scenario is not None
            if item.scenario is not None:
                self.form.offer_all(item.scenario)

    def checks(self, checks: Sequence[Check], warnings: int) -> None:
        """Show how far the checks are."""
        self._checks.display = True
        self._checks.update(check_rows(checks, warnings))

    def estimate(self, sentence: str) -> None:
        """Show what the run will take."""
        self._estimate.display = True
        self._estimate.update(Text.assemble(("estimate  ", "dim"), sentence))


_EMPTY = Text.assemble(
    ("No scenarios here.\n\n", "bold"),
    "A whole scenario is five lines of YAML, in a file under scenarios/.\n\n",
    ("n", "bold cyan"),
    " makes one from a template.",
)


def _entry(entry: Entry) -> RenderableType:
    if entry.error:
        return Text.assemble(
            ("This file cannot be run.\n\n", "bold red"),
            neutralise(entry.error),
            ("\n\ne opens it where it is wrong.", "dim"),
        )
    if entry.scenario is None:
        return Text("Reading …", "dim")
    from sandbox.tui.launch.facts import facts_of  # the schema comes after the first paint

    return facts_of(entry.scenario, entry.warnings)


def _run(run: RecentRun) -> Text:
    info = run.info
    rows = [
        ("began", info.started[:19].replace("T", " ")),
        ("ended", info.end),
        ("turns", f"{info.turns:,}"),
        ("agents", ", ".join(info.agents[:40])),
        ("events", f"{info.events:,}, {info.size / 1e6:,.1f} MB"),
    ]
    if run.flags is not None:
        rows.append(("flags", f"{run.flags}"))
    if info.forked:
        rows.append(("fork of", info.forked))
    if info.imported:
        rows.append(("from", info.imported))
    rows.append(("record", str(info.folder)))
    text = Text.assemble((clause(info.title or info.id), "bold"), "\n\n")
    for label, value in rows:
        text.append(f"{label:<9}", "dim")
        text.append(f"{clause(value)}\n")
    opens = "watches it" if info.end == "running" else "replays it"
    return text.append(f"\nenter {opens}, r goes on with it", "dim")
