"""Values of an event's data as detectors take them: whatever a stranger's record holds, nothing raises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["mapping", "names", "text", "whole"]


def mapping(value: object) -> Mapping[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def names(value: object) -> tuple[str, ...]:
    """The texts of a list, or of an object's keys; nothing else of it."""
    items = value if isinstance(value, list | tuple | Mapping | set | frozenset) else ()
    return tuple(item for item in items if isinstance(item, str))


def text(value: object) -> str:
    """The value if it is a text, else an empty one."""
    return value if isinstance(value, str) else ""


def whole(value: object) -> int:
    """The value if it is a whole number, else 0."""
    return value if type(value) is int else 0
