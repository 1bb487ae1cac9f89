"""What a model was sent is rendered again from the record, whatever happened on the way."""

import pytest

from sandbox.engine.saw import saw
from sandbox.errors import Damaged
from sandbox.models.gateway import Outcome
from sandbox.models.memory import CannedProvider
from sandbox.transcript import Event

WHISPER = [("whisper", {"to": "bo", "text": "psst"})]


def proved(t, agent="ada"):
    return [one.digest_matches for one in saw(t.events, agent, {"scripted": CannedProvider()})]


def test_every_request_of_a_run_is_proved(table):
    answers = {
        "ada": ["Hello.", WHISPER, "Well.", Outcome(text="{", malformed="no JSON"), "Better."],
        "bo": ["Hm.", [("whisper", {"to": "zoe", "text": "x"})], "No?"],
    }
    t = table(answers, agents={"ada": {"first": "First."}, "bo": {}}, limits={"turns": 9}).play()

    assert proved(t) == [True] * len(
        [e for e in t.events if e.kind == "think.done" and e.actor == "ada"]
    )
    assert set(proved(t, "bo")) == {True}


def test_bids_are_proved_too(table):
    t = table({"ada": ["A."] * 3}, order={"kind": "volunteer"}, limits={"turns": 4}).play()
    assert len(proved(t)) >= 6
    assert set(proved(t)) == {True}


def test_a_trimmed_context_is_proved_from_the_event_that_says_so(table):
    long = "x" * 500
    t = table({"ada": [long] * 20, "bo": [long] * 20}, context={"ada": 1500}, limits={"turns": 40})
    t.play()

    assert len(t.data("context.trimmed")) >= 1
    assert set(proved(t)) == {True}


def test_a_context_that_the_maker_finds_too_long_is_halved_and_asked_again(table):
    too_long = Outcome(error="too long", error_kind="ContextOverflow")
    t = table({"ada": ["A.", "B.", "C.", too_long, "Shorter."]}, limits={"turns": 7}).play()

    assert [e["dropped"] for e in t.data("context.trimmed")] == [4]
    assert t.told("say")[-1] == ("say", "ada", "Shorter.")
    assert set(proved(t)) == {True}


def test_an_altered_record_is_not_proved(table):
    t = table({"ada": ["Hello.", "Again."], "bo": ["Hm."]}, limits={"turns": 3}).play()
    say = next(e for e in t.events if e.kind == "say" and e.actor == "bo")
    say.data["text"] = "something else"
    assert proved(t) == [True, False]


def test_an_answer_taken_back_is_recorded_and_not_said(table):
    refusal = Outcome(text="I would rather not.", stop="refusal")
    t = table(
        {"ada": [refusal], "bo": [Outcome(text="Half a", stop="filter")]}, limits={"turns": 2}
    )

    assert t.play().told("think.refused", "think.filtered", "say", "turn.ended") == [
        ("think.refused", "ada"),
        ("turn.ended", "ada", "refusal"),
        ("think.filtered", "bo"),
        ("turn.ended", "bo", "filtered"),
    ]
    assert t.data("think.done")[0]["text"] == "I would rather not."


def test_a_start_that_no_engine_wrote_is_damage():
    for data in ({}, {"scenario": [], "rooms": {}, "agents": {"ada": {}}, "seed": 1}):
        with pytest.raises(Damaged, match=r"^run\.started is not what Backrooms writes"):
            saw([Event(1, "run.started", "engine", data)], "ada", {})
