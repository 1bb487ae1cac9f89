"""A text taken further than the page: run as it stands, or edited in the reader's own editor."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from sandbox.console.fields import clause
from sandbox.errors import BackroomsError
from sandbox.tui.lending import lent_out
from sandbox.tui.places import Played

if TYPE_CHECKING:
    from sandbox.scenario.schema import Scenario
    from sandbox.tui.edit.page import EditPage

__all__ = ["Trying"]


class Trying:
    """Does with the page's text what takes the reader away from it."""

    def __init__(self, page: EditPage) -> None:
        self._page = page

    def play(self, scenario: Scenario | None, *, dry: bool) -> None:
        """Play what stands there, saved or not; None is a text that is no scenario."""
        from sandbox.tui.launch.plans import (
            dry_plan,
            plan_for,
        )  # the engine's plan, when it is wanted

        page = self._page
        if scenario is None:
            page.flash("This cannot be run yet: F8 goes to what is wrong.", "warning")
            return
        root = page.desk.root
        try:
            plan = dry_plan(scenario, root) if dry else plan_for(scenario, root)
        except BackroomsError as error:
            page.flash(str(error), "bad")
            return
        page.go(Played(plan))

    async def outside(self) -> None:
        """Lend the terminal to the reader's own editor, and take over what it leaves."""
        from sandbox.tui.edit.outside import edit_outside, editor

        page, area = self._page, self._page.area
        name = page.path.name if page.path is not None else "scenario.yaml"
        try:
            editor()
            with lent_out(page.app):
                left = await asyncio.to_thread(edit_outside, area.text, name)
        except SuspendNotSupported:
            page.flash("This terminal cannot be lent to another program.", "warning")
        except BackroomsError as error:
            page.flash(clause(error), "bad")
        else:
            if left != area.text:
                area.replace(left, (0, 0), area.document.end)
                page.flash("Taken over; ctrl+s saves it.")
