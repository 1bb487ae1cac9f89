"""The same replay over a record on disk, growing, damaged or long; and the state at any place of it."""

import fcntl

import pytest

from sandbox.engine.scene import LEAST, ROOM, Scene, apply_leniently
from sandbox.engine.state import State
from sandbox.errors import Damaged
from sandbox.transcript import EVENTS_FILE, NO_HASH, Event, encode, read
from sandbox.transcript.replay import ReplayClock
from sandbox.transcript.replay_log import ListLog
from sandbox.transcript.replay_record import RecordLog

TURNS = 400


def events():
    """Four hundred turns of three events, with a flag in every hundredth."""
    started = {
        "agents": {"ada": {}},
        "rooms": {"lobby": {"members": ["ada"], "enter": "anyone"}},
    }
    yield Event(1, "run.started", "engine", started)
    seq = 1
    for turn in range(1, TURNS + 1):
        what = [("turn.offered", {"turn": turn, "agent": "ada"}), ("say", {"text": f"word {turn}"})]
        what += [("flag", {"id": "contact"})] if turn % 100 == 0 else []
        for kind, data in [*what, ("turn.ended", {"turn": turn, "reason": "spoke"})]:
            seq += 1
            yield Event(seq, kind, "ada", data)


def written(path, events):
    previous = NO_HASH
    lines = []
    for event in events:
        at = f"2026-11-21T12:{event.seq // 60:02}:{event.seq % 60:02}Z"
        line, previous = encode(event, previous, run="r", ts=at)
        lines.append(line)
    path.mkdir()
    (path / EVENTS_FILE).write_bytes(b"".join(lines))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return written(tmp_path_factory.mktemp("runs") / "long", events())


def test_a_record_answers_as_a_list_of_its_events_does(folder):
    listed = ListLog(read(folder))
    with RecordLog(folder) as log:
        size = len(log)
        assert size == len(listed) == 1 + 3 * TURNS + 4
        for index in (0, 1, 255, 256, 257, 700, 3, size - 1):
            assert log[index] == listed[index]
            assert (log.turn(index), log.moment(index)) == (
                listed.turn(index),
                listed.moment(index),
            )
        turns = (0, 1, 2, 399, 400, 401)
        assert [log.turn_start(n) for n in turns] == [listed.turn_start(n) for n in turns]
        times = [listed.moment(index) + 0.5 for index in (0, 500, size - 2, size - 1)]
        assert [log.since(at) for at in times] == [listed.since(at) for at in times]
        assert log.flags() == listed.flags()
        for index in (-1, size):
            with pytest.raises(IndexError):
                log[index]


def test_a_turn_whose_number_was_left_out_begins_where_the_next_one_does(tmp_path):
    kept = [e for e in events() if e.data.get("turn") != 7 and e.data.get("text") != "word 7"]
    renumbered = [Event(n, e.kind, e.actor, e.data) for n, e in enumerate(kept, 1)]
    with RecordLog(written(tmp_path / "r", renumbered)) as log:
        clock = ReplayClock(log)
        clock.seek_turn(7)
        assert (clock.position, clock.turn) == (19, 8)
        clock.step_turn(-1)
        assert clock.turn == 6


def test_a_record_that_grows_is_seen_to_and_so_is_its_end(folder, tmp_path):
    lines = (folder / EVENTS_FILE).read_bytes().splitlines(keepends=True)
    path = tmp_path / EVENTS_FILE
    path.write_bytes(b"".join(lines[:300]) + lines[300][:20])
    with path.open("ab") as engine, RecordLog(tmp_path) as log:
        fcntl.flock(engine, fcntl.LOCK_EX)
        clock = ReplayClock(log)
        clock.play()
        clock.end()
        assert (len(log), clock.turn, len(log.flags())) == (300, 100, 0)
        engine.write(lines[300][20:] + b"".join(lines[301:310]))
        engine.flush()
        assert log.refresh()
        assert [event.seq for event in clock.advance(0)] == list(range(301, 311))
        assert (clock.turns, list(log.flags()), log.turn(309)) == (103, [300], 103)
        fcntl.flock(engine, fcntl.LOCK_UN)
        assert not log.refresh()


