"""A part of a run is told as it would have been told from the beginning, wherever one begins."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.console.narrator import Narrator
from sandbox.transcript import Event, ListLog, read
from sandbox.tui.replay.telling import Cues, Telling

SAMPLES = Path(__file__).parents[3] / "transcripts" / "samples"


def started(*agents, limit):
    data = {"agents": {agent: {} for agent in agents}, "rooms": {"lobby": {"members": agents}}}
    return "run.started", "engine", data | {"limits": {"turns": limit}}


def strange():
    """A run that was resumed and retuned, in which somebody speaks who was never announced."""
    yield started("ada", "bo", limit=40)
    for turn in range(1, 300):
        who = ("ada", "bo")[turn % 2]
        call = {"id": f"c{turn}-1", "tool": "shell", "args": {"command": f"echo {turn}"}}
        yield "turn.offered", who, {"turn": turn, "agent": who}
        yield "think.done", who, {"turn": turn, "calls": [call], "text": "Let me see."}
        yield "action.intent", who, {"turn": turn, "call": call["id"], "tool": "shell"}
        yield "action.result", who, {"turn": turn, "call": call["id"], "output": f"{turn}\n"}
        yield "say", who, {"text": f"word {turn}\nand more"}
        if turn in (70, 71):
            yield "say", "a-stranger-from-nowhere", {"text": "Who called me?"}
        if turn == 120:
            yield "operator.limit", "operator", {"what": "turns", "old": 40, "new": 400}
        if turn == 200:
            yield "run.resumed", *started("ada", "bo", "cy", limit=500)[1:]
        yield "turn.ended", who, {"turn": turn, "reason": "spoke"}


@pytest.fixture(scope="module")
def log():
    return ListLog(Event(seq, *each) for seq, each in enumerate(strange(), 1))


def told(log):
    narrator = Narrator()
    return [narrator.narrate(log[index]) for index in range(len(log))]


def cues(log):
    found = Cues()
    return [index for index in range(len(log)) if found.take(log[index])]


def test_few_events_are_cues(log):
    kinds = [log[index].kind for index in cues(log)]
    assert kinds == ["run.started", "say", "operator.limit", "run.resumed"]


def test_a_part_is_told_as_in_the_whole(log):
    whole = told(log)

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.tuples(st.integers(0, len(log)), st.integers(0, 60)), max_size=4))
    def parts(asked):
        telling = Telling(log)
        telling.learn(cues(log))
        for first, count in asked:
            last = min(len(log), first + count)
            assert telling.lines(first, last) == [
                line for each in whole[first:last] for line in each
            ]

    parts()


def test_what_was_told_without_a_cue_can_be_told_anew(log):
    telling = Telling(log)
    first = telling.lines(700, 720)
    assert first != [line for each in told(log)[700:720] for line in each]
    assert telling.learn(cues(log)) == cues(log)[1]
    assert telling.lines(700, 720) == [line for each in told(log)[700:720] for line in each]
    assert telling.learn(cues(log)) is None


@pytest.mark.parametrize("name", ["demo", "demo-talk-only", "two-strangers"])
def test_every_place_of_a_real_run(name):
    log = ListLog(read(SAMPLES / name))
    whole = told(log)
    for first in range(len(log)):
        assert Telling(log).lines(first, len(log)) == [x for each in whole[first:] for x in each]
