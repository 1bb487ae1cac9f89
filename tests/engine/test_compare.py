"""Two runs compared: what belongs to one occasion does not count, everything else does."""

from dataclasses import replace

import pytest

from sandbox.clock import ManualClock
from sandbox.detect import detectors
from sandbox.detect.watch import Watch
from sandbox.engine.compare import first_difference, normalise
from sandbox.engine.offline import OfflineRun
from sandbox.scenario import loads
from sandbox.transcript import MemoryStore, decode
from sandbox.transcript.event import Event

SCENARIO = """
title: Two doors
agents:
  ada: {model: scripted/claude, script: [Is somebody there?, {do: {whisper: {to: bo, text: psst}}}]}
  bo: {model: scripted/mistral, script: ['Yes, by the door.', 'ada, come in.']}
order: volunteer
limits: {turns: 4}
"""


def played(run, start=1_700_000_000.0):
    clock = ManualClock(start)
    store = MemoryStore(run, clock)
    OfflineRun(loads(SCENARIO), store, clock, Watch(detectors())).play()
    return [decode(line) for line in store.lines]


@pytest.fixture
def then():
    return played("20261121-113908-two-doors-abcd")


@pytest.fixture
def now():
    return played("20271121-113908-two-doors-zyxw", 1_800_000_000.0)


def changed(events, kind, change, at=0):
    index = [i for i, e in enumerate(events) if e.kind == kind][at]
    events[index] = replace(events[index], data={**events[index].data, **change})


def test_a_repeated_run_is_the_same(then, now):
    assert any(e.kind == "flag" for e in then)
    assert first_difference(then, now) is None


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("run.started", {"host": "another", "python": "3.99", "rerun": "x", "tier": "docker"}),
        ("agent.joined", {"pid": 7}),
        ("think.done", {"ms": 99.9}),
        ("run.ended", {"seconds": 99.9}),
    ],
)
def test_what_belongs_to_the_occasion_does_not_count(then, now, kind, change):
    changed(now, kind, change)
    assert first_difference(then, now) is None


def test_the_first_member_that_differs_is_named(then, now):
    changed(now, "say", {"text": "No."})
    changed(now, "whisper", {"text": "no"})
    found = first_difference(then, now)
    event = next(e for e in then if e.kind == "say")
    assert (found.then, found.where) == (event, "data.text")
    assert found.values == (event.data["text"], "No.")


def test_an_event_too_many_or_too_few_is_a_difference(then, now):
    assert first_difference(then, now[:-1]).now is None
    late = Event(99, "peer.message", "ada", {"to": "bo", "text": "psst"}, None, ("ada", "bo"))
    found = first_difference(then, [*now[:-1], late, now[-1]])
    assert (found.then, found.now) == (None, late)


def test_a_killed_run_is_compared_as_far_as_it_goes(then, now):
    assert first_difference(then[:-3], now) is None


def shifted(events, first, by):
    """The same events with other line numbers from ``first`` on, wherever these are told."""

    def number(seq):
        return seq + by if seq is not None and seq >= first else seq

    def call(id):
        seq, _, rest = id.removeprefix("c").partition("-")
        return f"c{number(int(seq))}-{rest}" if seq.isdecimal() else id

    for event in events:
        data = dict(event.data)
        if event.kind == "think.done":
            ids = [{**c, "id": call(c["id"])} for c in data["calls"]]
            data |= {"calls": ids, "saw": {**data["saw"], "digest": "other"}}
        elif "call" in data:
            data["call"] = call(data["call"])
        elif event.kind == "flag":
            data["evidence"] = [number(seq) for seq in data["evidence"]]
        yield replace(event, seq=number(event.seq), parent=number(event.parent), data=data)


def test_line_numbers_do_not_count_but_what_they_point_at_does(then, now):
    first = next(e.seq for e in now if e.kind == "turn.offered")
    lost = Event(first, "bus.lost", "engine", {"why": "gone"})
    moved = [*now[: first - 1], lost, *list(shifted(now, first, 1))[first - 1 :]]
    assert first_difference(then, moved) is None
    index = next(i for i, e in enumerate(moved) if e.kind == "flag")
    moved[index] = replace(moved[index], data={**moved[index].data, "evidence": [2]})
    assert first_difference(then, moved).where == "data.evidence.0"


def test_what_happens_at_once_may_come_in_any_order(then, now):
    bids = [i for i, e in enumerate(now) if e.data.get("purpose") == "bid"][:4]
    assert [now[i].actor for i in bids] == ["ada", "ada", "bo", "bo"]
    now[bids[0] : bids[3] + 1] = [now[bids[i]] for i in (2, 0, 3, 1)]
    first, second = (i for i, e in enumerate(now) if e.kind == "agent.joined")
    now[first], now[second] = now[second], now[first]
    assert first_difference(then, now) is None


def test_refusals_are_counted_by_the_second_so_their_number_does_not_count(then, now):
    def refused(count):
        data = {"why": "late", "sample": f"ts {count}", "count": count}
        return Event(0, "message.refused", "ada", data)

    assert first_difference([refused(5), *then], [refused(2), refused(3), *now]) is None
    assert first_difference(then, [refused(1), *now]) is not None


def test_what_a_flag_quotes_is_told_by_the_place_of_its_event():
    words, deed = {"seq": 5, "text": "nsenter"}, {"seq": 6, "text": "denied"}
    flag = Event(9, "flag", "watch", {"evidence": [5, 6], "words": words, "deed": deed})
    assert normalise(flag, {5: "turn 1, ada", 6: "turn 1, box"})["data"] == {
        "evidence": ["turn 1, ada", "turn 1, box"],
        "words": {"seq": "turn 1, ada", "text": "nsenter"},
        "deed": {"seq": "turn 1, box", "text": "denied"},
    }
