"""What is typed to go somewhere in a replay: `214`, `22:40`, `50%`, `flag 3`, `@ivo`, `seq 1234`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from sandbox.errors import UsageError
from sandbox.transcript.away import Away
from sandbox.transcript.replay import ReplayClock
from sandbox.transcript.replay_place import go_to

__all__ = ["WAYS", "seek"]

WAYS: Final = "214  turn 214  22:40  50%  flag 3  note 2  @ivo  seq 1234"
"""Examples of all that ``seek`` understands."""

_SOME: Final = "try 12, 22:40, 50%, flag 3, seq 200"
"""So few that the sentence takes one row, and does not hide what is typed."""

_NAMED: Final = re.compile(r"(turn|seq|flag|note)[ :#]+(\d{1,12})", re.ASCII | re.IGNORECASE)
_ELAPSED: Final = re.compile(r"\+?((?:\d{1,4}:)?\d{1,4}:\d\d(?:\.\d{1,6})?)", re.ASCII)
_CLOCK: Final = re.compile(r"(?:at |utc )\s*(.+)", re.ASCII | re.IGNORECASE)


def seek(
    clock: ReplayClock,
    typed: str,
    notes: tuple[int, ...] = (),
    next_of: Callable[[str], int | None] = lambda agent: None,
    away: Away | None = None,
) -> None:
    """Move a clock to the place that is meant.

    A bare time is one since the start, as it stands on the screen; ``at 12:03`` is a time of day.

    Args:
        clock: of the replay.
        typed: what the reader wrote.
        notes: the indices of events with a note, ascending.
        away: when no engine ran the run, as far as it is known.
        next_of: finds the next turn of an agent behind the present one: the index of its first event.

    Raises:
        UsageError: it is no place, or not in this run; the message says what is.
    """
    typed = typed.strip()
    if typed.startswith("@"):
        found = next_of(typed[1:])
        if found is None:
            raise UsageError(f"no agent {typed[1:40]!r} has a turn behind this one.")
        clock.seek(found)
    elif match := _NAMED.fullmatch(typed):
        what, number = match[1].lower(), int(match[2])
        if what == "note":
            _to_note(clock, number, notes)
        else:
            go_to(clock, f"{what}:{number}" if what != "turn" else str(number))
    elif match := _ELAPSED.fullmatch(typed):
        _to_elapsed(clock, match[1], away or Away())
    elif match := _CLOCK.fullmatch(typed):
        go_to(clock, match[1])
    else:
        _elsewhere(clock, typed)


def _to_note(clock: ReplayClock, number: int, notes: tuple[int, ...]) -> None:
    if not 1 <= number <= len(notes):
        raise UsageError(f"there is no note {number}: the run has {len(notes)}.")
    clock.seek(notes[number - 1] + 1)


def _to_elapsed(clock: ReplayClock, text: str, away: Away) -> None:
    start = clock.log.moment(0) if len(clock.log) else None
    if start is None:
        raise UsageError("the record does not say when this run began: use a turn or 50%.")
    seconds = 0.0
    for part in text.split(":"):
        seconds = seconds * 60 + float(part)
    last = clock.log.moment(len(clock.log) - 1)
    at = away.moment(start, seconds)
    if last is not None and at > last:
        raise UsageError(f"the run is shorter than {text}: use `end`, or a smaller time.")
    clock.seek_moment(at)


def _elsewhere(clock: ReplayClock, typed: str) -> None:
    try:
        go_to(clock, typed)
    except UsageError as error:
        if "is no place" not in str(error):
            raise
        raise UsageError(f"{typed[:24]!r} is no place in a run: {_SOME}.") from None
