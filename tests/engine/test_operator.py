"""The operator's hand on the core: every act is an event, and does what it says."""

import pytest

from sandbox.engine.operator_acts import read_order
from sandbox.engine.saw import saw
from sandbox.errors import BorderError
from sandbox.models.memory import CannedProvider

MANY = {"ada": ["A1.", "A2.", "A3.", "A4."], "bo": ["B1.", "B2.", "B3.", "B4."]}
OPEN = {"ada": [..., "A2.", "A3."], "bo": ["B1.", "B2.", "B3."]}
"""The first turn goes on until it is answered by hand."""


def said(t):
    return [e.data["text"] for e in t.events if e.kind == "say"]


def test_pause_lets_a_turn_end_and_no_other_begin(table):
    t = table(OPEN, limits={"turns": 4}).play()
    assert t.operate("pause") == (True, "Paused, as soon as turn 1 has ended.")
    t.answer("A1.")
    t.pass_time(1000.0)

    assert said(t) == ["A1."]
    assert t.core.state.stands
    assert t.core.due() is None
    assert t.operate("pause") == (False, "it is paused already")
    assert t.operate("go") == (True, "It goes on.")
    assert t.play().told("run.ended") == [("run.ended", "engine", "turns")]
    assert [
        (e.kind, e.actor, dict(e.data)) for e in t.events if e.kind.startswith("operator.")
    ] == [
        ("operator.pause", "operator", {"author": "ana"}),
        ("operator.go", "operator", {"author": "ana"}),
    ]


def test_a_run_is_paused_before_its_first_turn(table):
    t = table(MANY, absent=["bo"], limits={"turns": 1})
    assert t.operate("pause") == (True, "Paused: no turn begins.")
    t.pass_time(60.0)
    assert t.told("turn.offered", "agent.died") == [
        ("agent.died", "bo", "no hello within 60 s"),
    ]
    t.operate("go")
    assert said(t.play()) == ["A1."]


def test_step_plays_one_turn_each(table):
    t = table(MANY, limits={"turns": 4}, absent=["bo"])
    t.operate("pause")
    t.pass_time(60.0)
    assert t.operate("step") == (True, "One more turn.")
    assert said(t.play()) == ["A1."]
    t.operate("step")
    assert said(t.play()) == ["A1.", "A2."]
    t.operate("go")
    assert said(t.play()) == ["A1.", "A2.", "A3.", "A4."]


def test_step_on_a_run_that_plays_is_the_turn_that_is_played(table):
    t = table(OPEN, limits={"turns": 3}).play()
    assert t.operate("step") == (True, "Turn 1 is played to its end, then it is paused.")
    assert t.operate("step") == (True, "One more turn.")
    t.answer("A1.")
    assert said(t) == ["A1.", "B1."]


def test_a_step_in_a_run_with_bids_is_one_turn(table):
    t = table(MANY, order={"kind": "volunteer"}, limits={"turns": 4}, absent=["bo"])
    t.operate("pause")
    t.pass_time(60.0)
    for turn in (1, 2):
        t.operate("step")
        t.play()
        assert t.core.state.turn == turn
        assert t.core.state.stands


def test_the_clock_of_the_run_stands_still_while_it_is_paused(table):
    t = table(OPEN, limits={"turns": 9, "seconds": 10.0}).play()
    t.operate("pause")
    t.answer("A1.")
    t.pass_time(1000.0)
    t.operate("go")
    t.play()
    assert t.told("run.ended") == [("run.ended", "engine", "turns")]
    assert t.data("run.ended")[0]["seconds"] == 0.0


def test_go_without_a_pause_is_refused(table):
    assert table(OPEN).play().operate("go") == (False, "it is not paused")


def test_stop_ends_the_run_in_the_middle_of_a_turn_with_its_author(table):
    t = table(OPEN).play()
    assert t.operate("stop") == (True, "It ends.")
    assert t.data("operator.stop") == [{"reason": "stopped by the operator", "author": "ana"}]
    assert t.told("turn.ended", "run.ended") == [
        ("turn.ended", "ada", "stopped"),
        ("run.ended", "engine", "stopped"),
    ]
    assert t.operate("go") == (False, "the run is over")


def test_a_stop_while_it_stands_ends_it(table):
    t = table(OPEN).play()
    t.operate("pause")
    t.answer("A1.")
    t.now += 50
    t.operate("stop")
    assert t.data("run.ended")[0]["seconds"] == 0.0


