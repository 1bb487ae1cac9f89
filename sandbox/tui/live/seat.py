"""A person in an agent's seat: what is new to it, and the line that becomes its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, Static

from sandbox.clock import Clock
from sandbox.console.fields import clause
from sandbox.console.lines import shorten
from sandbox.console.neutral import neutralise
from sandbox.models.human import Prompt

__all__ = ["Seat"]

_LONGEST: Final = 8_000
"""Characters of what is new that are shown; the transcript has all of it."""


class Seat(Vertical):
    """Out of sight until a seat's turn comes; Enter answers, an empty line passes.

    Args:
        asked: is told of an agent whose turn has come.
        clock: for the seconds that are left.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        # The line itself would take ctrl+d, as a key that deletes.
        Binding(
            "ctrl+d",
            "leave",
            "Leave the run",
            tooltip="The agent leaves",
            id="seat.leave",
            priority=True,
        ),
        Binding("escape", "look", "Look around", tooltip="To the transcript", id="seat.look"),
        Binding(
            "pageup", "page(-1)", "Page up", show=False, tooltip="What is new", id="seat.page-up"
        ),
        Binding(
            "pagedown", "page(1)", "Page down", show=False, tooltip="The same", id="seat.page-down"
        ),
    ]

    def __init__(self, asked: Callable[[str], None], clock: Clock) -> None:
        super().__init__()
        self.display = False
        self._asked = asked
        self._clock = clock
        self._whose = ""
        self._until = 0.0
        self._scroll = VerticalScroll(can_focus=False)
        self._new = Static(markup=False)
        self._label = Static(markup=False, classes="label")
        self._input = Input(compact=True, placeholder="words, /help, or nothing to pass")
        self._waiting: asyncio.Future[str] | None = None
        self._before: Widget | None = None

    def compose(self) -> ComposeResult:
        with self._scroll:
            yield self._new
        with Horizontal():
            yield self._label
            yield self._input

    @property
    def asking(self) -> bool:
        """Whether somebody's answer is waited for."""
        return self._waiting is not None

    async def __call__(self, prompt: Prompt) -> str:
        """Ask, and wait for the line. Raises EOFError when the person leaves."""
        self._waiting = asyncio.get_running_loop().create_future()
        self._show(prompt)
        self._asked(prompt.agent)
        try:
            return await self._waiting
        finally:
            self._waiting = None
            self.display = False
            if self._before is not None and self._before.is_attached:
                self._before.focus()

    def sit(self) -> None:
        """Go on typing."""
        if self.asking:
            self._input.focus()

    def tick(self) -> None:
        """Count down the seconds that are left."""
        if self.asking:
            left = max(0.0, self._until - self._clock.monotonic())
            self._label.update(f" {self._whose}, {left:.0f} s left > ")

    def action_page(self, way: int) -> None:
        """Read on in what is new, or back."""
        (self._scroll.scroll_page_down if way > 0 else self._scroll.scroll_page_up)(animate=False)

    def action_leave(self) -> None:
        """Go away: the agent leaves the run."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(EOFError())

    def action_look(self) -> None:
        """Let go of the line; what was typed stays."""
        if self._before is not None:
            self._before.focus()

    @on(Input.Submitted)
    def _answer(self, event: Input.Submitted) -> None:
        event.stop()
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(event.value)
            self._input.clear()

    def _show(self, prompt: Prompt) -> None:
        kind = (
            "wants the floor? (yes or nothing)"
            if prompt.purpose == "bid"
            else f"turn {prompt.turn}"
        )
        self._whose = f"{clause(prompt.agent)}, {kind}"
        self._until = self._clock.monotonic() + prompt.seconds
        self.tick()
        parts = [prompt.note] if prompt.note else [prompt.system, *prompt.new]
        text = "\n".join(part for part in parts if part)
        self._new.update(neutralise(shorten(text, _LONGEST)))
        self._scroll.scroll_home(animate=False)
        self._before = (
            self.screen.focused if self.screen.focused is not self._input else self._before
        )
        self.display = True
        self._input.focus()
