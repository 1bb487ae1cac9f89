import pytest

from sandbox.engine.state import State
from sandbox.transcript.event import Event
from sandbox.tui.room import Doings

CAST = {"agents": {"ada": {}, "bo": {}}}
STARTED = Event(
    1,
    "run.started",
    "engine",
    CAST | {"rooms": {"lobby": {"members": ["ada", "bo"], "enter": "invited"}}},
)


def after(*events):
    doings = Doings()
    for event in (STARTED, *events):
        doings.take(event)
    return doings


def words(doings):
    return [(doing.agent, doing.word) for doing in doings.all]


@pytest.mark.parametrize(
    ("kind", "data", "word"),
    [
        ("agent.joined", {}, "listening"),
        ("turn.offered", {"turn": 1, "agent": "ada"}, "has the floor"),
        ("think.request", {"purpose": "act"}, "thinking"),
        ("think.request", {"purpose": "bid"}, "bidding"),
        ("think.done", {"purpose": "act"}, "has the floor"),
        ("think.done", {"purpose": "bid"}, "listening"),
        ("think.retried", {"wait": 2, "error": "busy"}, "asks again"),
        ("think.failed", {"error": "gone"}, "model failed"),
        ("action.intent", {"tool": "shell"}, "in shell"),
        ("action.intent", {"tool": "enter"}, "uses enter"),
        ("action.result", {}, "has the floor"),
        ("turn.ended", {"agent": "ada"}, "listening"),
        ("agent.left", {"reason": "bored"}, "left"),
        ("box.frozen", {"why": "a flag"}, "FROZEN"),
    ],
)
def test_each_event_has_its_word(kind, data, word):
    doings = after(Event(2, kind, "ada", data))
    assert words(doings) == [("ada", word), ("bo", "starting")]


def test_a_crash_says_why():
    doings = after(Event(2, "agent.died", "ada", {"reason": "out of memory", "code": 137}))
    ada = doings.get("ada")
    assert (ada.word, ada.detail, ada.sign) == ("CRASHED", "exit 137: out of memory", "x")


def test_words_that_come_are_speaking_and_a_dead_agent_says_nothing():
    doings = after(Event(2, "agent.died", "bo", {"reason": "x"}))
    doings.hear("ada")
    doings.hear("bo")
    doings.hear("a stranger")
    assert words(doings) == [("ada", "speaking"), ("bo", "CRASHED")]


def test_muted_is_beside_what_it_does():
    doings = after(Event(2, "operator.mute", "operator", {"agent": "ada"}))
    assert (doings.get("ada").muted, doings.get("ada").sign) == (True, "m")
    doings.take(Event(3, "operator.unmute", "operator", {"agent": "ada"}))
    assert not doings.get("ada").muted


def test_the_end_of_a_run_leaves_the_dead_dead():
    doings = after(Event(2, "agent.died", "bo", {}), Event(3, "run.ended", "engine", {}))
    assert words(doings) == [("ada", "idle"), ("bo", "CRASHED")]


def test_a_state_says_the_same_as_far_as_it_knows():
    state, doings = State(), Doings()
    state.apply(STARTED)
    doings.show(state)
    assert words(doings) == [("ada", "starting"), ("bo", "starting")]
    state.apply(Event(2, "agent.joined", "ada"))
    state.apply(Event(3, "agent.died", "bo"))
    state.apply(Event(4, "turn.offered", "ada", {"turn": 1, "agent": "ada"}))
    doings.show(state, crashed=["bo"])
    assert words(doings) == [("ada", "has the floor"), ("bo", "CRASHED")]
    doings.show(state)
    assert words(doings)[1] == ("bo", "left")


def test_hostile_data_changes_nothing():
    doings = after(
        Event(2, "turn.ended", "engine", {"agent": ["ada"]}),
        Event(3, "operator.mute", "operator", {"agent": None}),
        Event(4, "run.resumed", "engine", {"agents": "x"}),
        Event(5, "think.request", "a stranger", {}),
    )
    assert words(doings) == [("ada", "starting"), ("bo", "starting")]


def test_who_is_frozen_stays_so_until_it_is_thawed():
    frozen = Event(2, "box.frozen", "ada", {"why": "contacted a door"})
    ended = Event(3, "turn.ended", "ada", {"agent": "ada", "reason": "frozen"})
    doings = after(frozen, ended)
    assert words(doings) == [("ada", "FROZEN"), ("bo", "starting")]
    assert (doings.get("ada").sign, doings.get("ada").detail) == ("f", "contacted a door")
    doings.take(Event(4, "box.thawed", "ada", {"author": "ana"}))
    assert words(doings) == [("ada", "listening"), ("bo", "starting")]
