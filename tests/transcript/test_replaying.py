import math
from dataclasses import replace

import pytest

from sandbox.transcript import Event, Selection, delays, read


def at(*times):
    return [Event(n, "say", "ada", ts=ts) for n, ts in enumerate(times, 1)]


def waits(events, speed=1.0, cap=3.0):
    return [seconds for seconds, _ in delays(events, speed, cap)]


def test_events_come_as_far_apart_as_they_were_and_long_gaps_are_cut():
    events = at("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5Z", "2026-01-01T01:00:00Z")
    assert waits(events) == [0, 0.5, 3]
    assert waits(events, speed=2) == [0, 0.25, 1.5]
    assert waits(events, speed=math.inf) == [0, 0, 0]


def test_a_clock_that_went_back_is_no_wait_and_words_without_a_time_come_one_a_second():
    events = at("2026-01-01T00:00:05Z", "2026-01-01T00:00:04Z", "", "soon", "2026-01-01T00:00:05Z")
    assert waits(events) == [0, 0, 1, 1, 0]
    assert waits([replace(event, kind="turn.ended") for event in events]) == [0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("bounds", "seqs"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7]),
        ({"first": 1, "last": 1}, [2, 3, 4]),
        ({"first": 2}, [5, 6, 7]),
        ({"last": 0}, [1]),
        ({"agent": "ada"}, [2, 3, 4, 6]),
        ({"agent": "bo", "last": 1}, []),
    ],
)
def test_a_part_is_some_turns_or_one_agent_s_share(record, bounds, seqs):
    part = Selection(**bounds)
    assert [event.seq for event in read(record) if part.takes(event)] == seqs
