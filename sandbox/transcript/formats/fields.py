"""What a field of foreign JSON holds, where it holds what its format says; else nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

__all__ = ["integer", "kept", "mapping", "mappings", "moment", "of_unix", "sequence", "string"]


def string(record: Mapping[str, Any], *keys: str) -> str | None:
    """Return the first of the fields that is text and not empty."""
    for key in keys:
        value = record.get(key)
        if isinstance(value, str) and value:
            return value
    return None


def integer(record: Mapping[str, Any], key: str) -> int | None:
    """Return a field that is a whole number; JSON's ``true`` is none."""
    value = record.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def mapping(value: object) -> Mapping[str, Any]:
    """Return a JSON object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> Sequence[Any]:
    """Return a JSON list, or an empty one for anything else."""
    return value if isinstance(value, list) else ()


def mappings(value: object) -> list[Mapping[str, Any]]:
    """Return the objects of a JSON list, or none for anything else."""
    return [item for item in sequence(value) if isinstance(item, dict)]


def kept(record: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """Pick the fields that are there and say something."""
    return {key: record[key] for key in keys if record.get(key) not in (None, "", [], {})}


def moment(value: object) -> str | None:
    """Return a text that is an ISO 8601 time, as it stands; else None."""
    if not isinstance(value, str) or not 10 <= len(value) <= 40:
        return None
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return None
    return value


def of_unix(value: object) -> str | None:
    """Write a Unix time in seconds as ISO 8601; None for what is no time since 1970."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not value > 0:
        return None
    try:
        return datetime.fromtimestamp(value, UTC).isoformat()
    except (OverflowError, OSError, ValueError):
        return None
