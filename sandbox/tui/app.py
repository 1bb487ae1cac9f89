"""The app: six modes, the way from any page to any place, and the way out."""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import App
from textual.binding import BindingType
from textual.command import CommandPalette
from textual.filter import LineFilter

from sandbox.clock import stamp
from sandbox.console.fields import clause
from sandbox.tui.app_keys import APP_KEYS
from sandbox.tui.desk import Desk
from sandbox.tui.heading import Tone
from sandbox.tui.keymap import Keys
from sandbox.tui.looks import SIXTEEN, SIXTEEN_LIGHT, THEMES
from sandbox.tui.page import Page
from sandbox.tui.pages import mode_of, open_page, page_type
from sandbox.tui.places import MODES, ModeName, Place, Played
from sandbox.tui.quit_bar import QuitBar
from sandbox.tui.safe_filter import SafeFilter
from sandbox.tui.too_small import HEIGHTS, WIDTHS
from sandbox.tui.trail import Trail
from sandbox.tui.way_out import WayOut

if TYPE_CHECKING:
    from textual.widget import Widget

    from sandbox.tui.playing import Playing

__all__ = ["BackroomsApp"]

_YOUNG: Final = 5_000
"""Objects made before the garbage collector looks at them, and in time at all: a page has some thousands."""


