"""A transcript alone on a screen."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from textual import on
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot

from sandbox.console.lines import Line, Span
from sandbox.tui.text.transcript import Transcript


def line(seq: int, text: str, who: str = "ada", what: str = "say") -> Line:
    """One line as the narrator tells it."""
    return Line(
        1, who, what, (Span(text, "speech"),), (Span(" "), Span(who, "agent.0")), 6, seq=seq
    )


def numbered(first: int, last: int) -> list[Line]:
    return [line(seq, f"line {seq}") for seq in range(first, last + 1)]


class Reading(App[None]):
    """Shows a transcript and notes what it says."""

    CSS_PATH = "../../../sandbox/tui/app.tcss"
    BINDINGS = [("escape", "leave", "Leave")]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self.animation_level = "none"
        self.transcript = Transcript()
        self.said: list[Message] = []
        self.left = 0
        self.pilot: Pilot[None]

    def compose(self) -> ComposeResult:
        yield self.transcript

    @on(Transcript.Earlier)
    @on(Transcript.Opened)
    @on(Transcript.Linked)
    @on(Transcript.Copied)
    def _note(self, event: Message) -> None:
        self.said.append(event)

    def action_leave(self) -> None:
        self.left += 1

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    async def settle(self) -> None:
        await self.workers.wait_for_complete()
        await self.pilot.pause()

    @property
    def rows(self) -> list[str]:
        return [strip.text.rstrip() for strip in self.screen._compositor.render_strips()]

    @property
    def seqs(self) -> list[str]:
        """The lines in sight, without names, signs and scroll bar."""
        return [row[6:79].strip() for row in self.rows[: self.transcript.sheet.size.height]]


Open = Callable[..., AbstractAsyncContextManager[Reading]]


@pytest.fixture
def open_reading() -> Open:
    @asynccontextmanager
    async def opened(lines: list[Line], size: tuple[int, int] = (80, 10)) -> AsyncIterator[Reading]:
        app = Reading()
        async with app.run_test(size=size) as app.pilot:
            app.transcript.append(lines)
            app.transcript.focus()
            await app.settle()
            yield app

    return opened
