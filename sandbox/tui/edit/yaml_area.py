"""The text that is edited: YAML in colours where they can be had, and what is wrong marked in place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Key, MouseDown
from textual.message import Message
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import Document, TextAreaTheme

from sandbox.console.neutral import neutralise
from sandbox.scenario.findings import Finding
from sandbox.scenario.fixes import Fix

__all__ = ["YamlArea", "exact"]

LONGEST: Final = 5_000
"""Lines that are given colours: the whole tree is asked for them at every key."""

_NUMBERS: Final = frozenset("123456")

_GRAVE: Final = Style(color="red", underline=True)
_DOUBT: Final = Style(color="yellow", underline=True)
_SAID: Final = {True: Style(color="red", italic=True), False: Style(color="yellow", italic=True)}
_LOOKS: Final = TextAreaTheme(
    name="backrooms",
    syntax_styles={
        "yaml.field": Style(color="cyan"),
        "string": Style(),
        "number": Style(color="magenta"),
        "boolean": Style(color="magenta"),
        "constant.builtin": Style(color="magenta"),
        "comment": Style(dim=True, italic=True),
        "type": Style(color="yellow"),
        "punctuation.bracket": Style(dim=True),
        "punctuation.delimiter": Style(dim=True),
        "punctuation.special": Style(dim=True),
    },
)


class YamlArea(TextArea):
    """Tab completes; what is wrong is underlined and said behind the end of its line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Complete", tooltip="Complete the word", id="edit.complete"),
    ]

    @dataclass
    class Complete(Message):
        """The reader asks what can be written at the cursor."""

    def __init__(self) -> None:
        super().__init__(
            language="yaml" if _coloured() else None,
            soft_wrap=False,
            show_line_numbers=True,
            tab_behavior="focus",
            highlight_cursor_line=True,
        )
        self.indent_width = 2
        self.register_theme(_LOOKS)
        self.theme = "backrooms"
        self.passing = False
        """Whether the numbers of the modes still are what they are elsewhere: until any other key, or a click."""
        self._marks: dict[int, list[Finding]] = {}

    def show(self, text: str) -> None:
        """Show another text from its beginning; nothing of the one before can be undone."""
        self.language = "yaml" if _coloured() and text.count("\n") < LONGEST else None
        self.mark(())
        self.load_text(text)

    def mark(self, found: Sequence[Finding]) -> None:
        """Mark these and no others."""
        marks: dict[int, list[Finding]] = {}
        for finding in found:
            if not finding.file:
                marks.setdefault(finding.line - 1, []).append(finding)
        if marks == self._marks:
            return
        self._marks = marks
        self.notify_style_update()
        self.refresh()

    def change(self, fix: Fix) -> None:
        """Apply a fix, which can be undone; the cursor goes behind it."""
        (first, start), (last, end) = fix.start, fix.end
        done = self.replace(fix.text, (first - 1, start - 1), (last - 1, end - 1))
        self.move_cursor(done.end_location)

    def get_line(self, line_index: int) -> Text:
        # One character for one, so that columns stay those of the file.
        line = self.document.get_line(line_index)
        if not line.isprintable():
            line = "".join(c if c == "\t" else neutralise(c, newlines=False) for c in line)
        text = Text(line, end="", no_wrap=True)
        for finding in self._marks.get(line_index, ()):
            text.stylize(_GRAVE if finding.grave else _DOUBT, finding.column - 1, finding.end - 1)
        return text

    def render_line(self, y: int) -> Strip:
        strip = super().render_line(y)
        row = self.scroll_offset.y + y
        if row not in self._marks:
            return strip
        worst = max(self._marks[row], key=lambda finding: finding.grave)
        width = self.size.width
        line = self.get_line(row)
        line.expand_tabs(self.indent_width)
        end = self.gutter_width + line.cell_len + 2 - self.scroll_offset.x
        if not self.gutter_width <= end <= width - 8:
            return strip
        said = Text(neutralise(str(worst), newlines=False), no_wrap=True)
        said.truncate(width - end, overflow="ellipsis")
        words = Strip([Segment(said.plain, _SAID[worst.grave])], said.cell_len)
        behind = strip.crop(end + said.cell_len, max(strip.cell_length, width))
        return Strip.join([strip.crop(0, end), words.apply_style(_ground(strip)), behind])

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        return not (self.passing and key in _NUMBERS) and super().check_consume_key(key, character)

    def _mode_key(self, key: str) -> str | None:
        """The action of a number that leads to another mode, as long as nobody writes here."""
        if not self.passing or key not in _NUMBERS:
            return None
        active = self.screen.active_bindings.get(key)
        return None if active is None else active.binding.action

    async def _on_mouse_down(self, event: MouseDown) -> None:
        self.passing = False
        await super()._on_mouse_down(event)

    async def _on_key(self, event: Key) -> None:
        if (action := self._mode_key(event.key)) is not None:
            event.stop()
            event.prevent_default()
            await self.app.run_action(action)
            return
        self.passing = False
        if event.key == "enter" and not self.read_only:
            event.stop()
            event.prevent_default()
            self._new_line()
            return
        await super()._on_key(event)

    def action_complete(self) -> None:
        """Ask the page what can be written here."""
        self.post_message(self.Complete())

    def indent(self) -> None:
        """Go to the next stop of the tabulator, with spaces."""
        column = self.cursor_location[1]
        self.insert(" " * (self.indent_width - column % self.indent_width))

    def _new_line(self) -> None:
        """Break the line; the new one begins below what this one begins with, or deeper behind a key."""
        row, column = self.selection.start if self.selection.is_empty else min(self.selection)
        before = self.document.get_line(row)[:column]
        indent = before[: len(before) - len(before.lstrip(" "))]
        deeper = "  " if before.rstrip().endswith((":", "|", ">-", ">", "|-")) else ""
        self.replace(f"\n{indent}{deeper}", *self.selection, maintain_selection_offset=False)


def exact(text: str) -> bool:
    """Whether an editor gives back just this text, if nothing is changed: its line ends are all of one kind."""
    return Document(text).text == text


def _coloured() -> bool:
    return find_spec("tree_sitter") is not None and find_spec("tree_sitter_yaml") is not None


def _ground(strip: Strip) -> Style:
    """The background at the end of a line."""
    last = next((each.style for each in reversed([*strip]) if each.style is not None), None)
    return Style() if last is None or last.bgcolor is None else Style(bgcolor=last.bgcolor)
