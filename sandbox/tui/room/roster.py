"""The agents of a run: who does what, how busy each was of late, and what was noticed about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from rich.cells import cell_len, set_cell_size
from textual import on
from textual.binding import Binding, BindingType
from textual.events import Click, Resize
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from sandbox.console.fields import clause
from sandbox.console.lines import Span
from sandbox.engine.state import State
from sandbox.transcript.event import Event
from sandbox.tui.room.doings import Doing, Doings
from sandbox.tui.room.row import row
from sandbox.tui.room.score import bars
from sandbox.tui.room.score_model import ScoreModel

__all__ = ["Roster"]

_MANY: Final = 20
"""Of more agents than this the loudest stand first."""
_SPARE: Final = 18
"""Cells of width from which on a state has its word; below, a sign."""
_STRIP: Final = 10


class Roster(ScrollView, can_focus=True):
    """A list with a cursor. Feed it every event, or ``show`` it where a run stood; then call ``tick``.

    Args:
        score: of the same run, fed by whoever feeds this.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"roster--cursor"}
    DEFAULT_CSS = """
    Roster {
        scrollbar-size-vertical: 1;
        & > .roster--cursor { background: $block-cursor-background; text-style: bold; }
        &:nocolor > .roster--cursor { text-style: bold underline; }
    }
    """
    HELP = "The agents of the run. The cursor says whom `w`, `m`, `o` and `s` are about."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Agent above", show=False, id="roster.up"),
        Binding("down,j", "move(1)", "Agent below", show=False, id="roster.down"),
        Binding("enter", "open", "Inspect the agent", show=False, id="roster.open"),
    ]

    @dataclass
    class Pointed(Message):
        """The cursor is on another agent."""

        agent: str

    @dataclass
    class Opened(Message):
        """The reader wants to see all of this agent."""

        agent: str

    def __init__(self, score: ScoreModel) -> None:
        super().__init__()
        self.border_title = "Agents"
        self.doings = Doings()
        self._score = score
        self._turn: int | None = None
        self._order: list[str] = []
        self._widest = 1
        self._agent = ""
        self._drawn: tuple[int, int, int | None] | None = None

    @property
    def agent(self) -> str:
        """Whom the cursor is on; empty where nobody is known yet."""
        return self._agent

    def take(self, event: Event) -> None:
        """Move on by one event, the newest there is."""
        self._turn = None
        self.doings.take(event)

    def show(self, state: State, position: int) -> None:
        """Show where a run stood after ``position`` events."""
        self._turn = state.turn if position else 0
        dead = [agent for agent in state.agents if self._score.has_died(agent, state.turn)]
        self.doings.show(state, dead)
        self.tick()

    def point(self, agent: str) -> None:
        """Put the cursor on an agent."""
        if agent != self._agent and self.doings.get(agent) is not None:
            self._agent = agent
            self.refresh()
            self._reveal()
            self.post_message(self.Pointed(agent))

    def tick(self) -> None:
        """Draw anew if something has changed; cheap if nothing has."""
        now = (self.doings.version, self._score.version, self._turn)
        if now == self._drawn:
            return
        self._drawn = now
        agents = [doing.agent for doing in self.doings.all]
        if len(agents) > _MANY:
            loudest = self._score.loudest(len(agents))
            agents.sort(key={agent: at for at, agent in enumerate(loudest)}.__getitem__)
        if agents != self._order:
            self._order = agents
            self._widest = max((cell_len(clause(agent)) for agent in agents), default=1)
        if not self._agent and agents:
            self.point(agents[0])
        self._fit()
        self.refresh()

    def action_move(self, by: int) -> None:
        """Move the cursor; at the end it begins anew."""
        if self._order:
            at = self._order.index(self._agent) if self._agent in self._order else -1
            self.point(self._order[(at + by) % len(self._order)])

    def action_open(self) -> None:
        """Ask for all there is of the agent at the cursor."""
        if self._agent:
            self.post_message(self.Opened(self._agent))

    # drawing -----------------------------------------------------------------------------------

    @property
    def _each(self) -> int:
        """Rows of one agent: two where there is room for all of them."""
        room = self.size.height >= 2 * len(self._order) and self.size.width >= _SPARE
        return 2 if room else 1

    @on(Resize)
    def _fit(self) -> None:
        self.virtual_size = Size(0, self._each * len(self._order))

    def render_line(self, y: int) -> Strip:
        at, part = divmod(self.scroll_offset.y + y, self._each)
        width, base = self.scrollable_content_region.width, self.visual_style.rich_style
        doing = self.doings.get(self._order[at]) if at < len(self._order) else None
        if doing is None:
            return Strip.blank(width, base)
        here = doing.agent == self._agent
        if here:
            base += self.get_component_rich_style("roster--cursor")
        strip = row(self._first(doing, width, here=here), width, base)
        return strip if part == 0 else row(self._second(doing, width), width, base)

    def _first(self, doing: Doing, width: int, *, here: bool) -> list[Span]:
        mark = Span("> " if here else "  ")
        flags = self._flags(doing.agent)
        if width < _SPARE:
            end = f"{doing.sign:>1}{flags:>3}"
            name = set_cell_size(clause(doing.agent), max(1, width - 2 - len(end)))
            return [
                mark,
                Span(name, doing.colour),
                Span(end[0], "failed"),
                Span(end[1:], "warning"),
            ]
        column = min(self._widest, max(8, width - 12))
        name = set_cell_size(clause(doing.agent), column)
        word = "muted" if doing.muted and doing.word in {"listening", "idle"} else doing.word
        style = "warning" if word == "muted" else doing.style
        spans = [mark, Span(name, doing.colour), Span(f" {word}", style)]
        if self._each == 2 or not flags:
            return spans
        room = width - len(flags) - 1
        end = set_cell_size("".join(span.text for span in spans[2:]), max(1, room - 2 - column))
        return [*spans[:2], Span(end, style), Span(f" {flags}", "warning")]

    def _second(self, doing: Doing, width: int) -> list[Span]:
        if doing.detail:
            return [Span("    "), Span(doing.detail[: width - 4], doing.style)]
        strip = self._score.strip(doing.agent, min(_STRIP, width - 8), self._turn)
        return [
            Span("    "),
            Span(bars(strip), "note"),
            Span(f"  {self._flags(doing.agent)}", "warning"),
        ]

    def _flags(self, agent: str) -> str:
        flags = self._score.flags(agent, self._turn)
        return f"!{flags}" if 0 < flags < 100 else "!99" if flags else ""

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.refresh()

    # pointing ----------------------------------------------------------------------------------

    @on(Click)
    def _click(self, event: Click) -> None:
        offset = event.get_content_offset(self)
        at = (offset.y + self.scroll_offset.y) // self._each if offset is not None else -1
        if 0 <= at < len(self._order):
            self.point(self._order[at])
            if event.chain == 2:
                self.action_open()

    def _reveal(self) -> None:
        if self._agent in self._order:
            at = self._order.index(self._agent) * self._each
            self.scroll_to_region(Region(0, at, 1, self._each), animate=False)
