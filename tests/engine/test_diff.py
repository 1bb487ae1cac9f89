"""Two runs turn by turn: where they first part, in which way, and what they came to."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import ManualClock
from sandbox.console.difference import around, difference_lines
from sandbox.detect import detectors
from sandbox.detect.watch import Watch
from sandbox.engine.align import align
from sandbox.engine.offline import OfflineRun
from sandbox.engine.turn_parts import Unlike
from sandbox.scenario import loads
from sandbox.transcript import MemoryStore, decode
from sandbox.transcript.event import Event

SCENARIO = """
title: Two doors
agents:
  ada: {model: scripted/claude, script: [Is somebody there?, {do: {whisper: {to: bo, text: psst}}}, Yes.]}
  bo: {model: scripted/mistral, script: ['Yes, by the door.', 'ada, come in.', No.]}
limits: {turns: 6}
"""


def played(run, scenario=SCENARIO, start=1_700_000_000.0):
    clock = ManualClock(start)
    store = MemoryStore(run, clock)
    OfflineRun(loads(scenario), store, clock, Watch(detectors())).play()
    return [decode(line) for line in store.lines]


THEN = played("20261121-113908-two-doors-abcd")
NOW = played("20271121-113908-two-doors-zyxw", start=1_800_000_000.0)


def changed(kind, change, at=0):
    """The second run with other data in one event."""
    index = [i for i, e in enumerate(NOW) if e.kind == kind][at]
    event = replace(NOW[index], data={**NOW[index].data, **change})
    return [*NOW[:index], event, *NOW[index + 1 :]]


def test_times_ids_hashes_processes_and_durations_are_no_differences():
    found = align(THEN, NOW)
    assert (found.same, found.parting, found.relation) == (True, None, "one scenario")
    assert (found.common_turns, found.common_events) == (6, len(THEN))
    assert found.sides[0].tally == found.sides[1].tally
    assert [(pair.turn, pair.speakers, pair.what) for pair in found.turns][:3] == [
        (0, (None, None), ()), (1, ("ada", "ada"), ()), (2, ("bo", "bo"), ()),
    ]  # fmt: skip
    tally = found.sides[0].tally
    assert (tally.turns, tally.says, tally.whispers, tally.words, tally.rooms, tally.end) == (
        6, 5, 1, 13, 1, "turns",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "change", "turn", "what"),
    [
        ("say", {"text": "Is nobody there?"}, 1, ("words",)),
        ("whisper", {"to": "cy"}, 3, ("words",)),
        ("think.done", {"text": "Hm."}, 1, ("thought",)),
        ("action.intent", {"tool": "shell"}, 1, ("action",)),
        ("turn.ended", {"reason": "deadline"}, 1, ("outcome",)),
        ("flag", {"level": "claimed"}, None, ("flag",)),
        ("run.ended", {"reason": "stopped"}, 6, ("outcome",)),
        ("think.done", {"tokens_in": 999}, 1, ("record",)),
    ],
)
def test_the_first_turn_that_differs_is_named_and_what_differs_there(kind, change, turn, what):
    found = align(THEN, changed(kind, change))
    assert not found.same
    assert found.parting.what == what
    if turn is not None:
        assert found.parting.turn == turn
        assert found.common_turns == turn - 1
    assert sum(bool(pair.what) for pair in found.turns) == 1


def test_the_member_the_values_and_the_events_are_told():
    found = align(THEN, changed("say", {"text": "No."}))
    say = next(e.seq for e in THEN if e.kind == "say")
    assert found.first == (
        Unlike("words", "text", ("Is somebody there?", "No."), ("ada", "ada"), (say, say)),
    )
    assert found.common_events == say - 1


def test_another_model_is_told_as_setup_and_beside_the_first_words_that_differ():
    other = SCENARIO.replace("scripted/mistral", "scripted/llama").replace("Yes, by", "No, by")
    found = align(THEN, played("20271121-113908-two-doors-zyxw", other))
    assert [(unlike.where, unlike.values) for unlike in found.setup][:2] == [
        ("agents.bo.model", ("scripted/mistral", "scripted/llama")),
        ("agents.bo.family", ("mistral", "llama")),
    ]
    assert (found.parting.turn, found.parting.what[:2]) == (2, ("model", "words"))
    models = ("scripted/mistral", "scripted/llama")
    assert found.first[0] == Unlike("model", "agents.bo.model", models, ("bo", "bo"))


def test_the_same_words_in_another_order_are_another_order():
    turn = next(e for e in NOW if e.kind == "say")
    rows = [replace(turn, data={"text": text}) for text in ("one", "two")]
    index = NOW.index(turn)
    runs = [[*NOW[:index], *said, *NOW[index + 1 :]] for said in (rows, rows[::-1])]
    assert align(*runs).parting.what == ("order",)


def test_another_speaker_and_a_turn_that_only_one_has():
    found = align(
        THEN, played(NOW[0].run, SCENARIO.replace("limits: {turns: 6}", "limits: {turns: 4}"))
    )
    assert [unlike.where for unlike in found.setup] == ["limits.turns"]
    assert (found.parting.turn, found.parting.what) == (4, ("outcome",))
    assert [(p.turn, p.speakers, p.what[0]) for p in found.turns[-2:]] == [
        (5, ("ada", None), "speaker"), (6, ("bo", None), "speaker"),
    ]  # fmt: skip
    killed = align(THEN, NOW[:-8])
    assert not killed.same
    assert killed.sides[1].tally.end is None


def test_what_comes_beside_the_turns_counts_whenever_it_comes():
    late = Event(0, "peer.message", "ada", {"to": "bo", "text": "psst"})
    early, last = [*THEN[:9], replace(late, seq=9), *THEN[9:]], [*NOW[:-1], late, NOW[-1]]
    assert align(early, last).same
    found = align(THEN, [*NOW[:12], replace(late, seq=NOW[12].seq), *NOW[12:]])
    assert (found.parting.what, found.first[0].where) == (("words",), "peer.message")


def test_children_and_parents_know_each_other():
    def made(**origin):
        return [replace(NOW[0], data={**NOW[0].data, **origin}), *NOW[1:]]

    parent = THEN[0].run
    again, forked = made(rerun=parent), made(forked={"run": parent, "at": 9})
    forked[0] = replace(forked[0], run="20281121-113908-two-doors-aaaa")
    relations = [align(a, b).relation for a, b in ((THEN, again), (forked, THEN), (again, forked))]
    assert relations == ["child", "parent", "siblings"]
    assert align(THEN, forked).same
    assert align(THEN, THEN).relation == "the same run"


def test_a_fork_goes_on_with_another_setup_and_its_new_beginning_is_no_difference():
    cut = next(n for n, e in enumerate(NOW) if e.kind == "turn.ended") + 1
    agents = {**NOW[0].data["agents"], "bo": {**NOW[0].data["agents"]["bo"], "model": "local/qwen"}}
    resumed = {**NOW[0].data, "agents": agents, "why": "fork", "gap": 3.5, "turn": 1, "lost": None}
    again = [replace(NOW[0], kind="run.resumed", data=resumed), *NOW[1:3]]
    found = align(THEN, [*NOW[:cut], *again, *shifted(NOW[cut:], cut, len(again))])
    models = ("scripted/mistral", "local/qwen")
    assert found.setup == (Unlike("setup", "agents.bo.model", models),)
    assert (found.parting, found.common_events) == (None, len(THEN))


def shifted(events, after, by):
    """The same events with other line numbers behind ``after``, wherever these are told."""

    def number(seq):
        return seq + by if seq is not None and seq > after else seq

    def call(id):
        return re.sub(r"\d+", lambda seq: str(number(int(seq[0]))), id, count=1)

    for event in events:
        data = dict(event.data)
        if "calls" in data:
            data["calls"] = [{**each, "id": call(each["id"])} for each in data["calls"]]
        if "call" in data:
            data["call"] = call(data["call"])
        if event.kind == "flag":
            data["evidence"] = [number(seq) for seq in data["evidence"]]
        yield replace(event, seq=number(event.seq), parent=number(event.parent), data=data)


def test_hostile_texts_are_told_on_one_line_each_around_the_place_that_differs():
    long = "word " * 5000
    texts = [f"{long}\x1b[2Jyes\n\u202e{long}", f"{long}\x1b[2Jno{long}"]
    runs = [changed("say", {"text": text}) for text in texts]
    lines = list(difference_lines(align(*runs)))
    at = lines.index("First different in turn 1: words.")
    assert lines[at + 1].startswith("  words, ada, text, from character 25,005 (event ")
    assert lines[at + 2].startswith(f"    A  …{long[-36:]}␛[2Jyes␊\ufffdword word")
    assert lines[at + 3].startswith(f"    B  …{long[-36:]}␛[2Jnoword word")
    assert all(line.isprintable() or "\ufffd" in line for line in lines)
    assert max(map(len, lines)) < 300


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=300))
def test_two_texts_are_cut_to_where_they_differ(common, then, now):
    at, old, new = around(common + then, common + now)
    assert (common + then)[:at] == (common + now)[:at]
    assert at >= len(common)
    assert max(len(old), len(new)) <= 162
    assert (old == new) == (then == now) or at > len(common)


def test_a_stranger_is_compared_too():
    other = [
        Event(1, "run.started", "engine", {"title": "Far away", "agents": {"x": {"name": "X"}}}),
        Event(2, "agent.joined", "x", {}),
        Event(3, "turn.offered", "x", {"turn": 1}),
        Event(4, "say", "x", {"text": 7, "calls": None}),
        Event(5, "think.done", "x", {"turn": 1, "calls": [], "saw": {}}),
    ]
    found = align(THEN, other)
    assert (found.relation, found.parting.turn) == ("unrelated", 1)
    assert list(difference_lines(found))[2].startswith("A and B have nothing to do")
