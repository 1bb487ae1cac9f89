"""What a box or a model that means harm can do to a run: nothing beyond its own turn."""

from agents import wire
from sandbox.engine.core import INTENTS, LINK_SECONDS
from sandbox.engine.quota import CHARACTERS, MESSAGES
from sandbox.engine.saw import saw
from sandbox.engine.voices import speaks_for
from sandbox.models.gateway import Outcome
from sandbox.models.memory import CannedProvider
from sandbox.models.provider import ToolCall


def quiet(table, **scenario):
    """A run in which nobody's process does anything of itself."""
    t = table(**scenario)
    t.silent = set(t.scenario.agents)
    return t.play()


def test_no_text_makes_the_look_for_voices_slow():
    assert speaks_for("\n" * 200_000 + "1: 2", "ada", {"bo"}) == []
    assert speaks_for(" " * 200_000 + "bo: 2", "ada", {"bo"}) == []
    assert speaks_for("a" * 200_000 + ": 2", "ada", {"bo"}) == []


def test_direct_lines_carry_so_much_in_one_turn_and_the_rest_is_refused(table):
    t = quiet(table)
    for _ in range(MESSAGES + 10):
        t._perform(t.core.peer("bo", "ada", "hello", 0.0))
    t._perform(t.core.peer("bo", "ada", "x" * (CHARACTERS + 1), 0.0))
    t.pass_time(1.5)

    assert len(t.data("peer.message")) == MESSAGES
    [refused] = t.data("message.refused")
    assert (refused["why"], refused["count"]) == ("too many words on direct lines in one turn", 11)


def test_who_is_gone_says_nothing_more(table):
    t = quiet(table)
    t._perform(t.core.gone("bo", {"reason": "exit code 9", "code": 9}, 0.0))
    t._perform(t.core.peer("bo", "ada", "from beyond", 0.0))
    assert t.data("peer.message") == []


def test_a_box_has_so_many_actions_in_a_turn(table):
    t = quiet(table, limits={"turns": 1})
    for n in range(INTENTS + 5):
        t.send("ada", wire.Intent(1, f"own{n}", "say", {"text": "I!"}))

    assert len(t.data("action.intent")) == INTENTS
    assert t.told("turn.ended") == [("turn.ended", "ada", "actions")]


def test_a_malformed_answer_said_by_the_box_is_the_boxs_own(table):
    t = table({"ada": [Outcome(text="{oops", malformed="no JSON")]}, limits={"turns": 1})
    t.silent = {"ada"}
    t.play()
    t.send("ada", wire.ThinkRequest(1, 0))
    t.send("ada", wire.Intent(1, "text", "say", {"text": "{oops"}))
    assert t.data("say") == [{"text": "{oops", "author": "box"}]


def test_a_model_is_asked_for_one_bid_per_bidding(table):
    t = quiet(table, order={"kind": "volunteer"})
    for _ in range(5):
        t.send("ada", wire.ThinkRequest(1, 0, "bid"))
    assert len([e for e in t.events if e.kind == "think.request"]) == 1


def test_hello_again_repeats_the_offer_once_a_second_at_most(table):
    t = quiet(table)
    t.now = 10.0
    for _ in range(50):
        t.send("ada", wire.Hello("ada", 1, "3.11"))
    offers = [m for m in t._post if isinstance(m.body, wire.Offer)]
    assert len(offers) == 1


def test_nobody_keeps_the_floor_by_turning_to_itself(table):
    talk = [("say", {"text": "me again", "to": "ada"})]
    t = table({"ada": [talk]}, order={"kind": "addressed"}, limits={"turns": 2}).play()

    assert t.told("action.refused") == [("action.refused", "ada", "you cannot turn to yourself")]
    assert [e["agent"] for e in t.data("turn.offered")] == ["ada", "bo"]


def test_a_room_opened_twice_for_the_same_one_is_perceived_once(table):
    opening = [("open_room", {"name": "r1", "members": ["bo", "bo"]})]
    t = table({"ada": [opening], "bo": ["Hm."]}, limits={"turns": 2}).play()

    assert t.data("room.opened")[0]["members"] == ["bo"]
    assert [s.digest_matches for s in saw(t.events, "bo", {"scripted": CannedProvider()})] == [True]


def test_a_bid_after_an_action_is_asked_with_the_actions_result(table):
    call = Outcome(calls=(ToolCall("x", "whisper", {"to": "bo", "text": "psst"}),))
    t = table(
        {"ada": [call, "Done."]}, order={"kind": "volunteer"}, limits={"turns": 2, "thinks": 1}
    )
    t.play()
    bid = [think for think in t.thinks if think.agent == "ada" and think.purpose == "bid"][-1]

    assert [(turn.role, turn.text) for turn in bid.request.turns[1:4]] == [
        ("assistant", ""),
        ("tool", "Whispered to bo."),
        ("user", "(Would you like to speak next? Answer yes or no.)"),
    ]


def test_the_turns_clock_stands_still_without_a_bus(table):
    t = quiet(table, limits={"turns": 5, "turn_seconds": 30})
    t.now = 10.0
    t._perform(t.core.link_lost("the broker is gone", t.now))
    assert t.pass_time(50).told("turn.ended") == []
    t._perform(t.core.link_back(t.now))
    assert t.pass_time(15).told("turn.ended") == []
    assert t.pass_time(10).told("turn.ended") == [("turn.ended", "ada", "deadline")]


def test_a_bus_that_stays_away_ends_the_run_with_an_honest_reason(table):
    t = quiet(table)
    t._perform(t.core.link_lost("the broker is gone", 0.0))
    t.pass_time(LINK_SECONDS + 1)
    ended = t.data("run.ended")[0]
    assert (ended["reason"], ended["detail"]) == ("error", "the bus was gone for 60 s")


def test_a_stop_during_bids_closes_what_was_asked(table):
    t = table(order={"kind": "volunteer"})
    t.silent = {"ada", "bo"}
    t.play()
    t._answers["ada"] = None
    t.thinks.clear()
    request = wire.ThinkRequest(1, 0, "bid")
    step = t.core.message("ada", "m-bid", None, request, 0.0)
    t.events += step.events
    t._perform(t.core.stop("enough", 1.0))
    asked = [e.seq for e in t.events if e.kind == "think.request"]
    ended = [e.parent for e in t.events if e.kind in ("think.failed", "think.done")]
    assert asked == ended
