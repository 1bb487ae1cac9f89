"""Commands: whatever a key does here, the modes, the themes, a screenshot, and every run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding, BindingType
from textual.command import CommandPalette, DiscoveryHit, Hit, Provider
from textual.content import Content
from textual.dom import DOMNode

from sandbox.console.fields import clause
from sandbox.tui.bindings import own_bindings
from sandbox.tui.looks import THEMES
from sandbox.tui.page import Page
from sandbox.tui.places import Flagged, Replayed

if TYPE_CHECKING:
    from sandbox.tui.app import BackroomsApp

__all__ = ["Command", "Commands", "Palette", "Preview", "previewed"]

_RUNS: Final = 200
"""The latest; of older ones the runs page has a list."""


class Preview:
    """A command that changes the theme; while it is only looked at, the theme is tried on."""

    def __init__(self, app: BackroomsApp, theme: str) -> None:
        self.theme = theme
        self._app = app

    def __call__(self) -> None:
        self._app.choose_theme(self.theme)


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the palette; its text is neutral."""

    name: str
    run: Callable[[], object]


class Commands(Provider):
    """Finds commands for the page that the palette lies over."""

    async def discover(self) -> AsyncIterator[DiscoveryHit]:
        """Offer all but the runs, of which there may be many."""
        for command in [*self._keys(), *self._themes(), *self._others()]:
            yield DiscoveryHit(Content(command.name), command.run, command.name)

    async def search(self, query: str) -> AsyncIterator[Hit]:
        """Offer what has these letters, in their order."""
        matcher = self.matcher(query)
        for command in self.all():
            score = matcher.match(command.name)
            if score > 0:
                shown = matcher.highlight(command.name)
                yield Hit(score, shown, command.run, command.name)

    def all(self) -> Iterator[Command]:
        """Every command there is here."""
        yield from self._keys()
        yield from self._themes()
        yield from self._others()
        yield from self._runs()

    @property
    def _backrooms(self) -> BackroomsApp:
        app: BackroomsApp = self.app  # type: ignore[assignment]  # no palette opens in another app
        return app

    def _keys(self) -> Iterator[Command]:
        """Whatever a key does: what the page is for, then the pane in focus and the app, then the other panes."""
        seen: set[str] = set()
        own = [binding.id for binding in own_bindings(type(self.screen))]
        here = self.screen.active_bindings.values()
        places = {id: place for place, id in reversed([*enumerate(own)])}
        for active in sorted(here, key=lambda active: places.get(active.binding.id, len(own))):
            binding = active.binding
            if binding.id and binding.id not in seen and binding.id != "app.commands":
                seen.add(binding.id)
                yield self._of_key(binding, active.node)
        keys = self._backrooms.keys.keys
        for node in self.screen.walk_children():
            for binding in own_bindings(type(node)) if _shown(node) else ():
                if binding.id and binding.id not in seen:
                    seen.add(binding.id)
                    yield self._of_key(
                        replace(binding, key=keys.get(binding.id, binding.key)), node
                    )

    def _of_key(self, binding: Binding, node: DOMNode) -> Command:
        if isinstance(node, Page):
            binding = node.named(binding)
        key = self.app.get_key_display(binding)
        run = partial(self._run, binding.action, node)
        told = binding.tooltip if binding.tooltip != binding.description else ""
        name = f"{binding.description}: {told}" if told else binding.description
        return Command(f"{name}  [{key}]", run)

    async def _run(self, action: str, node: DOMNode) -> None:
        if node.is_attached:  # it may have gone while the palette was open
            await self._backrooms.run_action(action, default_namespace=node)

    def _themes(self) -> Iterator[Command]:
        for theme in THEMES:
            run = Preview(self._backrooms, theme.name)
            yield Command(f"Theme: {theme.name}", run)

    def _others(self) -> Iterator[Command]:
        yield Command("Screenshot: write this screen to an SVG file", self._backrooms.screenshot)

    def _runs(self) -> Iterator[Command]:
        page = self.screen
        if not isinstance(page, Page):
            return
        try:
            folders = sorted(
                (path for path in page.desk.root.iterdir() if path.is_dir()), reverse=True
            )
        except OSError:
            return
        for folder in folders[:_RUNS]:
            name = clause(folder.name)
            yield Command(f"Replay: {name}", partial(page.go, Replayed(folder)))
            yield Command(f"Flags: {name}", partial(page.go, Flagged(folder)))


def _shown(node: DOMNode) -> bool:
    return all(each.display for each in node.ancestors_with_self)


class Palette(CommandPalette):
    """Textual's palette with the app's commands."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "escape", "Close", show=False, tooltip="Close", id="palette.close"),
    ]

    def __init__(self) -> None:
        super().__init__([Commands], placeholder="Commands, themes, runs")


def previewed(event: CommandPalette.OptionHighlighted) -> str | None:
    """Return the theme that is looked at in the palette, if one is."""
    hit = getattr(event.highlighted_event.option, "hit", None)
    command = getattr(hit, "command", None)
    return command.theme if isinstance(command, Preview) else None
