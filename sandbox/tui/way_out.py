"""What stands between the reader and the way out: texts that no file holds, and runs that are played here."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sandbox.tui.footer import KeyRow
from sandbox.tui.page import Page
from sandbox.tui.places import MODES
from sandbox.tui.quit_bar import Leave, QuitBar, about_runs, about_text

if TYPE_CHECKING:
    from sandbox.tui.app import BackroomsApp

__all__ = ["WayOut"]


class WayOut:
    """Asks one question after another on the page in sight, and leaves when none is left."""

    def __init__(self, app: BackroomsApp) -> None:
        self._app = app
        self._left_as_draft: set[Page] = set()

    def begin(self) -> None:
        """Leave, or ask the first question."""
        self._left_as_draft.clear()
        self._ask()

    async def go_on(self, leave: Leave) -> None:
        """Do as was answered."""
        unsaved = self._unsaved()
        if leave in {"look", "draft"}:
            await self._app.screen.query(QuitBar).remove()
        match leave:
            case "running":
                self._app.left_running = True
                self._app.exit()
            case "stop":
                self._app.end()
            case "look" if unsaved:
                self._app.call_later(self._show, unsaved[0])
            case "draft" if unsaved:
                unsaved[0].leave_draft()
                self._left_as_draft.add(unsaved[0])
                self._ask()
            case _:
                pass

    def _ask(self) -> None:
        app, page = self._app, self._app.screen
        unsaved, alive = self._unsaved(), app.desk.alive
        if not unsaved and not alive:
            app.exit()
        elif not isinstance(page, Page) or page.query(QuitBar):
            return
        elif page in unsaved:
            page.ask_to_quit()
        else:
            focused = app.focused
            bar = (
                about_text(unsaved[0].unsaved, focused)
                if unsaved
                else about_runs(len(alive), focused)
            )
            app.call_later(page.mount, bar, before=page.query_one(KeyRow))

    def _unsaved(self) -> list[Page]:
        """The open pages with a text that no file holds and that is not left as a draft, the uppermost first."""
        pages: list[Page] = []
        for mode in MODES:
            with suppress(KeyError):  # nobody has been there yet
                stack = self._app.get_screen_stack(mode)
                pages += [page for page in stack if isinstance(page, Page)]
        return [
            page for page in reversed(pages) if page.unsaved and page not in self._left_as_draft
        ]

    async def _show(self, page: Page) -> None:
        await self._app.switch_mode(page.MODE)
        while self._app.screen is not page:
            await self._app.pop_screen()
