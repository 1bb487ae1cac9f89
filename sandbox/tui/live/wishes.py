"""What is typed into the bars for limits and filters, read as acts of an operator."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sandbox.errors import UsageError

__all__ = ["FILTER_HINT", "LIMIT_HINT", "read_filter", "read_limits"]

FILTER_HINT: Final = 'agent= room= kind= words="..." pattern= seconds=   empty holds all'
LIMIT_HINT: Final = "turns= seconds= tokens= money=   none lifts one"

_FILTER: Final = ("agent", "room", "kind", "words", "pattern", "seconds")
_LIMITS: Final = ("turns", "seconds", "tokens", "money")


def read_filter(text: str) -> Mapping[str, Any]:
    """Read a filter: ``agent=ada words="the door"``; words without a key are looked for in the text.

    Raises:
        UsageError: no such key, a number that is none, or a quotation that does not end.
    """
    wanted: dict[str, Any] = {}
    words = []
    for key, value in _pairs(text, _FILTER):
        if key == "seconds":
            wanted[key] = _number(key, value)
        elif key:
            wanted[key] = value
        else:
            words.append(value)
    if words:
        wanted["words"] = " ".join([*([wanted["words"]] if "words" in wanted else []), *words])
    return {"verb": "hold", **wanted}


def read_limits(text: str) -> list[Mapping[str, Any]]:
    """Read limits: ``turns=400 money=none``.

    Raises:
        UsageError: no such limit, or no number.
    """
    acts: list[Mapping[str, Any]] = []
    for key, value in _pairs(text, _LIMITS):
        if not key:
            raise UsageError(f"{value!r:.40} is no limit: write turns=400, for example.")
        amount = None if value == "none" else _number(key, value)
        acts.append({"verb": "limit", "what": key, "value": amount})
    return acts


def _pairs(text: str, keys: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    try:
        parts = shlex.split(text)
    except ValueError:
        raise UsageError("a quotation mark is opened and not closed.") from None
    for part in parts:
        key, equals, value = part.partition("=")
        if not equals:
            yield "", part
        elif key not in keys:
            raise UsageError(f"there is no {key!r:.40}: use {', '.join(keys)}.")
        elif value:
            yield key, value


def _number(key: str, value: str) -> float:
    try:
        return int(value) if value.isdecimal() else float(value)
    except ValueError:
        raise UsageError(f"{key}={value!r:.40}: this is no number.") from None
