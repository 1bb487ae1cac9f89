"""What operators did holds after a crash, as far as it should, and clocks did not run meanwhile."""

import pytest

from sandbox.clock import ManualClock
from sandbox.detect import detectors
from sandbox.detect.watch import Watch
from sandbox.engine.core import Core
from sandbox.engine.fork import fork, fork_point
from sandbox.engine.past import Past
from sandbox.engine.played import PlayedTime
from sandbox.engine.repeat import Repeat
from sandbox.engine.resume import resumption
from sandbox.engine.state import State
from sandbox.ids import RunId
from sandbox.transcript import Event, FileStore, read

RUN = RunId("20261121-113908-demo-abcd")
OPEN = {"ada": [..., "A2.", "A3."], "bo": ["B1.", "B2."]}


def written(t, folder):
    """The events of a table, as a record."""
    store = FileStore(folder, RUN, ManualClock(), "process")
    for event in t.events:
        store.append(event)
    store.close()
    return folder


def resumed(t):
    """The first events of an engine that goes on with these."""
    core_watch = Watch(detectors())
    past = Past(t.scenario, t.gateway.contexts, core_watch, {"scripted": None})
    for event in t.events:
        past.take(event)
    core = Core(t.scenario, t.gateway, core_watch, past=past)
    return core, core.begin(dict(t.events[0].data), t.now).events


def test_limits_that_were_set_hold_for_a_resumed_run_and_for_a_fork(table, tmp_path):
    t = table(OPEN, limits={"turns": 9, "seconds": 50.0}).play()
    t.operate("limit", what="turns", value=4)
    t.operate("limit", what="seconds", value=None)
    t.answer("A1.")
    folder = written(t, tmp_path / RUN)
    again = resumption(folder, {"limits.turns": 12})
    assert (again.scenario.limits.turns, again.scenario.limits.seconds) == (12, None)
    point = fork_point(folder, "turn:1")
    assert point.scenario.limits.turns == 4
    assert fork_point(folder, "3").scenario.limits.turns == 9
    child = fork(point, {}, tmp_path, RunId("20261121-113909-demo-efgh"))
    assert resumption(child, {"limits.turns": 5}).scenario.limits.turns == 5


def test_a_resumed_run_is_not_paused_holds_nothing_and_keeps_who_is_muted(table):
    t = table(OPEN, limits={"turns": 9}).play()
    t.operate("mute", agent="bo")
    t.operate("hold")
    t.answer("A1.")
    t.operate("pause")
    core, events = resumed(t)
    assert [(e.kind, e.actor, e.data.get("why"), e.data.get("text")) for e in events[1:]] == [
        ("operator.release", "engine", "the run was resumed", None),
        ("say", "ada", None, "A1."),
    ]
    state = core.state
    assert (state.paused, state.holds, state.held, state.stands) == (False, {}, {}, False)
    assert [agent.id for agent in state.agents.values() if agent.muted] == ["bo"]


def at(seq, kind, second, actor="engine", **data):
    return Event(seq, kind, actor, data, ts=f"2026-11-21T11:00:{second:02}.000000Z")


@pytest.mark.parametrize(
    ("more", "seconds"),
    [
        ([], 10.0),
        ([at(4, "operator.pause", 12, "operator")], 10.0),
        ([at(4, "operator.pause", 12, "operator"), at(5, "operator.go", 50, "operator")], 12.0),
        ([at(4, "run.ended", 20, reason="turns", seconds=7.5)], 7.5),
    ],
)
def test_time_in_which_a_run_stood_was_not_played(more, seconds):
    rooms = {"lobby": {"members": ["ada"], "enter": "anyone"}}
    events = [
        at(1, "run.started", 0, rooms=rooms, agents={"ada": {}}),
        at(2, "turn.offered", 2, "ada", turn=1, agent="ada"),
        at(3, "turn.ended", 12, "ada", turn=1, agent="ada", reason="spoke"),
        *more,
    ]
    played, state = PlayedTime(), State()
    for event in events:
        state.apply(event)
        played.take(event, state)
    assert played.until("2026-11-21T11:00:12.000000Z" if len(more) < 2 else
                        "2026-11-21T11:00:52.000000Z") == seconds  # fmt: skip


def test_acts_are_repeated_behind_the_same_events(table):
    first = table(OPEN, limits={"turns": 4}).play()
    first.operate("say", room="lobby", text="Boo.")
    first.operate("hold", seconds=5.0)
    first.answer("A1.")
    first.operate("edit", id=1, text="Edited.")
    first.play()
    first.pass_time(0.0).pass_time(5.0)
    first.operate("stop")

    repeat = Repeat(first.events)
    second = table(OPEN, limits={"turns": 4}).play()
    taken = 0

    def keep_up():
        nonlocal taken
        while True:
            new, taken = second.events[taken:], len(second.events)
            again = repeat.take(new)
            if again is None:
                return
            second._perform(second.core.operate(again.act, again.author, second.now)[0])
            second.play()

    keep_up()
    second.answer("A1.")
    keep_up()
    plain = [(e.kind, e.actor, e.room, e.visible_to, dict(e.data)) for e in first.events]
    assert [(e.kind, e.actor, e.room, e.visible_to, dict(e.data)) for e in second.events][
        :-1
    ] == plain[:-1]


def test_a_record_is_read_as_it_was_written(table, tmp_path):
    t = table(OPEN, limits={"turns": 4}).play()
    t.operate("hold", words="a", pattern="A.", kind="say", agent="ada", room="lobby", seconds=9.0)
    t.answer("A1.")
    t.operate("drop", id=1)
    state = State()
    for event in read(written(t, tmp_path / RUN)):
        state.apply(event)
    assert state == t.core.state
