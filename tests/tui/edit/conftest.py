"""The editor open at a size, with keys to press; drafts go to a folder of the test's own."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from sandbox.tui.edit.page import EditPage
from sandbox.tui.places import Edited


class Desk:
    """The editor under test."""

    def __init__(self, stage) -> None:
        self._stage = stage

    @property
    def page(self) -> EditPage:
        page = self._stage.app.screen
        assert isinstance(page, EditPage)
        return page

    @property
    def text(self) -> str:
        """What stands in the editor."""
        return self.page.area.text

    @property
    def rows(self) -> list[str]:
        return self._stage.rows

    @property
    def screen(self) -> str:
        return self._stage.text

    @property
    def flash(self) -> str:
        """What the flash line says, or said last."""
        return str(self._stage.app.screen._flash.render()).strip()

    @property
    def problems(self) -> list[str]:
        return [str(each) for each in self.page.findings.all]

    async def press(self, *keys: str) -> None:
        """Press keys, and wait until what was typed has been looked at."""
        await self._stage.pilot.press(*keys)
        await self.settle()

    async def settle(self) -> None:
        await self._stage.pilot.pause()
        if isinstance(self._stage.app.screen, EditPage):
            await self.page.checker.idle.wait()
        await self._stage.pilot.pause()

    def at(self, row: int, column: int) -> None:
        """Put the cursor there, from 0."""
        self.page.area.move_cursor((row, column))


Open = Callable[..., AbstractAsyncContextManager[Desk]]


@pytest.fixture
def edit(stage, size, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open the editor at a place."""
    monkeypatch.delenv("VISUAL", raising=False)

    @asynccontextmanager
    async def opened(
        path: str | None = None, text: str | None = None, **rest
    ) -> AsyncIterator[Desk]:
        place = Edited(None if path is None else Path(path), text, **rest)
        async with stage.at(size, place=place):
            desk = Desk(stage)
            await desk.settle()
            yield desk

    return opened
