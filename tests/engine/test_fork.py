"""Forks: the same record up to an event, under an id of its own; and everything that may be asked wrongly."""

import json
from dataclasses import replace

import pytest

from sandbox.clock import ManualClock
from sandbox.detect.watch import Watch
from sandbox.engine.family import families
from sandbox.engine.fork import fork, fork_point
from sandbox.engine.offline import OfflineRun
from sandbox.engine.resume import resumption
from sandbox.errors import Damaged, UsageError
from sandbox.ids import RunId
from sandbox.scenario import loads
from sandbox.transcript import FileStore, decode, read, verify
from sandbox.transcript.artifacts import Artifacts
from sandbox.transcript.codec import NO_HASH, encode

RUN, CHILD = "20261121-113908-doors-abcd", RunId("20261121-113909-doors-bcde")
SCENARIO = """
title: Doors
agents: {ada: {script: [One., Two., Three.]}, bo: {script: [Uno., Dos., Tres.]}}
limits: {turns: 6}
"""


@pytest.fixture
def parent(tmp_path):
    folder = tmp_path / RUN
    store = FileStore(folder, RUN, ManualClock(), "process")
    OfflineRun(loads(SCENARIO), store, ManualClock(), Watch([])).play()
    store.close()
    return folder


def lines(folder):
    return [json.loads(line) for line in (folder / "events.jsonl").read_bytes().splitlines()]


def test_a_fork_has_the_same_events_under_its_own_id(parent, tmp_path):
    point = fork_point(parent, "12")
    folder = fork(point, {"limits.turns": 40}, tmp_path, CHILD)
    own, then = lines(folder), lines(parent)
    assert own[0]["data"].pop("forked") == {
        "run": RUN, "seq": 12, "hash": then[11]["hash"], "turn": 2,
        "set": {"limits.turns": 40}, "folders": {},
    }  # fmt: skip
    for event in (*own, *then):
        del event["run"], event["hash"]
    assert own == then[:12]
    report = verify(folder)
    assert (report.ok, report.run) == (True, CHILD)
    resume = resumption(folder, {})
    assert (resume.why, resume.scenario.limits.turns) == ("fork", 40)


@pytest.mark.parametrize(
    ("at", "seq", "turn", "playing"),
    [
        ("1", 1, 0, None),
        ("turn:0", 3, 0, None),
        ("turn:1", 9, 1, None),
        ("6", 6, 1, 1),
        ("turn:6", 39, 6, None),
        ("end", 40, 6, None),
    ],
)
def test_any_event_can_be_named(parent, at, seq, turn, playing):
    point = fork_point(parent, at)
    assert (point.seq, point.state.turn, point.state.playing) == (seq, turn, playing)


def test_an_event_is_named_as_in_a_replay_too(parent):
    assert fork_point(parent, "seq:12") == fork_point(parent, "12")


@pytest.mark.parametrize(
    ("at", "answer"),
    [
        ("99999", f"there is no event 99999: {RUN} has 40, in 6 turns."),
        ("0", f"there is no event 0: {RUN} has 40, in 6 turns."),
        ("turn:7", f"there is no turn 7: {RUN} has 6."),
        ("-1", "--at takes the number of an event, turn:K, or end, not '-1'."),
        ("turn:", "--at takes the number of an event, turn:K, or end, not 'turn:'."),
    ],
)
def test_nonsense_gets_one_sentence(parent, at, answer):
    with pytest.raises(UsageError) as caught:
        fork_point(parent, at)
    assert str(caught.value) == answer


@pytest.mark.parametrize(
    ("values", "answer"),
    [
        (
            {"agents.bo.modl": "x"},
            "'agents.bo.modl': there is no 'modl' in 'agents.bo'. Did you mean 'model'?",
        ),
        (
            {"limits.turns": 0},
            "limits.turns: 'turns' must be at least 1, not 0. Write a larger number.",
        ),
    ],
)
def test_a_value_that_cannot_be_leaves_no_folder(parent, tmp_path, values, answer):
    with pytest.raises(UsageError) as caught:
        fork(fork_point(parent, "12"), values, tmp_path, CHILD)
    assert str(caught.value) == answer
    assert [path.name for path in tmp_path.iterdir()] == [RUN]


