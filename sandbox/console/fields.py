"""Values of an event's data as they are shown: neutral, of bounded length, whatever was recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sandbox.console.lines import MAX_TEXT, shorten
from sandbox.console.neutral import neutralise

__all__ = ["clause", "listed", "number", "text", "word"]

_CLAUSE: Final = 300


def text(data: Mapping[str, Any], key: str) -> str:
    """Return a text of many lines; empty where there is none."""
    value = data.get(key)
    return neutralise(shorten(value if isinstance(value, str) else clause(value), MAX_TEXT))


def word(data: Mapping[str, Any], key: str) -> str:
    """Return a value as one line; empty where there is none."""
    return clause(data.get(key))


def number(data: Mapping[str, Any], key: str) -> float:
    """Return a number; 0 where there is none."""
    value = data.get(key)
    return value if isinstance(value, int | float) else 0


def listed(data: Mapping[str, Any], key: str) -> list[str]:
    """Return a list of names, or the keys of an object, as lines; empty where there is none."""
    value = data.get(key)
    return [clause(item) for item in value] if isinstance(value, list | tuple | dict) else []


def clause(value: object) -> str:
    """Write any value in at most 300 characters and one line."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        value = ", ".join(_pairs(value.items()))
    elif isinstance(value, list | tuple):
        value = ", ".join(clause(item) for item in value[:_CLAUSE])
    return neutralise(shorten(str(value), _CLAUSE), newlines=False)


def _pairs(items: Iterable[tuple[object, object]]) -> list[str]:
    return [f"{clause(key)}: {clause(value)}" for key, value in items if value not in (None, "")]
