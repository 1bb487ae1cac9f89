"""Another model from some event on: what was heard stays, is told in its way, and is proved on both sides."""

import pytest

from sandbox.detect.watch import Watch
from sandbox.engine.cast import CastMember, tool_specs
from sandbox.engine.past import Past
from sandbox.engine.saw import saw
from sandbox.models.context import Context
from sandbox.models.memory import CannedProvider
from sandbox.models.provider import ChatTurn
from sandbox.models.scripted import Scripted
from sandbox.scenario import loads
from sandbox.transcript.event import Event


def member(**other):
    fields = {
        "agent": "ada", "model": "scripted/a", "family": "a", "mode": "tools", "home": "lobby",
        "tools": tool_specs(["whisper"]), "system": "You are ada.", "names": ("bo",), "first": None,
        "max_tokens": 100, "temperature": None, "seed": 1, "options": {}, "context_bytes": 1000,
    }  # fmt: skip
    return CastMember(**{**fields, **other})


def talked(context):
    """One turn with a whisper, and its result."""
    calls = [{"id": "c3-1", "tool": "whisper", "args": {"to": "bo", "text": "psst"}}]
    thought = {"turn": 1, "think": 1, "purpose": "act", "text": "", "calls": calls}
    for event in (
        Event(2, "say", "bo", {"text": "Hello."}, "lobby", "room"),
        Event(3, "think.request", "ada", {"purpose": "act"}),
        Event(4, "think.done", "ada", thought),
        Event(5, "action.intent", "ada", {"call": "c3-1"}),
        Event(6, "whisper", "ada", {"to": "bo", "text": "psst"}, "lobby", ("ada", "bo"), 5),
    ):
        context.feed(event)
    return context


@pytest.mark.parametrize("mode", ["json", "talk"])
def test_calls_are_told_in_words_to_a_model_without_them(mode):
    context = talked(Context(member()))
    context.recast(member(model="scripted/b", mode=mode))
    assert context.turns == [
        ChatTurn("user", "bo: Hello."),
        ChatTurn("assistant", ""),
        ChatTurn("user", "(result: Whispered to bo.)"),
    ]


def test_the_same_member_changes_nothing():
    context, other = talked(Context(member())), talked(Context(member()))
    context.recast(member())
    assert context.request(2, 1, "act") == other.request(2, 1, "act")


def test_what_was_left_out_is_sent_again_to_another_model_but_not_for_another_seed():
    context = talked(Context(member()))
    context.feed(Event(7, "context.trimmed", "ada", {"start": 1}))
    context.recast(member(seed=2))
    assert len(context.request(2, 1, "act")[0].turns) == 2
    context.recast(member(seed=2, model="scripted/b"))
    assert len(context.request(2, 1, "act")[0].turns) == 3


def test_saw_proves_both_sides_of_a_change(table):
    t = table({"ada": ["One.", "Two.", "Three."], "bo": ["Uno."]}, limits={"turns": 5}).play()
    at = next(e.seq for e in t.events if e.kind == "turn.offered" and e.data["turn"] == 3)
    first = t.events[0].data
    agents = {
        **first["agents"],
        "ada": {**first["agents"]["ada"], "model": "canned/x", "mode": "json"},
    }
    again = Event(at, "run.resumed", "engine", {**first, "agents": agents})
    seen = saw([*t.events[: at - 1], again], "ada", {"scripted": Scripted({})})
    assert [one.digest_matches for one in seen] == [True]
    both = saw([*t.events[: at - 1], again, *t.events[at - 1 :]], "ada",
               {"scripted": Scripted({}), "canned": CannedProvider()})  # fmt: skip
    assert [one.digest_matches for one in both] == [True, False, False]
    assert [one.request.mode for one in both] == ["tools", "json", "json"]


def test_a_script_that_was_changed_begins_anew_and_one_that_was_not_goes_on(table):
    then = "title: t\nagents: {ada: {script: [a, b]}, bo: {script: [c, d]}}"
    now = loads(then.replace("[c, d]", "[x, y]"))
    scripted = Scripted.of(now)
    t = table(
        {"ada": ["a"], "bo": ["c"]},
        agents={"ada": {"script": [{"say": "a"}, {"say": "b"}]}, "bo": {"script": [{"say": "c"}, {"say": "d"}]}},
        limits={"turns": 2},
    ).play()  # fmt: skip
    past = Past(now, {}, Watch([]), {"scripted": scripted})
    for event in t.events:
        past.take(event)
    asked = [past.perception.contexts[agent].request(3, 1, "act")[0] for agent in ("ada", "bo")]
    assert [scripted.answer(request)[0].text for request in asked] == ["b", "x"]


def test_played_time_leaves_out_the_gap(table):
    past = Past(loads("title: t\nagents: {ada: {}}"), {}, Watch([]), {"scripted": Scripted({})})
    first = table(agents={"ada": {}}, limits={"turns": 1}).play().events[0].data
    at = "2026-11-21T{}:00.000000Z".format
    for event in (
        Event(1, "run.started", "engine", first, ts=at("10:00")),
        Event(2, "turn.offered", "ada", {"turn": 1, "agent": "ada"}, ts=at("10:01")),
        Event(3, "think.request", "ada", {"turn": 1, "think": 1, "purpose": "act"}, ts=at("10:04")),
        Event(4, "run.resumed", "engine", first, ts=at("12:00")),
        Event(5, "turn.lost", "engine", {"turn": 1, "agent": "ada"}, ts=at("12:00")),
        Event(6, "turn.offered", "ada", {"turn": 2, "agent": "ada"}, ts=at("12:01")),
        Event(7, "bus.lost", "engine", {"why": "gone"}, ts=at("12:02")),
    ):
        past.take(event)
    assert past.played == 240.0