def test_agents_and_rooms_stay_who_and_what_they_are(parent, tmp_path):
    sentence = r"^agents and rooms are what the record made of them and cannot be set anew\.$"
    with pytest.raises(UsageError, match=sentence):
        fork(fork_point(parent, "12"), {"rooms.lobby.enter": "nobody"}, tmp_path, CHILD)
    with pytest.raises(UsageError, match=sentence):
        resumption(fork(fork_point(parent, "12"), {}, tmp_path, CHILD), {"agents": {"ada": {}}})


def test_a_fork_of_a_fork_is_its_own(parent, tmp_path):
    child = fork(fork_point(parent, "turn:2"), {"seed": 7}, tmp_path, CHILD)
    grandchild = RunId("20261121-113910-doors-cdef")
    fork(fork_point(child, "turn:1"), {"seed": 8}, tmp_path, grandchild)
    first = decode(
        (tmp_path / grandchild / "events.jsonl").read_bytes().splitlines(keepends=True)[0]
    )
    assert (first.data["forked"]["run"], first.data["forked"]["set"]) == (CHILD, {"seed": 8})
    assert resumption(tmp_path / grandchild, {}).scenario.seed == 8
    (root,) = families(tmp_path)
    assert [root.id, [c.id for c in root.children]] == [RUN, [CHILD]]
    assert [c.id for c in root.children[0].children] == [grandchild]


def test_a_family_whose_parent_is_elsewhere_is_still_one(parent, tmp_path):
    fork(fork_point(parent, "12"), {}, tmp_path / "other", CHILD)
    (root,) = families(tmp_path / "other")
    assert (root.id, root.info, [c.id for c in root.children]) == (RUN, None, [CHILD])


def test_artifacts_are_shared(parent, tmp_path):
    name = Artifacts(parent).put(b"what was in a file")
    child = fork(fork_point(parent, "12"), {}, tmp_path, CHILD)
    assert Artifacts(child).get(name) == b"what was in a file"
    place = f"artifacts/{name[:2]}/{name}"
    assert (parent / place).stat().st_ino == (child / place).stat().st_ino


def test_a_folder_kept_a_moment_later_belongs_to_its_turn(parent, tmp_path):
    events = list(read(parent))
    ended = next(e for e in events if e.kind == "turn.ended")
    data = {"turn": 1, "manifest": "m"}
    late = {"kind": "workspace.saved", "actor": "ada", "parent": ended.seq, "data": data}
    events[20] = replace(events[20], **late)
    text, previous = b"", NO_HASH
    for event in events:
        line, previous = encode(event, previous, run=RUN)
        text += line
    (parent / "events.jsonl").write_bytes(text)
    assert fork_point(parent, "turn:1").folders == {"ada": "m"}
    assert fork_point(parent, "21").folders == {}


def test_a_record_that_was_changed_has_no_forks_behind_the_change(parent, tmp_path):
    events = parent / "events.jsonl"
    changed = next(event["seq"] for event in lines(parent) if event["kind"] == "say")
    whole = events.read_bytes().splitlines(keepends=True)
    whole[changed - 1] = whole[changed - 1].replace(b"One.", b"Won.")
    events.write_bytes(b"".join(whole))
    with pytest.raises(Damaged) as error:
        fork_point(parent, "end")
    assert str(error.value) == (
        f"event {changed} of {RUN} is not as it was written: its hash does not fit. "
        "A fork would hide that under a chain of its own; `backrooms verify` says more."
    )
    assert fork_point(parent, str(changed - 1)).seq == changed - 1
