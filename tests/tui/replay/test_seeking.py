"""What is typed to go somewhere: every way, and what is said of what is none."""

import pytest

from sandbox.errors import UsageError
from sandbox.transcript import Event, ListLog, ReplayClock
from sandbox.tui.replay.seeking import seek


def events():
    yield "run.started", "engine", {}
    for turn in range(1, 61):
        who = ("ada", "bo")[turn % 2]
        yield "turn.offered", who, {"turn": turn, "agent": who}
        yield "say", who, {"text": "word"}
        if turn % 20 == 0:
            yield "flag", "watch", {"id": "contact", "agent": who}


@pytest.fixture
def clock():
    return ReplayClock(
        ListLog(
            Event(seq, *each, ts=f"2026-11-21T12:{30 + seq // 60:02}:{seq % 60:02}Z")
            for seq, each in enumerate(events(), 1)
        )
    )


def go(clock, typed):
    ways = {"bo": 7}
    seek(clock, typed, (10, 50), ways.get)
    return clock.position


@pytest.mark.parametrize(
    ("typed", "position"),
    [
        ("12", 23),
        (" turn 12 ", 23),
        ("turn:12", 23),
        ("0", 0),
        ("50%", 62),
        ("0:30", 30),
        ("+0:30", 30),
        ("0:00:30", 30),
        ("at 12:30:31", 30),
        ("flag 2", 83),
        ("FLAG:2", 83),
        ("flag#1", 42),
        ("note 2", 51),
        ("seq 100", 99),
        ("seq:100", 99),
        ("@bo", 7),
    ],
)
def test_ways_to_say_a_place(clock, typed, position):
    assert go(clock, typed) == position


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("61", "there is no turn 61: the run has 60."),
        ("flag 4", "there is no flag 4: the run has 3."),
        ("note 3", "there is no note 3: the run has 2."),
        ("note 0", "there is no note 0: the run has 2."),
        ("seq 0", "there is no event 0: the run has 124."),
        ("99:00", "the run is shorter than 99:00: use `end`, or a smaller time."),
        ("@cy", "no agent 'cy' has a turn behind this one."),
        ("soon", "'soon' is no place in a run: try 12, 22:40, 50%, flag 3, seq 200."),
        ("\x1b[2J", "'\\x1b[2J' is no place in a run: try 12, 22:40, 50%, flag 3, seq 200."),
        ("101%", "'101%' is no place in a run: try 12, 22:40, 50%, flag 3, seq 200."),
    ],
)
def test_what_is_no_place_says_so_and_moves_nothing(clock, typed, message):
    clock.seek(5)
    with pytest.raises(UsageError) as caught:
        go(clock, typed)
    assert (str(caught.value), clock.position) == (message, 5)


def test_a_run_without_times_has_no_time_to_go_to():
    clock = ReplayClock(ListLog([Event(1, "run.started", "engine")]))
    with pytest.raises(UsageError, match="does not say when this run began"):
        go(clock, "0:10")
