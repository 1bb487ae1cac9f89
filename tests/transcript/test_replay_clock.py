"""The replay's clock: what is due when, moving, and a run that is still written."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.engine.scene import Scene
from sandbox.engine.state import State
from sandbox.transcript import Event, delays
from sandbox.transcript.replay import SPEEDS, ReplayClock
from sandbox.transcript.replay_log import ListLog

STARTED = {
    "agents": {"ada": {}, "bo": {}},
    "rooms": {"lobby": {"members": ["ada", "bo"], "enter": "anyone"}},
}
KINDS = {
    "turn.offered": ("ada", {"agent": "ada"}),
    "say": ("bo", {"text": "Is anybody here?", "to": "ada"}),
    "think.done": ("ada", {"tokens_in": 3, "tokens_out": 2}),
    "flag": ("watch", {"id": "contact"}),
    "turn.ended": ("ada", {"reason": "spoke"}),
    "room.left": ("bo", {"name": "lobby"}),
    "room.joined": ("bo", {"name": "lobby"}),
}
START = 1_795_262_400
"""Noon of that day."""


def stamp(seconds):
    """A second and its milliseconds after the start; none where it is None."""
    if seconds is None:
        return ""
    whole, part = divmod(round(seconds * 1000), 1000)
    return f"2026-11-21T{12 + whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}.{part:03}Z"


def run(*rows):
    """Events from (kind, seconds since noon)."""
    turn, events = 0, []
    for seq, (kind, at) in enumerate(rows, 1):
        turn += kind == "turn.offered"
        actor, data = KINDS.get(kind, ("engine", STARTED))
        events.append(
            Event(seq, kind, actor, {**data, "turn": turn}, "lobby", "room", ts=stamp(at))
        )
    return events


EVENTS = run(
    ("run.started", 0),
    ("turn.offered", 0.5),
    ("say", 1),
    ("turn.ended", 1),
    ("turn.offered", 3600),
    ("flag", 3601),
    ("say", 3600.5),
    ("turn.ended", None),
    ("turn.offered", 3602),
    ("say", None),
    ("flag", 3603),
)


def playing(events=EVENTS, **options):
    clock = ReplayClock(ListLog(events), **options)
    clock.play()
    return clock


def seqs(events):
    return [event.seq for event in events]


def played(clock):
    """Play to the end, as a driver that wakes just in time; pairs of seconds and seq."""
    now, due = 0.0, []
    while (wait := clock.due_in) is not None:
        now += wait
        events = clock.advance(wait)
        assert events
        due += [(now, event.seq) for event in events]
    return due


def test_events_are_due_as_far_apart_as_they_were_and_silences_are_cut():
    assert played(playing()) == [
        (0, 1), (0.5, 2), (1, 3), (1, 4), (4, 5), (5, 6), (5, 7), (5, 8), (5, 9), (6, 10), (6, 11),
    ]  # fmt: skip
    assert [at for at, _ in played(playing(cap=0.25))] == [
        0,
        0.25,
        0.5,
        *[0.5 + 0.25 * n for n in (0, 1, 2, 2, 2, 2, 3, 3)],
    ]
    assert played(playing(speed=4))[-1] == (1.5, 11)
    assert played(playing(speed=math.inf)) == [(0, seq) for seq in range(1, 12)]


def test_due_is_told_exactly_and_a_pause_is_no_time():
    clock = playing()
    assert seqs(clock.advance(0.7)) == [1, 2]
    assert clock.due_in == pytest.approx(0.3)
    clock.pause()
    assert (clock.due_in, clock.advance(100)) == (None, [])
    clock.play()
    clock.speed = 0.25
    assert clock.due_in == pytest.approx(1.2)
    assert clock.advance(1.199) == []
    assert seqs(clock.advance(0.001)) == [3, 4]


def test_what_is_due_comes_in_parts_if_it_is_much():
    clock = playing()
    assert seqs(clock.advance(5, most=3)) == [1, 2, 3]
    assert clock.due_in == 0
    assert seqs(clock.advance(0, most=3)) == [4, 5, 6]
    assert playing(speed=math.inf).advance(0, most=2) == EVENTS[:2]


def test_speeds_go_up_and_down_to_their_ends():
    clock = ReplayClock(ListLog())
    up = [clock.speed]
    for _ in range(8):
        clock.faster()
        up.append(clock.speed)
    assert up == [1, 2, 4, 8, 16, 32, 64, math.inf, math.inf]
    for _ in range(12):
        clock.slower()
    assert clock.speed == SPEEDS[0] == 0.25
    clock.speed = 5
    clock.faster()
    assert clock.speed == 8


def test_steps_go_by_events_and_turns():
    clock = ReplayClock(ListLog(EVENTS))
    places = []
    for turns in (1, 1, -1, 1, 1, 1, 1, -1, -1, -1, -1):
        clock.step_turn(turns)
        places.append((clock.position, clock.turn))
    assert places == [
        (1, 1), (4, 2), (1, 1), (4, 2), (8, 3), (11, 3), (11, 3), (8, 3), (4, 2), (1, 1), (0, 0),
    ]  # fmt: skip
    clock.step(2)
    clock.step(-1)
    assert (clock.position, clock.percent) == (1, pytest.approx(100 / 11))
    clock.step_turn(-9)
    assert clock.position == 0


def test_flags_are_gone_to_one_by_one_and_looked_at():
    clock = playing()
    moves = (
        clock.next_flag,
        clock.next_flag,
        clock.next_flag,
        clock.previous_flag,
        clock.previous_flag,
    )
    assert [(move(), clock.position, clock.playing) for move in moves] == [
        (True, 6, False), (True, 11, False), (False, 11, False), (True, 6, False), (False, 6, False),
    ]  # fmt: skip


def test_a_run_that_is_still_written_is_live_at_its_end():
    log = ListLog(EVENTS[:4])
    clock = ReplayClock(log)
    clock.play()
    clock.end()
    assert (clock.live, clock.due_in, clock.percent) == (True, None, 100)
    log.append(EVENTS[4])
    log.append(EVENTS[5])
    assert (clock.due_in, seqs(clock.advance(0)), clock.live) == (0, [5, 6], True)
    clock.step(-1)
    assert (clock.live, clock.due_in) == (False, 1)
    clock.pause()
    clock.end()
    log.append(EVENTS[6])
    clock.play()
    assert (clock.live, clock.at_end, clock.due_in) == (False, False, 0)


def test_an_empty_log_has_no_place_to_go_to():
    clock = playing([])
    for move in (
        clock.end,
        clock.step,
        clock.step_turn,
        lambda: clock.step_turn(-1),
        clock.next_flag,
    ):
        move()
    clock.seek_percent(50)
    assert (clock.position, clock.turn, clock.turns, clock.percent, clock.moment) == (
        0,
        0,
        0,
        0,
        None,
    )
    assert (clock.at_end, clock.advance(1)) == (True, [])


ROWS = st.lists(
    st.tuples(
        st.sampled_from(sorted(KINDS)), st.none() | st.integers(0, 8000).map(lambda n: n / 2)
    ),
    max_size=40,
)
MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("advance"), st.integers(0, 400).map(lambda n: n / 16)),
        st.tuples(st.just("seek"), st.integers(-2, 45)),
        st.tuples(st.sampled_from(("step", "step_turn")), st.integers(-4, 4)),
        st.tuples(st.just("seek_turn"), st.integers(0, 9)),
        st.tuples(st.just("seek_percent"), st.integers(0, 100)),
        st.tuples(st.just("seek_moment"), st.integers(START, START + 9000)),
        st.tuples(
            st.sampled_from(
                ("play", "pause", "faster", "slower", "next_flag", "previous_flag", "end")
            )
        ),
        st.tuples(st.just("grow")),
    ),
    max_size=30,
)


@settings(deadline=None)
@given(ROWS, ROWS, MOVES)
def test_whatever_was_done_the_replay_is_the_same_as_if_it_had_been_played(rows, later, moves):
    events = run(("run.started", 0), *rows)
    growth = iter(run(("run.started", 0), *rows, *later)[len(events) :])
    log = ListLog(events)
    clock, scene = ReplayClock(log), Scene(log)
    for name, *arguments in moves:
        before = clock.position
        if name == "grow":
            for event in growth:
                log.append(event)
                events.append(event)
                break
        else:
            got = getattr(clock, name)(*arguments)
            if name == "advance":
                assert got == events[before : clock.position]
        assert 0 <= clock.position <= len(events)
        assert scene.at(clock.position) == folded(events[: clock.position])

    position = clock.position
    clock.seek(position)
    clock.play()
    clock.speed = 1
    sought = played(clock)
    whole = played(playing(events))
    due = {seq: at for at, seq in whole}
    start = due.get(position + 1, 0)
    assert seqs(events[position:]) == [seq for _, seq in sought]
    assert [at for at, _ in sought] == pytest.approx([due[seq] - start for _, seq in sought])
    assert [at for at, _ in whole] == pytest.approx(
        [sum(s for s, _ in list(delays(events, 1, 3.0))[: n + 1]) for n in range(len(events))]
    )


def folded(events):
    state = State()
    for event in events:
        state.apply(event)
    return state