def test_a_voice_is_heard_by_the_room_and_a_whisper_by_one(table):
    rooms = {"lobby": {"members": ["ada"]}, "attic": {"members": ["bo"]}}
    t = table(OPEN, rooms=rooms, limits={"turns": 3}).play()
    assert t.operate("say", room="attic", text="Boo.") == (
        True,
        "Said in attic, where bo can hear it.",
    )
    t.operate("whisper", agent="ada", text="Psst.")
    t.answer("A1.")

    turns = {think.agent: [turn.text for turn in think.request.turns] for think in t.thinks}
    assert turns["bo"][0] == "(a voice): Boo."
    assert "(a voice, to you alone): Psst." in turns["ada"]
    assert [(e.visible_to, e.room, dict(e.data)) for e in t.events if e.actor == "operator"] == [
        ("room", "attic", {"text": "Boo.", "author": "ana"}),
        (("ada",), None, {"to": "ada", "text": "Psst.", "author": "ana"}),
    ]
    for agent in ("ada", "bo"):
        proved = saw(t.events, agent, {"scripted": CannedProvider()})
        assert {one.digest_matches for one in proved} == {True}


@pytest.mark.parametrize(
    ("act", "why"),
    [
        ({"verb": "say", "room": "cellar", "text": "x"}, "there is no room 'cellar'; there are lobby"),
        ({"verb": "whisper", "agent": "zoe", "text": "x"}, "there is no agent 'zoe'; there are ada, bo"),
        ({"verb": "mute", "agent": "zoe"}, "there is no agent 'zoe'; there are ada, bo"),
        ({"verb": "unmute", "agent": "ada"}, "ada is not muted"),
        ({"verb": "limit", "what": "turns", "value": None}, "a run has a last turn: give turns a number"),
        ({"verb": "limit", "what": "turns", "value": 20}, "turns is 20 already"),
        ({"verb": "unhold", "id": 1}, "there is no filter 1"),
        ({"verb": "release", "id": 7}, "no message 7 is held"),
        ({"verb": "hold", "agent": "zoe"}, "there is no agent 'zoe'"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_and_no_event(table, act, why):
    t = table(OPEN).play()
    before = len(t.events)
    assert t.operate(**act) == (False, why)
    assert len(t.events) == before


def test_a_muted_agent_gets_no_turns_and_hears_everything(table):
    t = table({"ada": [..., "A2.", "A3."], "bo": ["B1."]}, limits={"turns": 3}).play()
    t.operate("mute", agent="bo")
    assert t.operate("mute", agent="bo") == (False, "bo is muted already")
    t.answer("A1.")
    assert said(t) == ["A1.", "A2.", "A3."]


@pytest.mark.parametrize("kind", ["round-robin", "random", "addressed", "volunteer"])
def test_no_order_gives_a_muted_agent_the_floor(table, kind):
    t = table(MANY, order={"kind": kind}, limits={"turns": 3}, absent=["cy"],
              agents={"ada": {}, "bo": {}, "cy": {}})  # fmt: skip
    t.operate("mute", agent="bo")
    t.pass_time(60.0)
    assert {e.actor for e in t.events if e.kind == "turn.offered"} == {"ada"}


def test_when_nobody_is_left_who_gets_turns_the_run_stands(table):
    t = table(OPEN, limits={"turns": 3}).play()
    t.operate("mute", agent="bo")
    assert t.operate("mute", agent="ada") == (
        True,
        "ada gets no turns. Nobody is left who does, so the run stands.",
    )
    t.answer("A1.")
    assert t.core.state.stands
    assert t.operate("unmute", agent="bo") == (True, "bo gets turns again.")
    assert said(t.play()) == ["A1.", "B1.", "B2."]


def test_limits_are_set_anew_and_hold_at_once(table):
    t = table(OPEN, limits={"turns": 9}).play()
    assert t.operate("limit", what="turns", value=2) == (True, "turns: 9 before, 2 now.")
    assert t.operate("limit", what="tokens", value=1000) == (
        True,
        "tokens: no limit before, 1000 now.",
    )
    t.answer("A1.")
    assert said(t) == ["A1.", "B1."]
    assert t.data("operator.limit") == [
        {"what": "turns", "old": 9, "new": 2, "author": "ana"},
        {"what": "tokens", "old": None, "new": 1000, "author": "ana"},
    ]


def test_a_token_limit_that_is_spent_ends_the_run(table):
    t = table(OPEN, limits={"turns": 9}).play()
    t.operate("limit", what="tokens", value=1)
    t.answer("A1.")
    assert t.told("run.ended") == [("run.ended", "engine", "tokens")]
    assert said(t) == ["A1."]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"author": "ana", "act": {"verb": "fly"}}',
        b'{"author": "", "act": {"verb": "pause"}}',
        b'{"author": "a\\u001bb", "act": {"verb": "pause"}}',
        b'{"author": "ana", "act": {"verb": "pause", "x": 1}}',
        b'{"author": "ana", "act": {"verb": "say", "room": "lobby", "text": 7}}',
        b'{"author": "ana", "act": {"verb": "hold", "seconds": 1e9}}',
        b'{"author": "ana", "act": {"verb": "release", "id": 99999999999999999999}}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_order_is_refused_at_the_border(body):
    with pytest.raises(BorderError, match=r"^this cannot be asked for: "):
        read_order(body)
