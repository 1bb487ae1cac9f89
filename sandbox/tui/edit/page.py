"""The editor: a scenario with all that is wrong in it, what may be written, and who would hear whom."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import TextArea

from sandbox.errors import ScenarioError
from sandbox.tui.edit.bar import Bar
from sandbox.tui.edit.beside import Beside
from sandbox.tui.edit.checker import Checked, Checker
from sandbox.tui.edit.completer import Completer
from sandbox.tui.edit.completion_list import CompletionList
from sandbox.tui.edit.drafts import Drafts
from sandbox.tui.edit.key_help import key_help
from sandbox.tui.edit.problem_list import ProblemList, told
from sandbox.tui.edit.source import Source, read_source, same_on_disk, stamp, write_source
from sandbox.tui.edit.trying import Trying
from sandbox.tui.edit.yaml_area import YamlArea, exact
from sandbox.tui.page import Page
from sandbox.tui.places import MODES, Edited, Place
from sandbox.tui.titles import literal

if TYPE_CHECKING:
    from sandbox.scenario.findings import Finding, Findings
    from sandbox.tui.desk import Desk

__all__ = ["EditPage"]

_WATCH: Final = 1.0
"""Seconds between looks at the file on disk."""
_CONFLICT: Final = {"o": "overwrite", "r": "reload", "d": "difference", "esc": "stay"}


def _key(
    key: str,
    action: str,
    name: str,
    about: str,
    id: str,
    *,
    show: bool = False,
    first: bool = False,
) -> Binding:
    return Binding(key, action, name, show=show, tooltip=about, id=f"edit.{id}", priority=first)


class EditPage(Page):
    """One text; a file, or one that is yet to get a name."""

    MODE = "edit"
    CSS_PATH = "edit.tcss"
    ABOUT = (
        "Write a scenario. What is wrong is marked as you type, F9 mends what can be mended, and tab"
        " completes. Beside it stands who will hear whom, and what the key under the cursor is for."
        " Opened by its number it is left by a number, until another key or a click begins the writing;"
        " from then on escape leaves."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        _key("ctrl+s", "save", "Save", "Save the file", "save", show=True),
        _key("escape", "leave", "Leave", "Leave; asks if unsaved", "leave", show=True),
        _key("ctrl+q", "quit", "Quit", "Leave the app", "quit", show=True),
        _key("f8", "problem", "Problem", "To the next problem", "problem", show=True),
        _key("f9", "fix", "Fix", "Mend the problem here", "fix", show=True),
        _key("ctrl+r", "run", "Run", "Run what stands here", "run", show=True),
        _key("ctrl+t", "dry_run", "Dry run", "Three turns, no models", "dry", show=True),
        _key("f4", "outside", "$EDITOR", "Go on in your own editor", "outside", show=True),
        # The text area has its own F6 and F7.
        _key("f6", "beside", "Preview", "Show or hide the preview", "preview", first=True),
        _key("f7", "answer", "Answer", "Answer the question below", "answer", first=True),
    ]

    def __init__(self, desk: Desk, place: Place | None = None) -> None:
        super().__init__(desk, place)
        asked = place if isinstance(place, Edited) else Edited()
        self.path = asked.path
        self.area = YamlArea()
        self.bar = Bar()
        self.problems = ProblemList()
        self.options = CompletionList()
        self.completer = Completer(self.area, self.options)
        self.beside = Beside()
        self.checker = Checker(self, lambda: (self.area.text, self.path), self._keep, self._found)
        self.trying = Trying(self)
        self.findings: Findings | None = None
        self._asked = asked
        self._source: Source | None = None
        self._saved = ""
        self._stamp: tuple[int, int, int] | None = None
        self._drafts = Drafts()
        self._draft = ""
        self._then = ""
        self._told: tuple[str, tuple[Finding, ...] | None] | None = None

    def body(self) -> ComposeResult:
        with Horizontal(classes="columns"):
            with Vertical(classes="writing"):
                yield self.area
                yield self.problems
                yield self.bar
            yield self.beside
        yield self.options

    def on_mount(self) -> None:
        """Read the file, and look at the disk from now on."""
        self.area.focus()
        self._open()
        # Not by the message, which comes when the key is drawn: the text would be drawn a second time.
        self.watch(self.area, "selection", self._moved, init=False)
        self.set_interval(_WATCH, self.look_at_disk, name="disk")

    def passing(self) -> None:
        self.area.passing = True

    @property
    def called(self) -> str:
        """What the text is called."""
        return "a new scenario" if self.path is None else str(self.path)

    @property
    def unsaved(self) -> str:
        """The file's name if something stands here that no file holds."""
        if self.area.read_only or self.area.text == self._saved:
            return ""
        return "A new scenario" if self.path is None else self.path.name

    # --- the file

    def _open(self) -> None:
        """Show what was asked for; a file that cannot be edited says why, in place of its text."""
        text = self._asked.text
        if self.path is not None and (text is None or self.path.exists()):
            try:
                self._take(read_source(self.path))
            except ScenarioError as error:
                self._refuse(str(error))
                return
        if text is not None:
            self.area.show(text)
        elif self.path is None:
            from sandbox.scenario.template import template  # only a new text needs one

            self.area.show(template("empty").text)
            self._saved = self.area.text
        draft = self._drafts.find(self.path)
        if draft is not None and draft not in {self.area.text, self._saved}:
            self._draft = draft
            sentence = "A draft of this was left unsaved."
            self.bar.ask("draft", sentence, {"y": "take it up", "n": "throw it away"})
        if self._asked.line is not None:
            self.area.move_cursor((self._asked.line - 1, 0), center=True)
        self._moved()
        self.checker.now()

    def _take(self, source: Source) -> None:
        """Show a file as it is on disk."""
        self._source, self._stamp = source, stamp(source.path)
        self.area.show(source.text)
        self._saved = self.area.text
        if not exact(source.text):
            self.flash(
                "This file has line ends of several kinds; saving makes them one.", "warning"
            )

    def _refuse(self, why: str) -> None:
        self.area.read_only = True
        self.area.show("")
        self.heading.say("cannot be edited here")
        self.beside.refuse(why)

    def look_at_disk(self) -> None:
        """Notice that somebody else has written the file."""
        if self._source is None or (now := stamp(self._source.path)) == self._stamp:
            return
        self._stamp = now
        if same_on_disk(self._source):
            return
        gone = now is None
        keys = {"k": "keep mine"} if gone else {"r": "reload", "k": "keep mine", "d": "difference"}
        what = "The file is gone from the disk." if gone else "The file has changed on disk."
        self.bar.ask("disk", f"{what} F7 answers:", keys, urgent=False)

    def action_save(self) -> None:
        """Save; a text without a file is asked for a name."""
        if self.area.read_only:
            return
        if self.path is None:
            self.bar.ask_name("name", "Save as", self._file_name())
        elif self._source is not None and not same_on_disk(self._source) and self.path.exists():
            self.bar.ask("conflict", "The file has changed on disk since.", _CONFLICT)
        else:
            self._write(self.path)

    def _write(self, path: Path) -> None:
        text = self.area.text
        try:
            source = write_source(path, text, bom=self._source is not None and self._source.bom)
        except ScenarioError as error:
            self._then = ""
            self.flash(str(error), "bad")
            return
        self._drafts.drop(self.path)
        self._drafts.drop(path)
        self.path, self._source, self._stamp, self._saved = path, source, stamp(path), text
        self._tell()
        self.flash(f"Saved {path}", "good")
        self._go_on()

    def _file_name(self) -> str:
        """A file for a text that has none: after its title."""
        from sandbox.scenario.template import file_name

        scenario = None if self.findings is None else self.findings.scenario
        return str(
            Path("scenarios") / file_name("untitled" if scenario is None else scenario.title)
        )

    def _keep(self, text: str) -> None:
        """Keep a draft; in a thread."""
        if text == self._saved:
            self._drafts.drop(self.path)
        elif not self._draft:
            self._drafts.keep(self.path, text)

    # --- answers

    @on(Bar.Answered)
    def _answered(self, event: Bar.Answered) -> None:
        match event.question, event.key:
            case "draft", "y":
                self.area.load_text(self._draft)
                self._draft = ""
            case "draft", _:
                self._draft = ""
                self._drafts.drop(self.path)
            case "disk" | "conflict", "r":
                self._reload()
            case "disk", "k" if self._source is not None:
                self.flash("Saving will overwrite what is on disk.", "warning")
            case "disk" | "conflict", "d":
                self._difference()
            case "conflict", "o" if self.path is not None:
                self._write(self.path)
            case "name", "enter" if event.text:
                self._named(Path(event.text))
            case "over", "y":
                self._write(self._asked_name)
            case "leave", "s":
                self.action_save()
            case "leave", "d":
                self._drafts.drop(self.path)
                self.area.load_text(self._saved)
                self._go_on()
            case _:
                self._then = ""

    def _named(self, path: Path) -> None:
        path = path if path.suffix in {".yaml", ".yml"} else path.with_name(f"{path.name}.yaml")
        self._asked_name = path
        if path.exists():
            keys = {"y": "replace it", "esc": "stay"}
            self.bar.ask("over", f"{path} is there already.", keys)
        else:
            self._write(path)

    def _reload(self) -> None:
        if self.path is None:
            return
        try:
            self._take(read_source(self.path))
        except ScenarioError as error:
            self.flash(str(error), "bad")
            return
        self.flash("Reloaded from disk.")
        self.checker.now()

    def _difference(self) -> None:
        """Show what saving would change on disk."""
        if self.path is None:
            return
        try:
            there = read_source(self.path).text
        except ScenarioError as error:
            self.flash(str(error), "bad")
            return
        self.beside.difference(there, self.area.text)

    def action_answer(self) -> None:
        """Put the focus on the open question."""
        if self.bar.question:
            self.bar.focus()

    # --- leaving

    def action_leave(self) -> None:
        """Go back to where one came from."""
        if self.beside.reset():
            return
        self._ask_to("leave")

    def action_quit(self) -> None:
        """Leave the app."""
        self._ask_to("quit")

    def ask_to_quit(self) -> None:
        """Ask here what is to become of the text, and then leave the app."""
        self._ask_to("quit")

    def leave_draft(self) -> None:
        """Keep the text for the next time, in the place of an older draft."""
        self._draft = ""
        self._keep(self.area.text)

    def _ask_to(self, then: str) -> None:
        self._then = then
        if self.unsaved:
            keys = {"s": "save", "d": "discard", "esc": "stay"}
            self.bar.ask("leave", "There is unsaved work here.", keys)
        else:
            self._go_on()

    def _go_on(self) -> None:
        """Do what had to wait for an answer."""
        then, self._then = self._then, ""
        if then == "leave":
            self.back()
            if self.opened_from not in MODES:
                self.go("launch")
        elif then == "quit":
            self._backrooms.leave()

    # --- what was found

    @on(TextArea.Changed)
    def _changed(self) -> None:
        self._tell()
        self.checker.touch()

    def _found(self, checked: Checked) -> None:
        self.findings = checked.findings
        found = checked.findings
        self.completer.learn(found.agents, found.rooms)
        if checked.text == self.area.text:
            self.area.mark(found.all)
            self.problems.show(found.all)
        self.beside.preview(found.scenario)
        self._tell()
        if self._then in {"run", "dry run"} and checked.text == self.area.text:
            then, self._then = self._then, ""
            self.trying.play(found.scenario, dry=then == "dry run")

    def _tell(self) -> None:
        """Say in the heading which file this is, and how it stands."""
        # What was not looked at yet and what has no problem are two states.
        found = None if self.findings is None else self.findings.all
        told_now = (f"{self.called}  * modified" if self.unsaved else self.called, found)
        if told_now == self._told:
            return  # each word of a heading is a new layout of the page
        self._told = told_now
        self.heading.say(told_now[0])
        if found is not None:
            grave = any(finding.grave for finding in found)
            words = told(found)
            self.heading.state(words or "ok", "bad" if grave else "warning" if words else "good")

    def action_problem(self) -> None:
        """Go to the next problem below the cursor, or to the first."""
        found = [] if self.findings is None else [f for f in self.findings.all if not f.file]
        if not found:
            self.flash("Nothing is wrong.")
            return
        row, column = self.area.cursor_location
        here = (row + 1, column + 1)
        self._to(next((f for f in found if (f.line, f.column) > here), found[0]))

    def _to(self, finding: Finding) -> None:
        self.area.move_cursor((finding.line - 1, finding.column - 1), center=True)
        self.problems.point(finding)
        self.area.focus()

    @on(ProblemList.Chosen)
    def _chosen(self, event: ProblemList.Chosen) -> None:
        self._to(event.finding)

    def action_fix(self) -> None:
        """Mend what is wrong in the cursor's line, else the first that can be mended."""
        if self.findings is None or self.area.read_only:
            return
        row = self.area.cursor_location[0] + 1
        able = [finding for finding in self.findings.all if finding.fix is not None]
        chosen = next((finding for finding in able if finding.line == row), None) or next(
            iter(able), None
        )
        if chosen is None or chosen.fix is None:
            self.flash("Nothing here can be mended by a key.")
            return
        self.area.change(chosen.fix)
        self.flash(f"{chosen.what}: {chosen.fix.label}")
        self.checker.now()

    # --- completion and help

    @on(YamlArea.Complete)
    def _complete(self) -> None:
        self.completer.complete()

    @on(CompletionList.Taken)
    def _taken(self, event: CompletionList.Taken) -> None:
        self.completer.take(event.completion, event.option)

    @on(CompletionList.Left)
    def _left(self, event: CompletionList.Left) -> None:
        self.completer.leave(event.key)

    def _moved(self) -> None:
        row, column = self.area.cursor_location
        self.area.border_title = literal(f"YAML  ln {row + 1} col {column + 1}")
        self.beside.explain(key_help(self.completer.schema, self.area.document.lines, row, column))

    # --- trying it

    def action_beside(self) -> None:
        """Show or hide what stands beside the text."""
        self.beside.toggle()

    def action_run(self) -> None:
        """Run what stands here, saved or not."""
        self._then = "run"
        self.checker.now()

    def action_dry_run(self) -> None:
        """Play three turns without models and containers."""
        self._then = "dry run"
        self.checker.now()

    def action_outside(self) -> None:
        """Go on in the reader's own editor, and take over what it leaves."""
        self.run_worker(self.trying.outside(), name="outside", group="outside", exclusive=True)
