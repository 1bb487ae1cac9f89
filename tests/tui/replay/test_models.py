"""What a replay knows of a run without a screen: damage, states, marks."""

import pytest

from sandbox.engine.scene import Scene
from sandbox.errors import Damaged
from sandbox.transcript import EVENTS_FILE, Event, ListLog, RecordLog, read
from sandbox.tui.replay.marks import Marks
from sandbox.tui.replay.readable import Readable
from sandbox.tui.replay.standing import Standing
from sandbox.tui.replay.survey import Survey


@pytest.fixture
def log(folder):
    with read(folder) as events:
        return ListLog(events)


@pytest.fixture
def damaged(folder):
    path = folder / EVENTS_FILE
    lines = path.read_bytes().splitlines(keepends=True)
    lines[299] = lines[299][:-40] + b"\n"
    path.write_bytes(b"".join(lines))
    with RecordLog(folder) as log:
        yield log


def test_a_whole_log_is_the_log_itself(log):
    readable = Readable(log)
    assert (len(readable), readable.fault) == (len(log), "")
    for index in (0, 5, 183, len(log) - 1):
        assert readable[index] == log[index]
        for _ in range(2):
            assert readable.moment(index) == log.moment(index)
            assert readable.turn(index) == log.turn(index)
    assert readable.flags() == log.flags()
    assert readable.turn_start(31) == log.turn_start(31)
    assert readable.since(log.moment(100)) == 100


def test_a_damaged_log_ends_before_the_damage(damaged):
    readable = Readable(damaged)
    assert len(readable) == 368
    with pytest.raises(Damaged):
        readable[330]
    assert len(readable) == 299
    assert "byte " in readable.fault
    assert readable[298].seq == 299
    with pytest.raises(IndexError):
        readable[299]
    assert readable.turn(298) == 49
    assert [flag for flag in readable.flags() if flag > 298] == []


def test_a_survey_ends_there_too(damaged):
    survey = Survey(Readable(damaged))
    assert [stretch.end for stretch in survey.go_on()] == [299]
    assert survey.reached == 299


def test_states_are_those_of_a_scene_however_they_are_reached(log):
    survey = Survey(log)
    standing, scene = Standing(log, survey), Scene(log)
    assert standing.move(40) is True
    assert standing.state == scene.at(40)
    assert standing.move(30) is True
    assert standing.state == scene.at(30)
    assert [stretch.cues for stretch in survey.go_on()] == [(0,)]
    for position in (30, 368, 12, 0, 200, 199):
        assert standing.move(position) is True
        assert standing.state == scene.at(position)


def test_no_state_is_waited_for_that_is_far_from_all_that_was_read():
    offers = ({"turn": turn, "agent": "ada"} for turn in range(1, 1201))
    log = ListLog([Event(n, "turn.offered", "ada", data) for n, data in enumerate(offers, 1)])
    survey = Survey(log)
    standing = Standing(log, survey)
    assert (standing.move(401), standing.position) == (False, 0)
    assert (standing.move(400), standing.state.turn) == (True, 400)
    stretches = survey.go_on()
    assert next(stretches).end == 500
    assert (standing.move(900), standing.state.turn) == (True, 900)
    assert (standing.move(499), standing.state.turn) == (True, 499)
    assert (standing.move(901), standing.state.turn) == (False, 499)
    assert [stretch.end for stretch in stretches] == [1000, 1200]
    assert (standing.move(1200), standing.state.turn) == (True, 1200)


def test_marks_are_flags_and_notes(log):
    marks = Marks()
    marks.take(0, [log[index] for index in range(len(log))])
    assert marks.flags == [122, 243, 364]
    assert (marks.after(0), marks.after(123), marks.after(365)) == (123, 244, None)
    assert (marks.before(365), marks.before(123), marks.before(124)) == (244, None, 123)