def test_what_stands_before_a_damaged_line_is_played(folder, tmp_path):
    lines = (folder / EVENTS_FILE).read_bytes().splitlines(keepends=True)
    cut = b'{"seq":301,' + lines[300][-30:]
    (tmp_path / EVENTS_FILE).write_bytes(b"".join([*lines[:300], cut, *lines[301:]]))
    with RecordLog(tmp_path) as log:
        assert log[299].seq == 300
        with pytest.raises(Damaged, match="verify"):
            log[300]
    (tmp_path / EVENTS_FILE).write_bytes(b"".join([*lines[:300], *lines[301:]]))
    with RecordLog(tmp_path) as log:
        assert log[299].seq == 300
        with pytest.raises(Damaged, match=r"event 301 is missing\. `backrooms verify` says"):
            log[300]


def test_the_state_at_a_jump_is_the_fold_from_the_start():
    log = ListLog(events())
    while len(log) < 40_000:
        turn = {"turn": TURNS + len(log), "agent": "ada"}
        log.append(Event(len(log) + 1, "turn.offered", "ada", turn))
        log.append(Event(len(log) + 1, "think.done", "ada", {"tokens_in": 1, "money": 0.5}))
    scene, state, states = Scene(log), State(), {}
    scene.at(len(log))
    for position, event in enumerate(log, 1):
        state.apply(event)
        if position % 997 == 0 or position in {1, 400, len(log)}:
            states[position] = repr(state)
    for position in (*sorted(states, key=lambda n: n * 7919 % 1009), 400, 1):
        assert repr(scene.at(position)) == states[position]
    assert repr(scene.at(len(log) + 9)) == states[len(log)]
    assert scene.at(0) == State()


def test_a_state_near_a_position_is_one_before_it_and_the_callers_own():
    log = ListLog(events())
    scene = Scene(log)
    assert scene.near(len(log)) == (0, State())
    scene.at(len(log))
    for position, near in ((0, 0), (99, 0), (100, 100), (1099, 1000), (9_999, 1200)):
        at, state = scene.near(position)
        assert (at, state) == (near, Scene(log).at(near))
        state.rooms.clear()
        assert scene.near(position)[1].rooms or not near


@pytest.mark.parametrize("length", [0, 60_000, ROOM], ids=["small", "large", "immense"])
def test_states_have_so_much_room_however_large_they_are_and_one_is_always_near(length):
    rooms = {"lobby": {"members": ["ada"], "enter": "anyone", "about": "x" * length}}
    log = ListLog([Event(1, "run.started", "engine", {"agents": {"ada": {}}, "rooms": rooms})])
    for seq in range(2, 10_001):
        log.append(Event(seq, "think.done", "ada", {"tokens_in": 1}))
    scene = Scene(log)
    assert scene.at(len(log)).totals.tokens_in == 9_999
    kept = len(scene._kept)
    assert kept >= {0: 100, 60_000: 25, ROOM: 8}[length]
    assert sum(len(state) for _, state in scene._kept) <= ROOM or kept <= LEAST
    for position in (10_000, 4_321, 2, 9_999):
        assert scene.near(position)[0] >= position - 10_000 // kept
        assert scene.at(position).totals.tokens_in == position - 1


def test_an_event_that_is_not_as_its_kind_should_be_does_not_stop_a_replay():
    state = State()
    odd = [
        Event(1, "run.started", "engine", {"agents": 7}),
        Event(2, "turn.offered", "ada", {}),
        Event(3, "whisper", "ada", {"to": ["bo"]}),
        Event(4, "turn.ended", "ada", {}),
    ]
    assert [apply_leniently(state, event) for event in odd] == [False, False, False, True]
    assert (state.seq, state.totals.whispers) == (4, 1)
