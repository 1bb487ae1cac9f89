"""Every binding of the app: what can be bound anew, and which bindings meet on one page."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pkgutil import walk_packages

from textual.binding import Binding
from textual.dom import DOMNode

import sandbox.tui
from sandbox.tui.page import Page

__all__ = ["classes", "own_bindings", "scopes"]


def scopes(shared: Sequence[Binding]) -> list[dict[str, list[str]]]:
    """Return the keys of each binding by its id, for each page and each pane of the app.

    Args:
        shared: the app's own; they work on every page.
    """
    found = []
    for kind in classes(DOMNode):
        bindings = list(own_bindings(kind))
        if issubclass(kind, Page):
            bindings += shared
        scope: dict[str, list[str]] = {}
        for binding in bindings:
            if binding.id:
                scope.setdefault(binding.id, []).append(binding.key)
        if scope:
            found.append(scope)
    return found


def own_bindings(kind: type[DOMNode]) -> Iterator[Binding]:
    """Return the bindings of a class, its parents' included, one for each key."""
    for base in kind.__mro__:
        yield from Binding.make_bindings(base.__dict__.get("BINDINGS", ()))


def classes(kind: type[DOMNode]) -> Iterator[type[DOMNode]]:
    """Every class of the app below one, once; what tests made of them is no part of it."""
    for info in walk_packages(sandbox.tui.__path__, "sandbox.tui."):
        # What serves a browser has no keys, and needs an extra that may not be there.
        if not info.name.startswith("sandbox.tui.serve"):
            import_module(info.name)
    seen = {kind}
    todo = [kind]
    while todo:
        for child in todo.pop().__subclasses__():
            if child not in seen:
                seen.add(child)
                todo.append(child)
                module = sys.modules.get(child.__module__)
                if child.__module__.startswith("sandbox.tui.") and module is not None:
                    yield child
