"""A place in a run as people write it: a turn, a time, a percentage, an event, a flag."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from sandbox.errors import UsageError
from sandbox.transcript.replay import ReplayClock

__all__ = ["PLACES", "go_to"]

PLACES: Final = (
    "a turn (12), a time (12:03:05), a time since the start (+1:30), 50%, seq:N or flag:N"
)
"""What ``go_to`` understands, in words."""

_NUMBER: Final = re.compile(r"(?:(turn|seq|flag):)?(\d{1,12})", re.ASCII)
_PERCENT: Final = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)%", re.ASCII)
_TIME: Final = re.compile(r"(\+?)(?:(\d{1,4}):)?(\d{1,2}):(\d\d(?:\.\d{1,6})?)", re.ASCII)
_DAY: Final = 86_400


def go_to(clock: ReplayClock, place: str) -> None:
    """Move a clock to the place that is meant.

    A time of day is UTC, as in the record, and ``12:03`` is short for ``12:03:00``; after a ``+``
    the parts are hours, minutes and seconds, or minutes and seconds.

    Raises:
        UsageError: it is no place, or not in this run; the message says what is.
    """
    place = place.strip()
    if match := _NUMBER.fullmatch(place):
        _to_number(clock, match[1] or "turn", int(match[2]))
    elif (match := _PERCENT.fullmatch(place)) and float(match[1]) <= 100:
        clock.seek_percent(float(match[1]))
    elif match := _TIME.fullmatch(place):
        _to_time(clock, match)
    elif (at := _iso(place)) is not None:
        clock.seek_moment(at)
    else:
        raise UsageError(f"{place[:40]!r} is no place in a run: use {PLACES}.")


def _to_number(clock: ReplayClock, what: str, number: int) -> None:
    flags, events = len(clock.log.flags()), len(clock.log)
    if what == "turn":
        if number > clock.turns:
            raise UsageError(f"there is no turn {number}: the run has {clock.turns}.")
        clock.seek_turn(number)
    elif what == "seq":
        if not 1 <= number <= events:
            raise UsageError(f"there is no event {number}: the run has {events}.")
        clock.seek_seq(number)
    elif not clock.seek_flag(number):
        raise UsageError(f"there is no flag {number}: the run has {flags}.")


def _to_time(clock: ReplayClock, match: re.Match[str]) -> None:
    start = clock.log.moment(0) if len(clock.log) else None
    if start is None:
        raise UsageError("the record does not say when this run began: use a turn, 50% or seq:N.")
    since, first, second, third = match.groups()
    if since:
        seconds = int(first or 0) * 3600 + int(second) * 60 + float(third)
        clock.seek_moment(start + seconds)
        return
    # Of two parts the second one is minutes: nobody knows the minute of a run but not its hour.
    hours, minutes, rest = (
        (int(first), int(second), float(third)) if first else (int(second), int(float(third)), 0.0)
    )
    if hours > 23 or minutes > 59 or rest >= 60:
        raise UsageError(f"{match[0]!r} is no time of day.")
    midnight = start // _DAY * _DAY
    at = midnight + hours * 3600 + minutes * 60 + rest
    last = clock.log.moment(len(clock.log) - 1)
    past_midnight = at < start and last is not None and last >= at + _DAY
    clock.seek_moment(at + _DAY if past_midnight else at)


def _iso(text: str) -> float | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
