"""The panes of a page: which one is the reader's, and how wide each is."""

from __future__ import annotations

from textual.containers import Container
from textual.css.scalar import Unit
from textual.screen import Screen
from textual.widget import Widget

from sandbox.tui.heading import Heading
from sandbox.tui.settings import Settings

__all__ = ["alone", "pane_of", "restore", "together", "widen"]

_STEP = 4
_LEAST = 16
"""Cells below which a pane shows nothing that can be read."""


def pane_of(widget: Widget | None) -> Widget | None:
    """Return the largest part of a page around a widget that has neighbours beside it."""
    while widget is not None and isinstance(widget.parent, Widget):
        if not isinstance(widget.parent, Screen) and _beside(widget):
            return widget
        widget = widget.parent
    return None


def alone(widget: Widget) -> list[Widget]:
    """Hide every part of the page but the pane around a widget; return what stands aside now."""
    aside: list[Widget] = []
    part = pane_of(widget) or widget
    part.add_class("zoomed")
    while isinstance(part.parent, Widget):
        docked = {
            each for each in part.parent.children if each.styles.is_docked or each.styles.layer
        }
        for each in part.parent.displayed_children:
            if each is not part and each not in docked and not isinstance(each, Heading):
                each.display = False
                aside.append(each)
        part = part.parent
    return aside or [widget]


def together(aside: list[Widget]) -> None:
    """Show what stood aside."""
    for each in aside:
        each.display = True
    for zoomed in aside[0].screen.query(".zoomed"):
        zoomed.remove_class("zoomed")


def widen(widget: Widget | None, way: int, settings: Settings) -> bool:
    """Make the pane around a widget wider or narrower, and remember it; False if nothing gives way."""
    pane = pane_of(widget)
    if pane is None:
        return False
    row = [pane, *_beside(pane)]
    fixed = [each for each in row if not _flexible(each)]
    flexible = [each for each in row if _flexible(each)]
    if not _flexible(pane) and flexible:
        grown, given = pane, flexible[0]
    elif _flexible(pane) and fixed:
        grown, given, way = max(fixed, key=lambda each: each.outer_size.width), pane, -way
    else:
        grown, given = pane, row[1]
    width = grown.outer_size.width + way * _STEP
    if width < _LEAST or given.outer_size.width - way * _STEP < _LEAST:
        return False
    grown.styles.width = width
    settings.widths[_name(grown)] = width
    settings.save()
    return True


def restore(screen: Screen[None], settings: Settings) -> None:
    """Give the panes of a page the widths that they were given before, if there is room beside them."""
    for pane in screen.query(Widget):
        width = settings.widths.get(_name(pane)) if settings.widths else None
        if width is not None and width <= screen.size.width - _LEAST and _beside(pane):
            pane.styles.width = width


def _beside(widget: Widget) -> list[Widget]:
    """The parts of the page that stand in one row with this one."""
    parent = widget.parent
    if not isinstance(parent, Widget):
        return []
    return [
        each
        for each in parent.displayed_children
        if each is not widget
        and each.region.y == widget.region.y
        and each.region.height == widget.region.height
        and each.region.height > 1
    ]


def _flexible(widget: Widget) -> bool:
    width = widget.styles.width
    return width is not None and width.unit == Unit.FRACTION


def _name(widget: Widget) -> str:
    inner = widget.children[0] if type(widget) is Container and widget.children else widget
    return f"{type(widget.screen).__name__}/{type(inner).__name__}"
