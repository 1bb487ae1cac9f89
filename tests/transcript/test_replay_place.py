"""Places in a run as people write them."""

import pytest

from sandbox.errors import UsageError
from sandbox.transcript import Event, ListLog, ReplayClock, go_to
from sandbox.transcript.replay_place import PLACES

ROWS = [
    ("run.started", 0, "12:00:00"),
    ("turn.offered", 1, "12:00:00.500"),
    ("say", 1, "12:00:01"),
    ("turn.ended", 1, "12:00:01"),
    ("turn.offered", 2, "13:00:00"),
    ("flag", 2, "13:00:01"),
    ("say", 2, "13:00:00.500"),
    ("turn.ended", 2, None),
    ("turn.offered", 3, "13:00:02"),
    ("say", 3, None),
    ("flag", 3, "13:00:03"),
]
EVENTS = [
    Event(seq, kind, "ada", {"turn": turn}, ts=f"2026-11-21T{at}Z" if at else "")
    for seq, (kind, turn, at) in enumerate(ROWS, 1)
]


@pytest.mark.parametrize(
    ("place", "position"),
    [
        ("2", 4), ("turn:0", 0), ("seq:7", 6), ("flag:2", 11), ("0%", 0), ("50%", 5), ("100%", 11),
        ("12:00:01", 2), ("13:00", 4), ("+1:00:00", 4), ("+0:00.5", 1), ("+2:00:00", 11), (" 3 ", 8),
        ("2026-11-21T13:00:02Z", 8), ("11:00:00", 0), ("23:59:59", 11),
    ],
)  # fmt: skip
def test_a_place_is_a_turn_a_time_a_percentage_an_event_or_a_flag(place, position):
    clock = ReplayClock(ListLog(EVENTS))
    go_to(clock, place)
    assert clock.position == position


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("4", "there is no turn 4: the run has 3."),
        ("seq:12", "there is no event 12: the run has 11."),
        ("flag:0", "there is no flag 0: the run has 2."),
        ("24:00:00", "'24:00:00' is no time of day."),
        (
            "101%",
            f"'101%' is no place in a run: use {PLACES}.",
        ),
    ],
)
def test_what_is_no_place_is_refused_and_nothing_moves(place, message):
    clock = ReplayClock(ListLog(EVENTS))
    clock.seek(3)
    with pytest.raises(UsageError) as caught:
        go_to(clock, place)
    assert (str(caught.value), clock.position) == (message, 3)


def test_a_place_in_time_needs_a_record_that_tells_it():
    with pytest.raises(UsageError, match="does not say when this run began"):
        go_to(ReplayClock(ListLog([Event(1, "run.started", "engine")])), "12:00:00")


def test_after_midnight_comes_the_next_day():
    events = [Event(1, "run.started", "engine", ts="2026-11-21T23:59:00Z")]
    events += [Event(2, "say", "ada", ts="2026-11-22T00:10:00Z")]
    clock = ReplayClock(ListLog(events))
    go_to(clock, "00:05:00")
    assert clock.position == 1