class BackroomsApp(App[None]):
    """Opens at a place, the list of scenarios if none is named.

    Args:
        desk: what the pages share.
        place: where to open.
        keys: the reader's own keys.
        alone: whether nothing else goes on in this process, before or after.
    """

    TITLE = "Backrooms"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    BINDINGS: ClassVar[list[BindingType]] = [*APP_KEYS]

    def __init__(
        self,
        desk: Desk | None = None,
        place: Place = "launch",
        keys: Keys | None = None,
        *,
        alone: bool = False,
    ) -> None:
        # Without colours only the terminal's own two are safe: others become greys, and vanish.
        plain = "NO_COLOR" in os.environ
        super().__init__(ansi_color=True if plain else None)
        self.animation_level = "none"  # a glide is a dozen repaints where one would do
        self.ansi_theme_dark = SIXTEEN
        self.ansi_theme_light = SIXTEEN_LIGHT
        for theme in THEMES:
            self.register_theme(theme)
        self.desk = Desk() if desk is None else desk
        self.keys = Keys(Path(), {}, {}) if keys is None else keys
        self.trail = Trail()
        self.left_running = False
        """Whether the reader wants runs played here to go on without the app."""
        self._own_theme = ""
        # One for good: rows are kept as they were drawn by the identity of their filters.
        self._safe = SafeFilter()
        self._place = place
        self._alone = alone
        self._staying: list[Page] = []
        self._ending = False
        self._way_out = WayOut(self)
        wanted = self.desk.settings.theme
        known = {theme.name for theme in THEMES}
        self.theme = "ansi" if plain else wanted if wanted in known else THEMES[0].name
        self.set_keymap({**self.keys.keys})
        for mode in MODES:
            self.add_mode(mode, partial(open_page, self.desk, mode))

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), self._safe]

    async def on_mount(self) -> None:
        """Open at the place that was asked for, and then look whether the reader's keys are right."""
        self.watch_title(self.title)
        if self._alone:
            # Code and styles are most of what the garbage collector would go through again and again,
            # in a pause that is seen. No page is made yet: one that is closed must be collected.
            page_type(self._place)
            gc.freeze()
            gc.set_threshold(_YOUNG)
        await self.go(self._place)
        if trouble := [*self.keys.wrong, *filter(None, [self.desk.settings.trouble])]:
            self.announce("\n".join(trouble), "warning")
        if self.keys.keys:
            self.run_worker(self._check_keys, name="keys", thread=True)

    def _check_keys(self) -> None:
        from sandbox.tui.bindings import scopes  # brings every page
        from sandbox.tui.keymap import wrong_keys

        if wrong := wrong_keys(self.keys, scopes(APP_KEYS)):
            told = "\n".join([*self.keys.wrong, *wrong])
            self.call_from_thread(self.announce, told, "warning")

    # where the reader goes ---------------------------------------------------------------------

    async def go(self, place: Place) -> None:
        """Open any place: a page that is open there already comes back, else one is made."""
        before = self.current_mode
        mode = mode_of(place) or before
        if mode != self.current_mode:
            await self.switch_mode(mode)
        if await self._return_to(place) or isinstance(place, str):
            if isinstance(place, str) and isinstance(self.screen, Page):
                self.screen.passing()
            return
        page = open_page(self.desk, place)
        page.opened_from = before
        if page.stays:
            self._staying.append(page)
            self.install_screen(page, f"page-{id(page)}")
        await self.push_screen(page)

    async def _return_to(self, place: Place) -> bool:
        """Bring up a page of this mode that can show the place itself; what lies over it is closed."""
        for page in (*reversed(self.screen_stack), *self._kept()):
            if isinstance(page, Page) and (
                page.calls if place == page.MODE else page.arrive(place)
            ):
                if page not in self.screen_stack:
                    await self.push_screen(page)
                while self.screen is not page:
                    await self.pop_screen()
                return True
        return False

    def _kept(self) -> list[Page]:
        """The pages that live on, seen or not."""
        return [page for page in self._staying if self.current_mode == page.MODE]

    def covered(self, mode: ModeName) -> bool:
        """Whether another page lies over the first one of a mode."""
        return mode in self._screen_stacks and len(self.get_screen_stack(mode)) > 1

    async def close(self, page: Page) -> None:
        """Close a page that was opened over another, and go back to the mode that it was opened from."""
        if len(self.screen_stack) > 1 and self.screen is page:
            await self.pop_screen()
            if page in self._staying:
                self._staying.remove(page)
                self.uninstall_screen(page)
                await page.remove()
            if page.opened_from in MODES:
                await self.switch_mode(page.opened_from)

    async def action_mode(self, mode: ModeName) -> None:
        """Go to a mode, to the page that was last seen there."""
        await self.go(mode)

    async def action_travel(self, way: int) -> None:
        """Go to the view before this one, or forward again."""
        await self._see(self.trail.step(way))

    async def action_last_view(self) -> None:
        """Go to the last view; again, back to this one."""
        await self._see(self.trail.swap())

    async def _see(self, place: Place | None) -> None:
        if place is None:
            self.announce("There is no further view.")
        elif isinstance(place, Played):
            await self.switch_mode("live")  # it is not played once more
            await self._return_to(place)
        else:
            await self.go(place)

    # what lies over a page ---------------------------------------------------------------------

    async def action_keys(self) -> None:
        """Show the keys that work here."""
        if isinstance(self.screen, Page):
            from sandbox.tui.help import KeysScreen

            keys = list(self.screen.active_bindings.values())
            await self.push_screen(KeysScreen(self.screen.ABOUT, keys))

    async def action_about(self) -> None:
        """Say what the page and the pane in focus are for."""
        if isinstance(page := self.screen, Page):
            from sandbox.tui.help import PaneHelp

            around = [] if self.focused is None else self.focused.ancestors_with_self
            nodes = [node for node in around if node is not page and node is not self]
            pane = next((node.HELP for node in nodes if node.HELP), "")
            active = page.active_bindings.values()
            keys = [each for each in active if each.node in nodes or each.node is page]
            await self.push_screen(PaneHelp(page.ABOUT, pane, keys))

    async def action_commands(self) -> None:
        """Open the palette."""
        if isinstance(self.screen, Page):
            from sandbox.tui.palette import Palette

            await self.push_screen(Palette())

    async def action_jump(self) -> None:
        """Paint a key on each pane."""
        if isinstance(page := self.screen, Page):
            from sandbox.tui.jump import JumpScreen

            await self.push_screen(JumpScreen(page.panes), self._jump)

    def _jump(self, pane: Widget | None) -> None:
        if pane is not None:
            pane.focus()

    def action_zoom(self) -> None:
        """Show the pane in focus alone, or all of them again."""
        if isinstance(page := self.screen, Page):
            page.zoom()

    def action_widen(self, way: int) -> None:
        """Make the pane in focus wider or narrower."""
        if isinstance(page := self.screen, Page):
            page.widen(way)

    # looks and news ----------------------------------------------------------------------------

    def choose_theme(self, theme: str) -> None:
        """Change the theme, and remember it."""
        self.theme = self.desk.settings.theme = theme
        self.desk.settings.save()

    @on(CommandPalette.OptionHighlighted)
    def _try_on(self, event: CommandPalette.OptionHighlighted) -> None:
        from sandbox.tui.palette import previewed

        self.theme = previewed(event) or self._own_theme

    @on(CommandPalette.Opened)
    def _palette_opened(self) -> None:
        self._own_theme = self.theme

    @on(CommandPalette.Closed)
    def _palette_closed(self, event: CommandPalette.Closed) -> None:
        if not event.option_selected:
            self.theme = self._own_theme

    def announce(self, text: str, tone: Tone = "calm") -> None:
        """Show small news on the page in sight."""
        if isinstance(self.screen, Page):
            self.screen.flash(text, tone)

    def screenshot(self) -> None:
        """Write what is on the screen to an SVG file in the working folder."""
        file = Path(f"backrooms-{stamp(self.desk.clock.now())}.svg")
        try:
            file.write_text(self.export_screenshot(), encoding="utf-8")
        except OSError as error:
            self.announce(f"{file} cannot be written: {error.strerror}.", "bad")
        else:
            self.announce(f"Written: {file}", "good")

    def watch_title(self, title: str) -> None:
        """Give the terminal's window the title; hostile text is made neutral here."""
        if self._driver is not None and not self.is_headless and not self.is_web:
            self._driver.write(f"\x1b]2;{clause(title)}\x07")

    # the way out -------------------------------------------------------------------------------

    def action_leave(self) -> None:
        """Quit; a run that is played here asks first."""
        self.leave()

    async def action_quit(self) -> None:
        self.leave()

    def action_help_quit(self) -> None:
        """Ctrl+C copies what is chosen; where nothing is, it says which key leaves."""
        keys = self.screen.active_bindings.values()
        quits = [each.binding for each in keys if each.binding.id in {"app.quit", "edit.quit"}]
        key = min(map(self.get_key_display, quits), key=len, default="ctrl+q")
        self.announce(f"{key} leaves. ctrl+c only copies what is chosen.")

    def leave(self) -> None:
        """Quit; if a text is unsaved or a run is played here, ask first what is to become of it."""
        self._way_out.begin()

    @on(QuitBar.Chosen)
    async def _leave_so(self, event: QuitBar.Chosen) -> None:
        await self._way_out.go_on(event.leave)

    def end(self) -> None:
        """Quit without a question: what is played here is stopped in order first."""
        if not self._ending:
            self._ending = True
            self.run_worker(self._stop_all(self.desk.alive), name="leave")

    async def _stop_all(self, alive: Sequence[Playing]) -> None:
        for playing in alive:
            playing.stop()
        for playing in alive:
            await playing.settled()
        self.exit()
