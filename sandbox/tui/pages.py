"""Which page shows which place; a page's module is imported when it is first wanted."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from sandbox.tui.places import (
    Compared,
    Edited,
    Flagged,
    Inspected,
    ModeName,
    Place,
    Played,
    Replayed,
    Watched,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.tui.desk import Desk
    from sandbox.tui.page import Page

__all__ = ["mode_of", "open_page", "page_type"]

_PAGES: Final[dict[str | type, tuple[ModeName, str, str]]] = {
    "launch": ("launch", "launch", "LaunchPage"),
    "live": ("live", "live", "LivePage"),
    "runs": ("runs", "runs", "RunsPage"),
    "flags": ("flags", "flags", "FlagsPage"),
    "edit": ("edit", "edit", "EditPage"),
    "compare": ("compare", "compare", "ComparePage"),
    Played: ("live", "live", "LivePage"),
    Watched: ("live", "live", "LivePage"),
    Replayed: ("runs", "replay", "ReplayPage"),
    Flagged: ("flags", "flags", "FlagsPage"),
    Edited: ("edit", "edit", "EditPage"),
    Compared: ("compare", "compare", "ComparePage"),
}


def mode_of(place: Place) -> ModeName | None:
    """Return the mode that a place belongs to; None for one that opens over any page."""
    return None if isinstance(place, Inspected) else _entry(place)[0]


def open_page(desk: Desk, place: Place) -> Page:
    """Make the page for a place; a mode's name makes the mode's first page."""
    return page_type(place)(desk, None if isinstance(place, str) else place)


def page_type(place: Place) -> Callable[[Desk, Place | None], Page]:
    """Import the page for a place."""
    if isinstance(place, Inspected):
        folder, name = "inspector", "InspectorPage"
    else:
        _, folder, name = _entry(place)
    module = import_module(f"sandbox.tui.{folder}.page")
    made: Callable[[Desk, Place | None], Page] = getattr(module, name)
    return made


def _entry(place: Place) -> tuple[ModeName, str, str]:
    return _PAGES[place if isinstance(place, str) else type(place)]
