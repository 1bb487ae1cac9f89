"""The score of a room: a row an agent, a cell a stretch of turns, and below what happened when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual import on
from textual.events import Click, MouseDown, MouseMove, MouseUp
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from sandbox.console.fields import clause
from sandbox.console.lines import Span
from sandbox.console.styles import agent_style
from sandbox.tui.room.row import row
from sandbox.tui.room.scale import Scale
from sandbox.tui.room.score_model import ScoreModel
from sandbox.tui.titles import literal

__all__ = ["BLOCKS", "Score", "bars"]

BLOCKS: Final = "▁▂▃▄▅▆▇█"
MOST: Final = 20
"""Agents that have a row each, where there is room for so many; of more, the loudest."""
_NAME: Final = 10
_MARKS: Final = {"x": "failed", "!": "warning", "^": "operator", ".": "note"}


def bars(counts: list[int], highest: int = 0) -> str:
    """Draw counts as bars of one cell each; ``highest`` is the count of a full one, at least their own."""
    top = max(highest, *counts, 1) if counts else 1
    last = len(BLOCKS) - 1
    # Rounded up: a single word among hundreds is still to be seen.
    return "".join(BLOCKS[-(-count * last // top)] for count in counts)


class Score(Widget):
    """Shows a model that others feed; call ``tick`` after they did. A click or a drag seeks."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"score--cursor"}
    DEFAULT_CSS = """
    Score {
        height: auto;
        & > .score--cursor { background: $accent; color: $background; text-style: bold; }
        &:nocolor > .score--cursor { text-style: reverse; }
    }
    """

    @dataclass
    class Seek(Message):
        """The reader points at this turn."""

        turn: int

    def __init__(self, model: ScoreModel) -> None:
        super().__init__()
        self.border_title = "Timeline"
        self.model = model
        self._cursor: int | None = None
        self._strips: list[Strip] = []
        self._drawn: tuple[int, int | None, Size] | None = None
        self._laid_rows = 0
        self._legend = ""
        self._dragging = False
        self._sought: int | None = None

    def place(self, turn: int | None) -> None:
        """Show a cursor at a turn; None takes it away."""
        self._cursor = turn
        self.tick()

    def tick(self) -> None:
        """Draw anew if something has changed; cheap if nothing has."""
        if self._drawn != self._now():
            rows = min(len(self.model.agents), MOST) + 1
            # Laying the page out again is worth it only when there are more rows to show.
            self.refresh(layout=rows != self._laid_rows)
            self._laid_rows = rows

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  # Textual's signature
        return min(len(self.model.agents), MOST) + 1

    def turn_at(self, x: int) -> int | None:
        """The turn drawn at a column of the content; None beside the cells."""
        scale, column = self._scale(), x - self._indent()
        return scale.turn(column) if 0 <= column < scale.columns else None

    # drawing -----------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        if self._drawn != self._now():
            self._strips = self._draw()
            self._drawn = self._now()
        if y < len(self._strips):
            return self._strips[y]
        return Strip.blank(self.size.width, self.visual_style.rich_style)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._drawn = None

    def _now(self) -> tuple[int, int | None, Size]:
        return self.model.version, self._cursor, self.size

    def _draw(self) -> list[Strip]:
        height, model, scale = self.size.height, self.model, self._scale()
        order = {agent: number for number, agent in enumerate(model.agents)}
        lanes = max(0, height - 1)
        if lanes <= 1 and len(order) > 1:
            strips = [self._lane(None, "all", "title", scale)]
        else:
            shown = model.agents
            if len(shown) > min(lanes, MOST):
                shown = sorted(model.loudest(min(lanes, MOST)), key=order.__getitem__)
            strips = [self._lane(agent, agent, agent_style(order[agent]), scale) for agent in shown]
        self._say(len(strips) if lanes > 1 else len(order), len(order), scale)
        marks = [Span(mark, _MARKS[mark]) for mark in model.marks(scale)]
        strips.append(
            self._row(
                Span(f"{'turn ' + format(model.turn, ','):>{self._indent() - 1}} ", "note"), marks
            )
        )
        return strips[:height] if height > 1 else strips[-1:]

    def _lane(self, agent: str | None, name: str, style: str, scale: Scale) -> Strip:
        counts = self.model.cells(scale, agent)
        flags = self.model.flagged(scale, agent)
        text, spans = bars(counts), []
        for bar, count, flag in zip(text, counts, flags, strict=True):
            spans.append(Span(bar, "warning" if flag else style if count else "note"))
        indent = self._indent()
        head = Span(f"{set_cell_size(clause(name), indent - 1)} ", style)
        return self._row(head, spans)

    def _row(self, head: Span, cells: list[Span]) -> Strip:
        strip = row([head, *cells], self.size.width, self.visual_style.rich_style)
        if self._cursor is None or not cells:
            return strip
        at = self._indent() + min(self._scale().column(self._cursor), len(cells) - 1)
        look = self.get_component_rich_style("score--cursor")
        before, here, *behind = strip.divide([at, at + 1, self.size.width])
        return Strip.join([before, Strip([Segment(here.text, look)]), *behind])

    def _say(self, shown: int, agents: int, scale: Scale) -> None:
        some = f"the loudest {shown} of {agents}   " if shown < agents else ""
        per = "a turn" if scale.per == 1 else f"per {scale.per} turns"
        said = f"{some}words and acts {per}   ! flag  x crash  ^ note"
        if said != self._legend:  # setting it draws everything once more
            self._legend = said
            self.border_subtitle = literal(said)

    def _indent(self) -> int:
        names = [min(_NAME, cell_len(clause(agent))) for agent in self.model.agents]
        return max([6, len(f"{self.model.turn:,}") + 5, *names]) + 1

    def _scale(self) -> Scale:
        return self.model.scale(self.size.width - self._indent())

    # pointing ----------------------------------------------------------------------------------

    @on(MouseDown)
    def _press(self, event: MouseDown) -> None:
        self._dragging, self._sought = True, None
        self.capture_mouse()
        self._point(event.get_content_offset(self))

    @on(MouseMove)
    def _drag(self, event: MouseMove) -> None:
        if self._dragging:
            self._point(event.get_content_offset(self))

    @on(MouseUp)
    def _let_go(self) -> None:
        self._dragging = False
        self.release_mouse()

    @on(Click)
    def _clicked(self, event: Click) -> None:
        event.stop()

    def _point(self, offset: object) -> None:
        x = getattr(offset, "x", None)
        turn = self.turn_at(x) if isinstance(x, int) else None
        if turn is not None and turn <= self.model.turn and turn != self._sought:
            self._sought = turn
            self.post_message(self.Seek(turn))
