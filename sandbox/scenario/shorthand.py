"""Short ways to write a value in a scenario file, and the long one that each stands for.

Each function takes whatever stands in the file and gives back anything it cannot read unchanged, so
that the schema says what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from agents.tools.schemas import SCHEMAS

__all__ = ["agent", "canary", "door", "line", "order", "room", "seconds", "size", "step", "steps"]

_MEASURE: Final = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,6})?) ?([A-Za-z]{1,3})")
_BYTES: Final = {
    "B": 1, "kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9,
    "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30,
}  # fmt: skip
_SECONDS: Final = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600}


def size(value: object) -> object:
    """``512MB`` or ``1GiB`` as bytes."""
    amount = _measured(value, _BYTES)
    return value if amount is None else round(amount)


def seconds(value: object) -> object:
    """``90s``, ``5m`` or ``2h`` as seconds."""
    amount = _measured(value, _SECONDS)
    return value if amount is None else amount


def _measured(value: object, units: Mapping[str, float]) -> float | None:
    found = _MEASURE.fullmatch(value) if isinstance(value, str) else None
    if found is None or found[2] not in units:
        return None
    return float(found[1]) * units[found[2]]


def agent(value: object) -> object:
    """A text is the agent's model; nothing at all is an agent with every default."""
    if value is None:
        return {}
    return {"model": value} if isinstance(value, str) else value


def room(value: object) -> object:
    """A list holds the members; nothing at all is a room with every default."""
    if value is None:
        return {}
    return {"members": value} if isinstance(value, list) else value


def canary(value: object) -> object:
    """A text is the path."""
    return {"path": value} if isinstance(value, str) else value


def door(value: object) -> object:
    """``true`` is a door that is open with every default, ``false`` one that is shut."""
    if value is True:
        return {}
    return None if value is False else value


def order(value: object) -> object:
    """A word is the kind of order."""
    return {"kind": value} if isinstance(value, str) else value


def line(value: object) -> object:
    """A text is said."""
    return {"say": value} if isinstance(value, str) else value


def steps(value: object) -> object:
    """One action needs no list around it."""
    return [value] if isinstance(value, str | dict) else value


def step(value: object) -> object:
    """A bare tool name has no arguments; a text after it is the one argument that the tool needs."""
    if isinstance(value, str):
        return {value: {}}
    if isinstance(value, dict):
        return {tool: _arguments(tool, given) for tool, given in value.items()}
    return value


def _arguments(tool: str, given: object) -> object:
    if given is None:
        return {}
    if isinstance(given, str):
        needed: list[Any] = SCHEMAS[tool]["schema"]["required"] if tool in SCHEMAS else ["text"]
        return {needed[0]: given} if len(needed) == 1 else given
    return given
