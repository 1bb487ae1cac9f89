"""The first page: what can be run, whether it would, and what it will take; and the last runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final, TypeVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input
from textual.worker import get_current_worker

from sandbox.errors import BackroomsError, UsageError
from sandbox.tui.launch.card import Card
from sandbox.tui.launch.checks import Check, due, run_checks, worst
from sandbox.tui.launch.earlier import RecentRun, past_runs, recent_runs
from sandbox.tui.launch.estimate import estimate, told
from sandbox.tui.launch.launch_list import LaunchList
from sandbox.tui.launch.override_form import OverrideForm
from sandbox.tui.launch.overrides import Overridden, overridden
from sandbox.tui.launch.shelf import Entry, read
from sandbox.tui.page import Page
from sandbox.tui.places import Place, Played, Replayed, Watched

if TYPE_CHECKING:
    from sandbox.scenario.schema import Scenario
    from sandbox.scenario.template import Template
    from sandbox.transcript.runs import RunInfo
    from sandbox.tui.desk import Desk

__all__ = ["LaunchPage"]

T = TypeVar("T", Entry, RecentRun, Entry | RecentRun)

_REST: Final = 0.15
"""Seconds that the cursor, or the typing, rests before anybody is asked."""


class LaunchPage(Page):
    """The list on one side, all there is to know of the item at the cursor on the other."""

    MODE = "launch"
    CSS_PATH = "launch.tcss"
    ABOUT = (
        "Choose what to run. What a scenario holds, what is wrong with it, and what it still needs"
        " stands beside it. Values for one run can be typed below; nothing is written to the file."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Launch", tooltip="Launch it; open a run", id="launch.launch"),
        Binding("d", "dry_run", "Dry run", tooltip="Three turns, no models", id="launch.dry"),
        Binding(
            "o", "override", "Override", tooltip="Other values for one run", id="launch.override"
        ),
        Binding("e", "edit", "Edit", tooltip="Edit the scenario", id="launch.edit"),
        Binding("n", "new", "New", tooltip="A new scenario from a template", id="launch.new"),
        Binding("D", "duplicate", "Duplicate", show=False, tooltip="Edit a copy", id="launch.copy"),
        Binding("slash", "filter", "Filter", key_display="/", tooltip="Filter", id="launch.filter"),
        Binding("r", "resume", "Resume", tooltip="Go on with this run", id="launch.resume"),
        Binding(
            "R", "read_again", "Read again", show=False, tooltip="Read all anew", id="launch.read"
        ),
    ]

    @dataclass
    class WasRead(Message):
        """One file was read."""

        entry: Entry

    @dataclass
    class HasRuns(Message):
        """The runs were listed, all of them, and the last looked at."""

        all: Sequence[RunInfo]
        recent: Sequence[RecentRun]

    @dataclass
    class Estimated(Message):
        """What a run of this scenario will take."""

        sentence: str

    def __init__(self, desk: Desk, place: Place | None = None) -> None:
        super().__init__(desk, place)
        self.list = LaunchList()
        self.card = Card()
        self.field = Input(placeholder="filter", compact=True, classes="filter")
        self._found = 0
        self._runs: Sequence[RunInfo] = ()
        self._checks: list[Check] = []
        self._checked_run: Overridden | None = None
        self._warned: Overridden | None = None
        self._resting: Timer | None = None

    def body(self) -> ComposeResult:
        with Container(classes="columns"):
            with Vertical(classes="choice"):
                yield self.field
                yield self.list
            yield self.card

    def on_mount(self) -> None:
        """Show the names at once; what the files hold comes in one by one."""
        self.field.display = False
        self.action_read_again()
        self.list.focus()

    def on_screen_resume(self) -> None:
        """Come back: a run may have ended, a file may have been saved."""
        if self._found:
            self.action_read_again()

    @property
    def looking(self) -> bool:
        """Whether something is still to be read or asked."""
        return self._resting is not None or any(
            worker.node is self and not worker.is_finished for worker in self.workers
        )

    # --- reading

    def action_read_again(self) -> None:
        """Look for files and runs, and read them."""
        entries = self.desk.find()
        self._found = len(entries)
        now = self.desk.clock.now()
        own = [entry for entry in entries if not entry.path.is_absolute()]
        ships = [entry for entry in entries if entry.path.is_absolute()]
        self.list.fill("yours", own, now)
        self.list.fill("come with Backrooms", ships, now)
        self.run_worker(partial(self._read, entries), name="read", thread=True, exclusive=True)

    def _read(self, entries: Sequence[Entry]) -> None:
        worker = get_current_worker()
        for entry in entries:
            if worker.is_cancelled:
                return
            self.post_message(self.WasRead(read(entry)))
        from sandbox.transcript.runs import list_runs  # the record's code, after the first paint

        runs = list_runs(self.desk.root)
        self.post_message(self.HasRuns(runs, recent_runs(runs)))

    @on(WasRead)
    def _put(self, event: WasRead) -> None:
        self.list.put(event.entry)

    @on(HasRuns)
    def _put_runs(self, event: HasRuns) -> None:
        self._runs = event.all
        self.list.fill("last runs", event.recent, self.desk.clock.now())

    @on(LaunchList.Pointed)
    def _show(self, event: LaunchList.Pointed) -> None:
        filtered = bool(self.field.value)
        self.card.show(event.item, empty="Nothing here matches the filter." if filtered else "")
        self._warned = None
        self.refresh_bindings()
        self._look_soon()

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002  # Textual's signature
    ) -> bool | None:
        """Offer what can be done with a run, or with a scenario."""
        run = isinstance(self.list.item, RecentRun)
        if action == "resume":
            return run
        return not run if action in {"dry_run", "duplicate"} else True

    def _look_soon(self) -> None:
        """Look once the cursor rests: who goes through the list asks nobody."""
        self.workers.cancel_group(self, "checks")
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(_REST, self._look, name="look")

    def _look(self) -> None:
        """Check and estimate what would be played now."""
        self._resting = None
        chosen = self._chosen_run()
        if chosen is None:
            self._checks = []
            return
        self._checks, self._checked_run = due(chosen.scenario), chosen
        self._tell_checks()
        guess = partial(self._estimate, chosen.scenario, self._runs)
        self.run_worker(guess, name="estimate", group="estimate", thread=True, exclusive=True)
        self._check(chosen)

    @work(name="checks", group="checks", exclusive=True)
    async def _check(self, chosen: Overridden) -> None:
        tell = partial(self._checked, chosen)
        await run_checks(chosen.scenario, chosen.tier, chosen.root, self.desk.machine, tell)

    def _estimate(self, scenario: Scenario, runs: Sequence[RunInfo]) -> None:
        worker = get_current_worker()
        found = estimate(past_runs(runs, scenario), scenario.limits)
        if not worker.is_cancelled:
            self.post_message(self.Estimated(told(found)))

    @on(Estimated)
    def _show_estimate(self, event: Estimated) -> None:
        if self._checks:
            self.card.estimate(event.sentence)

    def _checked(self, chosen: Overridden, done: Check) -> None:
        if chosen != self._checked_run:
            return  # the cursor has gone on
        key = (done.name, done.subject)
        self._checks = [done if (c.name, c.subject) == key else c for c in self._checks]
        self._tell_checks()

    def _tell_checks(self) -> None:
        item = self.list.item
        self.card.checks(self._checks, len(item.warnings) if isinstance(item, Entry) else 0)
        bad = worst(self._checks)
        due_still = any(check.found is None for check in self._checks)
        word = "not ready" if bad else "checking" if due_still else "ready"
        self.heading.state(word, "bad" if bad else "calm" if due_still else "good")

    # --- what is chosen

    def _chosen_run(self) -> Overridden | None:
        """What would be played; None where the cursor is on no scenario, or what was typed cannot be."""
        item = self.list.item
        if not isinstance(item, Entry) or item.scenario is None:
            self.heading.state("")
            return None
        try:
            chosen = overridden(item.scenario, self.card.form.typed, self.desk.root)
        except UsageError as error:
            self.card.form.complain(str(error))
            return None
        self.card.form.complain("")
        return chosen

    @on(OverrideForm.Changed)
    def _typed(self) -> None:
        self._warned = None
        self._chosen_run()
        self._look_soon()

    @on(OverrideForm.Done)
    def _back(self) -> None:
        self.list.focus()

    def action_override(self) -> None:
        """Type other values for one run."""
        if self.card.form.display:
            self.card.form.focus_first()
            self.card.form.scroll_visible(animate=False)

    def action_filter(self) -> None:
        """Type what to look for in the list."""
        self.field.display = True
        self.field.focus()

    @on(Input.Changed, ".filter")
    def _filter(self, event: Input.Changed) -> None:
        event.stop()
        self.list.look_for(event.value)

    @on(Input.Submitted, ".filter")
    def _filtered(self, event: Input.Submitted) -> None:
        event.stop()
        self.field.display = bool(self.field.value)
        self.list.focus()

    def key_escape(self) -> None:
        """Show the whole list again."""
        self.field.value = ""
        self.field.display = False
        self.list.focus()

    def key_down(self) -> None:
        """From the filter into what it has found."""
        if self.field.has_focus:
            self.list.focus()

    # --- doing something with it

    def action_choose(self) -> None:
        """Launch or open the item at the cursor, wherever the focus is."""
        if self.list.item is not None:
            self._choose(self.list.item)

    @on(LaunchList.Chosen)
    def _chosen(self, event: LaunchList.Chosen) -> None:
        self._choose(event.item)

    def _choose(self, item: Entry | RecentRun) -> None:
        if isinstance(item, RecentRun):
            running = item.info.end == "running"
            self.go(Watched(item.info.id) if running else Replayed(item.info.folder))
        elif item.error:
            self.flash("This file cannot be run: what is wrong stands beside it.", "warning")
        elif (chosen := self._chosen_run()) is not None:
            self._launch(chosen)

    def _launch(self, chosen: Overridden) -> None:
        from sandbox.tui.launch.plans import plan_for

        bad = worst(self._checks)
        if bad is not None and bad.found is not None and self._warned != chosen:
            self._warned = chosen
            self.flash(
                f"{bad.subject or bad.name}: {bad.found.what}. Enter again tries it all the same.",
                "warning",
            )
            return
        try:
            plan = plan_for(chosen.scenario, chosen.root, chosen.tier)
        except BackroomsError as error:
            self.flash(str(error), "bad")
            return
        self.go(Played(plan))

    def action_dry_run(self) -> None:
        """Play three turns with stand-ins for the models, and no boxes."""
        from sandbox.tui.launch.plans import dry_plan

        if (chosen := self._chosen_run()) is not None:
            self.go(Played(dry_plan(chosen.scenario, chosen.root)))

    def action_resume(self) -> None:
        """Go on with the run at the cursor."""
        item = self.list.item
        if isinstance(item, RecentRun):
            resume = partial(self._resume, item, self.card.form.typed)
            self.run_worker(resume, name="resume", group="resume", thread=True)

    def _resume(self, run: RecentRun, typed: dict[str, str]) -> None:
        from sandbox.engine.plan import Plan
        from sandbox.engine.resume import resumption

        turns = typed.get("turns", "").strip()
        values = {"limits.turns": int(turns)} if turns.isdecimal() else {}
        try:
            resume = resumption(run.info.folder, values)
        except BackroomsError as error:
            hint = "Type more turns: o." if "--turns" in str(error) else ""
            sentence = f"{str(error).partition(', for example')[0]} {hint}"
            self.app.call_from_thread(self.flash, sentence, "warning")
            return
        plan = Plan(
            resume.scenario,
            resume.folder.parent,
            resume.tier,
            durability=resume.durability,
            resume=resume,
        )
        self.app.call_from_thread(self.go, Played(plan))

    # --- writing

    def action_edit(self) -> None:
        """Edit the scenario; one that ships, or of a run, as a copy of one's own."""
        from sandbox.tui.launch.copies import edited

        if self.list.item is not None:
            self._open(edited, self.list.item)

    def action_duplicate(self) -> None:
        """Edit a copy under another name."""
        from sandbox.tui.launch.copies import duplicate

        if isinstance(self.list.item, Entry):
            self._open(duplicate, self.list.item)

    def _open(self, place_of: Callable[[T], Place], item: T) -> None:
        try:
            self.go(place_of(item))
        except BackroomsError as error:
            self.flash(str(error), "bad")

    def action_new(self) -> None:
        """Begin a scenario from a template."""
        from sandbox.scenario.template import templates
        from sandbox.tui.launch.template_menu import TemplateMenu

        _ = self.app.push_screen(TemplateMenu(templates()), self._begin)

    def _begin(self, template: Template | None) -> None:
        from sandbox.tui.places import Edited

        if template is not None:
            self.go(Edited(text=template.text))
