"""The time in which no engine ran a run is in none of its times."""

from dataclasses import replace

import pytest

from sandbox.errors import UsageError
from sandbox.transcript import Event
from sandbox.transcript.away import Away
from sandbox.transcript.pacing import moment
from sandbox.transcript.replay import ReplayClock
from sandbox.transcript.replay_log import ListLog
from sandbox.tui.replay.seeking import seek
from sandbox.tui.replay.time_bar import where

KINDS = ("run.started", "say", "say", "run.resumed", "say", "run.resumed", "say")
TIMES = ("12:00:00", "12:00:04", "12:00:06", "12:02:40", "12:02:41", "13:00:00", "13:00:03")
"""Played 6 s, forked two and a half minutes later, played 1 s, resumed an hour later, played 3 s."""
EVENTS = [
    replace(Event(seq, kind, "engine", {}), ts=f"2026-11-22T{at}.000000Z")
    for seq, (kind, at) in enumerate(zip(KINDS, TIMES, strict=True), 1)
]


def away():
    learnt = Away()
    for event in EVENTS * 2:
        learnt.take(event.seq, event.kind, moment(event))
    return learnt


def shown(position):
    clock = ReplayClock(ListLog(EVENTS))
    clock.seek(position)
    return next(span.text.strip() for span in where(clock, away()) if ":" in span.text)


def test_a_replay_counts_what_was_played():
    assert [shown(position) for position in (3, 4, 5, 6, 7)] == [
        "0:06/0:10",
        "0:06/0:10",
        "0:07/0:10",
        "0:07/0:10",
        "0:10/0:10",
    ]


@pytest.mark.parametrize(
    ("typed", "position"), [("0:00", 0), ("0:05", 2), ("0:06", 2), ("0:07", 4), ("0:09", 6), ("0:10", 6)]
)  # fmt: skip
def test_a_time_that_is_typed_is_one_that_is_shown(typed, position):
    clock = ReplayClock(ListLog(EVENTS))
    seek(clock, typed, away=away())
    assert clock.position == position


def test_a_time_behind_the_end_is_refused():
    with pytest.raises(UsageError, match="the run is shorter than 0:11"):
        seek(ReplayClock(ListLog(EVENTS)), "0:11", away=away())


def test_an_export_says_how_long_it_was_played(tmp_path):
    from sandbox.clock import ManualClock
    from sandbox.transcript import FileStore
    from sandbox.transcript.formats.exporters import Source
    from sandbox.transcript.formats.exporters.survey import survey

    clock = ManualClock()
    store = FileStore(tmp_path, "a-run", clock, "process")
    for event, wait in zip(EVENTS, (4, 2, 154, 1, 3439, 3, 0), strict=True):
        store.append(Event(event.seq, event.kind, event.actor, {}))
        clock.advance(wait)
    store.close()
    assert survey(Source(tmp_path)).seconds == pytest.approx(10)
