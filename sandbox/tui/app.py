"""The app: its pages, its looks, and the way out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import App
from textual.binding import Binding, BindingType
from textual.filter import LineFilter

from sandbox.clock import Clock, SystemClock
from sandbox.engine.plan import Plan, Played
from sandbox.tui.help import HelpScreen
from sandbox.tui.launch import Find, LaunchPage
from sandbox.tui.live import LivePage, Player
from sandbox.tui.looks import SIXTEEN, THEME
from sandbox.tui.page import Page
from sandbox.tui.safe_filter import SafeFilter
from sandbox.tui.shelf import found
from sandbox.tui.too_small import HEIGHTS, WIDTHS

if TYPE_CHECKING:
    from textual.screen import Screen

__all__ = ["BackroomsApp"]


class BackroomsApp(App[None]):
    """Starts on the list of scenarios.

    Args:
        player: plays what is chosen; the real one if None.
        find: lists what can be chosen.
        root: the folder of transcripts.
        clock: for the time shown.
    """

    TITLE = "Backrooms"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1", "help", "Keys", tooltip="These keys", id="app.help"),
        Binding("q", "quit", "Quit", tooltip="Quit; a run is stopped in order", id="app.quit"),
    ]

    def __init__(
        self,
        *,
        player: Player | None = None,
        find: Find = found,
        root: Path = Path("transcripts"),
        clock: Clock | None = None,
    ) -> None:
        # Without colours only the terminal's own two are safe: others become greys, and vanish.
        plain = "NO_COLOR" in os.environ
        super().__init__(ansi_color=True if plain else None)
        self.animation_level = "none"  # a glide is a dozen repaints where one would do
        self.ansi_theme_dark = SIXTEEN
        self.register_theme(THEME)
        self.theme = "ansi-dark" if plain else THEME.name
        self.played: list[Played] = []
        """Runs that were played here, in order."""
        self._player = player
        self._find = find
        self._root = root
        self._clock = SystemClock() if clock is None else clock
        self._leaving = False

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), SafeFilter()]

    def get_default_screen(self) -> Screen[None]:
        return LaunchPage(self._find)

    @on(LaunchPage.Run)
    async def _play(self, event: LaunchPage.Run) -> None:
        plan = Plan(event.scenario, self._root)
        await self.push_screen(LivePage(plan, self._player or _real_player(), self._clock))

    @on(LivePage.Over)
    def _over(self, event: LivePage.Over) -> None:
        if event.played is not None:
            self.played.append(event.played)
        if self._leaving:
            self.exit()

    async def action_help(self) -> None:
        """Show the keys that work here."""
        if isinstance(self.screen, Page):
            keys = list(self.screen.active_bindings.values())
            await self.push_screen(HelpScreen(self.screen.ABOUT, keys))

    async def action_quit(self) -> None:
        self.leave()

    def leave(self) -> None:
        """Quit; a run that is being played is stopped in order first."""
        for screen in self.screen_stack:
            if isinstance(screen, LivePage) and not screen.over:
                self._leaving = True
                screen.action_stop()
                return
        self.exit()


def _real_player() -> Player:
    from sandbox.engine.play import play  # heavy: models, bus and boxes, after the first paint

    return play
