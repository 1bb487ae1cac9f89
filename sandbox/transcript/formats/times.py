"""Times of other systems as times of ours."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["has_zone", "stamp", "utc"]


def utc(at: str | None) -> str:
    """Write an ISO 8601 time as our records do; empty where there is none, or it cannot be read.

    A time that tells no zone is written as if it were UTC: the caller says so once.
    """
    moment = _read(at)
    if moment is None:
        return ""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def has_zone(at: str | None) -> bool:
    """Whether a time that can be read tells its zone."""
    try:
        return at is None or datetime.fromisoformat(at).tzinfo is not None
    except ValueError:
        return True


def stamp(at: str | None) -> str:
    """Write a time as the head of a run's id; zeros where it is not known."""
    moment = _read(at)
    return "00000000-000000" if moment is None else moment.strftime("%Y%m%d-%H%M%S").rjust(15, "0")


def _read(at: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(at or "")
        return moment if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
