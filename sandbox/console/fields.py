"""Values of an event's data as they are shown: neutral, short, whatever was recorded."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

from sandbox.console.lines import MAX_TEXT, shorten
from sandbox.console.neutral import neutralise

__all__ = ["clause", "listed", "number", "text", "word"]

_LONGEST: Final = 1000
_ITEMS: Final = 50
_DEEPEST: Final = 4


def text(data: Mapping[str, Any], key: str) -> str:
    """Return a text of many lines; empty where there is none."""
    value = data.get(key)
    return neutralise(shorten(value if isinstance(value, str) else clause(value), MAX_TEXT))


def word(data: Mapping[str, Any], key: str) -> str:
    """Return a value as one line; empty where there is none."""
    return clause(data.get(key))


def number(data: Mapping[str, Any], key: str) -> float:
    """Return a number; 0 where there is none, or one that no count or sum here can be."""
    value = data.get(key)
    return value if isinstance(value, int | float) and abs(value) < 1e18 else 0


def listed(data: Mapping[str, Any], key: str) -> list[str]:
    """Return a list of names, or the keys of an object, as lines; empty where there is none."""
    value = data.get(key)
    items = value if isinstance(value, list | tuple | Mapping) else ()
    return [clause(item) for item in islice(items, _ITEMS)]


def clause(value: object, depth: int = 0) -> str:
    """Write any value in one line of bounded length; empty for None."""
    if value is None:
        return ""
    if isinstance(value, Mapping | list | tuple) and depth == _DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        items = islice(value.items(), _ITEMS)
        value = ", ".join(
            f"{clause(key)}: {clause(item, depth + 1)}"
            for key, item in items
            if item not in (None, "")
        )
    elif isinstance(value, list | tuple):
        value = ", ".join(clause(item, depth + 1) for item in value[:_ITEMS])
    return neutralise(shorten(str(value), _LONGEST), newlines=False)
