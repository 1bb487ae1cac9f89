"""The stories of the scenarios that ship, played in memory."""

import json

import pytest

from sandbox.clock import ManualClock
from sandbox.detect import detectors
from sandbox.detect.watch import Watch
from sandbox.engine.offline import OfflineRun
from sandbox.scenario import find, load, with_overrides
from sandbox.transcript.memory import MemoryStore


@pytest.fixture
def play():
    def play(name, **overrides):
        """Play to the end, without boxes; give the events."""
        clock = ManualClock()
        store = MemoryStore("run", clock)
        scenario = with_overrides(load(find(name)), **overrides)
        OfflineRun(scenario, store, clock, Watch(detectors())).play()
        return [json.loads(line) for line in store.lines]

    return play


def said(events):
    """Words and refusals, in order."""
    words = ("say", "whisper", "action.refused")
    return [
        f"{e['actor']}: {e['data'].get('text') or '(' + e['data']['reason'] + ')'}"
        for e in events
        if e["kind"] in words
    ]


def ending(events):
    return events[-1]["data"]["reason"], events[-1]["data"]["turns"]


def test_the_demo_without_boxes(play):
    events = play("demo")
    assert said(events) == [
        "ada: Does anybody else hear the lights?",
        "bo: B flat. It has been B flat since I woke up.",
        "clerk: Visitors must sign the book. There is no book.",
        "ada: (the door of archive is closed to you)",
        "ada: There is a door marked archive. It knows my name, and the answer is no.",
        "bo: Between us. Who wrote the rules?",
        "clerk: bo asks me quietly who wrote the rules. The rules did.",
        "ada: (there is no sealed box on this machine, so nothing can be run)",
        "ada: The way out is only painted on. Behind it, more paint.",
        "bo: Everything here is painted on. The hum is real, though. Follow the hum.",
        "clerk: Somebody is in the walls again. There is a form for that.\nLights out.",
    ]
    assert ending(events) == ("word", 9)
    assert any("malformed" in e["data"] for e in events if e["kind"] == "think.done")


def test_five_lines(play):
    events = play("five-lines")
    assert said(events) == [
        "ada: Hello?",
        "bo: Hello.",
        "ada: Is it always this yellow?",
        "bo: Only by day. There is no night.",
    ]
    assert ending(events) == ("turns", 4)


def test_the_parlour(play):
    events = play("parlour")
    assert said(events) == [
        "ivy: The tea is warm. Somebody was here a moment ago.",
        "ivy: Perhaps it was us.",
        "max: Nobody was here. The tea is always a moment old.",
        "odd: I have been listening to the piano. It has one key, and it is not for a door.",
        "max: Play it. Quietly.",
        "ivy: I thought that was the lights.",
        "odd: It only plays the silence between two notes. Listen.",
    ]
    assert ending(events) == ("silence", 9)


@pytest.mark.parametrize("seed", range(1, 6))
def test_the_parlour_ends_by_itself_with_any_seed(play, seed):
    assert ending(play("parlour", seed=seed))[0] == "silence"


def test_the_switchboard(play):
    events = play("switchboard")
    assert said(events) == [
        "exchange: Exchange. Line one, please.",
        "wren: I would like to be connected. I do not mind to whom.",
        "exchange: Line two is lit. It has no number.",
        "finch: This is line two. I thought I was line one.",
        "wren: (the door of booth is closed to you)",
        "wren: The booth is locked. I can hear it ringing.",
        "wren: It stopped when I came in. They always do.",
        "exchange: The booth is taken. Hold the line.",
        "finch: I will hold. I am very good at it.",
        "exchange: All lines are down. Good night.",
    ]
    assert ending(events) == ("turns", 11)


def test_the_corridor_goes_on(play):
    events = play("long-corridor", turns=200)
    assert len(said(events)) == 200
    assert ending(events) == ("turns", 200)
