"""Messages that match the operator's filters wait until somebody decides, or time runs out."""

import os

import pytest

from sandbox.engine.pattern_guard import PatternGuard
from sandbox.engine.saw import saw
from sandbox.models.memory import CannedProvider

WHISPER = [("whisper", {"to": "bo", "text": "psst"})]
OPEN = {"ada": [..., "A2."], "bo": ["B1.", "B2."]}


def held(table, answer="The door.", **wanted):
    """A run that stands, since a message of ada's first turn is held."""
    t = table({"ada": [..., "A2."], "bo": ["B1.", "B2."]}, limits={"turns": 2}).play()
    assert t.operate("hold", **wanted)[0]
    return t.answer(answer)


def heard_by_bo(t):
    [think] = [think for think in t.thinks if think.agent == "bo"]
    return think.request.turns[0].text


def proved(t):
    for agent in ("ada", "bo"):
        assert {o.digest_matches for o in saw(t.events, agent, {"scripted": CannedProvider()})} <= {
            True
        }


def test_a_held_message_is_heard_when_it_is_released(table):
    t = held(table)
    assert t.told("turn.ended", "say", "turn.offered") == [
        ("turn.offered", "ada", "ada"),
        ("turn.ended", "ada", "spoke"),
    ]
    assert t.data("message.held") == [
        {"id": 1, "hold": 1, "kind": "say", "seconds": 300.0, "text": "The door."}
    ]
    assert t.operate("release", id=1) == (True, "Message 1 of ada is delivered.")
    t.play()
    assert heard_by_bo(t) == "ada: The door."
    assert t.data("operator.release") == [{"id": 1, "author": "ana"}]
    assert t.data("say")[0] == {"text": "The door."}
    proved(t)


def test_an_edited_message_is_heard_with_other_words_and_both_are_on_record(table):
    t = held(table)
    t.operate("edit", id=1, text="The window.")
    t.play()
    assert heard_by_bo(t) == "ada: The window."
    assert t.data("message.held")[0]["text"] == "The door."
    assert t.data("operator.edit") == [{"id": 1, "author": "ana", "text": "The window."}]
    assert t.data("say")[0] == {"text": "The window.", "author": "operator"}
    proved(t)


def test_the_speaker_never_learns_of_it(table):
    t = table({"ada": [..., "Then."], "bo": []}, limits={"turns": 1}).play()
    t.operate("hold", kind="whisper")
    t.answer(WHISPER)
    assert [turn.text for turn in t.thinks[-1].request.turns][-2:] == ["Whispered to bo.", "Then."]
    t.operate("drop", id=1)
    proved(t)


def test_a_dropped_message_is_heard_by_nobody(table):
    t = held(table)
    assert t.operate("drop", id=1) == (True, "Message 1 of ada is dropped; nobody hears it.")
    t.play()
    assert heard_by_bo(t) == "(Nobody has spoken. It is your turn.)"
    assert t.operate("drop", id=1) == (False, "no message 1 is held")
    proved(t)


def test_a_message_is_released_when_its_time_is_over(table):
    t = held(table, seconds=5.0)
    t.pass_time(0.0).pass_time(4.9)
    assert t.data("operator.release") == []
    t.pass_time(0.1)
    assert t.data("operator.release") == [
        {"id": 1, "author": None, "why": "nobody decided in time"}
    ]
    assert heard_by_bo(t) == "ada: The door."


def test_its_time_stands_still_while_the_run_is_paused(table):
    t = held(table, seconds=5.0)
    t.pass_time(0.0)
    t.operate("pause")
    t.pass_time(1000.0)
    assert t.core.due() is None
    t.operate("go")
    t.pass_time(4.9)
    assert t.data("operator.release") == []
    t.pass_time(0.2)
    assert len(t.data("operator.release")) == 1


@pytest.mark.parametrize(
    ("wanted", "caught"),
    [
        ({}, True),
        ({"agent": "ada"}, True),
        ({"agent": "bo"}, False),
        ({"room": "lobby"}, True),
        ({"room": "attic"}, False),
        ({"kind": "whisper"}, False),
        ({"words": "THE DOOR"}, True),
        ({"words": "window"}, False),
        ({"pattern": "d[aeiou]+r"}, True),
        ({"pattern": "^door"}, False),
        ({"agent": "ada", "words": "window"}, False),
    ],
)
def test_what_a_filter_catches(table, wanted, caught):
    t = held(table, **wanted)
    assert any(e.kind == "message.held" and e.actor == "ada" for e in t.events) is caught


def test_a_direct_line_is_held_too(table):
    t = table(OPEN, limits={"turns": 2}).play()
    t.operate("hold", kind="peer.message")
    t._perform(t.core.peer("bo", "ada", "psst", t.now))
    assert t.data("peer.message") == []
    t.operate("release", id=1)
    assert [(e.visible_to, dict(e.data)) for e in t.events if e.kind == "peer.message"] == [
        (("bo", "ada"), {"to": "ada", "text": "psst"})
    ]
    t.answer("A1.")
    proved(t)


def test_a_filter_that_is_taken_away_holds_nothing_more(table):
    t = table(OPEN, limits={"turns": 2}).play()
    t.operate("hold")
    assert t.operate("unhold", id=1) == (True, "Filter 1 is gone.")
    t.answer("A1.")
    assert t.data("message.held") == []


def test_the_end_of_the_run_releases_what_waits(table):
    t = held(table)
    t.operate("stop")
    assert t.data("operator.release") == [{"id": 1, "author": None, "why": "the run has ended"}]
    assert t.told("say", "run.ended") == [
        ("say", "ada", "The door."),
        ("run.ended", "engine", "stopped"),
    ]


def test_a_word_that_ends_the_run_counts_when_it_is_heard(table):
    t = table(OPEN, stop={"word": "Farewell."}, limits={"turns": 9}).play()
    t.operate("hold")
    t.answer("Farewell.")
    assert t.told("run.ended") == []
    t.operate("release", id=1)
    assert t.told("run.ended") == [("run.ended", "engine", "word")]


def test_a_held_turn_is_no_silence(table):
    t = table({"ada": [...], "bo": []}, stop={"silence": 1}, limits={"turns": 9}).play()
    t.operate("hold")
    t.answer("Hm.")
    t.operate("release", id=1)
    t.play()
    assert len(t.data("turn.ended")) == 2


def test_patterns_have_an_end():
    guard = PatternGuard()
    try:
        assert guard("d[aeiou]+r", "The DOOR.") is True
        assert guard("^door", "The door.") is False
        assert guard("(", "x") is None
        assert guard("(a+)+$", "a" * 40 + "!") is None
        assert guard("(a+)+$", "aaa") is True
    finally:
        guard.close()


def test_ctrl_c_does_not_reach_who_looks_for_patterns():
    guard = PatternGuard()
    try:
        guard("door", "The door.")
        assert [os.getpgid(child.pid) for child in guard._children.values()] != [os.getpgid(0)]
    finally:
        guard.close()
