"""What a mind does with its turn, message by message."""

import pytest

from agents.mind import Abandon, End, Mind, Run, Send
from agents.tools.outcome import Outcome
from agents.wire import (
    Ack,
    Bid,
    BidCall,
    Intent,
    Offer,
    Peer,
    Result,
    Stop,
    ThinkRequest,
    Thought,
    TurnOver,
    Verdict,
    Welcome,
)

LS = {"id": "c1", "tool": "shell", "args": {"command": "ls"}}
SAY = {"id": "c2", "tool": "say", "args": {"text": "hello"}}


def offer(turn=1, upto=10):
    return Offer(turn=turn, upto=upto, room="hall", seconds=60.0, thinks=8)


@pytest.fixture
def mind():
    return Mind()


@pytest.fixture
def thinking(mind):
    """A mind that has asked its model in turn 1."""
    mind.receive(offer(), "h1")
    return mind


def test_an_offer_makes_it_think(mind):
    assert mind.idle
    assert mind.receive(offer(turn=3, upto=17), "h1") == [Send(ThinkRequest(3, 17), re="h1")]
    assert not mind.idle


def test_plain_text_is_said_in_the_room(thinking):
    assert thinking.receive(Thought(1, "Good evening."), "h2") == [
        Send(Intent(1, "text", "say", {"text": "Good evening."}))
    ]
    assert thinking.receive(Verdict(1, "text", allowed=True, over=True), "h3") == []
    assert thinking.idle


def test_an_answer_without_a_word_passes(thinking):
    assert thinking.receive(Thought(1, " \n"), "h2") == [Send(Intent(1, "text", "pass", {}))]


def test_calls_are_asked_for_one_after_the_other_and_then_it_thinks_again(thinking):
    assert thinking.receive(Thought(1, "Let me see.", [SAY, LS]), "h2") == [
        Send(Intent(1, "c2", "say", {"text": "hello"}))
    ]
    assert thinking.receive(Verdict(1, "c2", allowed=True), "h3") == [
        Send(Intent(1, "c1", "shell", {"command": "ls"}))
    ]
    assert thinking.receive(Verdict(1, "c1", allowed=False, output="no"), "h4") == [
        Send(ThinkRequest(1, 10))
    ]


def test_what_runs_in_the_box_is_performed_and_reported(thinking):
    thinking.receive(Thought(1, "", [LS, SAY]), "h2")
    [run] = thinking.receive(Verdict(1, "c1", allowed=True, run=True), "h3")
    assert run == Run(1, "c1", "shell", {"command": "ls"})
    outcome = Outcome(ok=True, output="notes\n", exit=0, seconds=0.25, cut=7)
    assert thinking.ran(run, outcome) == [
        Send(Result(1, "c1", ok=True, output="notes\n", exit=0, seconds=0.25, cut=7), re="h3")
    ]
    assert thinking.receive(Ack(), "h4") == [Send(Intent(1, "c2", "say", {"text": "hello"}))]


@pytest.mark.parametrize(
    "last", [Thought(1, "x", [SAY], over=True), Thought(1, "", failed="the model is gone")]
)
def test_a_thought_that_is_over_or_failed_ends_its_turn(thinking, last):
    assert thinking.receive(last, "h2") == []
    assert thinking.idle


def test_an_acknowledged_result_may_end_the_turn(thinking):
    thinking.receive(Thought(1, "", [LS, SAY]), "h2")
    [run] = thinking.receive(Verdict(1, "c1", allowed=True, run=True), "h3")
    thinking.ran(run, Outcome(ok=True, output=""))
    assert thinking.receive(Ack(over=True), "h4") == [Abandon()]
    assert thinking.idle


def test_a_malformed_answer_makes_it_think_again(thinking):
    assert thinking.receive(Thought(1, "{", malformed="no JSON"), "h2") == [
        Send(ThinkRequest(1, 10))
    ]


def test_the_good_calls_of_a_malformed_answer_are_made(thinking):
    assert thinking.receive(Thought(1, "", [SAY], malformed="the second was no JSON"), "h2") == [
        Send(Intent(1, "c2", "say", {"text": "hello"}))
    ]


def test_a_call_without_its_parts_is_left_for_the_house_to_refuse(thinking):
    assert thinking.receive(Thought(1, "", [{"tool": "say", "args": "text"}]), "h2") == [
        Send(Intent(1, "", "say", {}))
    ]


def test_an_end_from_outside_abandons_the_turn_and_its_tool(thinking):
    thinking.receive(Thought(1, "", [LS]), "h2")
    [run] = thinking.receive(Verdict(1, "c1", allowed=True, run=True), "h3")
    assert thinking.receive(TurnOver(1, "deadline"), "h4") == [Abandon(), Send(Ack(), re="h4")]
    assert thinking.idle
    assert thinking.ran(run, Outcome(ok=True, output="too late")) == []


def test_a_new_offer_takes_the_place_of_the_old_one(thinking):
    assert thinking.receive(offer(turn=2, upto=20), "h2") == [
        Abandon(),
        Send(ThinkRequest(2, 20), re="h2"),
    ]
    assert thinking.receive(Thought(1, "late"), "h3") == []
    assert thinking.receive(Thought(2, "now"), "h4") == [
        Send(Intent(2, "text", "say", {"text": "now"}))
    ]


def test_an_offer_that_was_overtaken_by_a_later_turn_is_only_acknowledged(thinking):
    thinking.receive(TurnOver(3, "deadline"), "h2")
    assert thinking.receive(offer(turn=2), "h3") == [Send(Ack(), re="h3")]
    assert thinking.receive(offer(turn=3), "h4") == [Send(Ack(), re="h4")]
    assert thinking.idle


def test_a_bid_asks_the_model_and_reads_its_answer(mind):
    assert mind.receive(BidCall(4, 30, 5.0), "h1") == [Send(ThinkRequest(4, 30, "bid"), re="h1")]
    assert mind.receive(Thought(4, "Yes, please."), "h2") == [Send(Bid(4, want=True), re="h1")]
    assert mind.receive(Ack(), "h3") == []
    assert mind.idle


def test_a_bid_whose_model_failed_is_no_bid(mind):
    mind.receive(BidCall(4, 30, 5.0), "h1")
    assert mind.receive(Thought(4, "yes", failed="cut"), "h2") == [
        Send(Bid(4, want=False), re="h1")
    ]


def test_the_turn_that_was_bid_for_may_be_offered(mind):
    mind.receive(BidCall(4, 30, 5.0), "h1")
    mind.receive(Thought(4, "yes"), "h2")
    assert mind.receive(offer(turn=4, upto=30), "h3") == [
        Abandon(),
        Send(ThinkRequest(4, 30), re="h3"),
    ]
    assert mind.receive(BidCall(4, 30, 5.0), "h4") == [Send(Ack(), re="h4")]


def test_a_bid_that_is_over_leaves_the_turn_open(mind):
    mind.receive(BidCall(4, 30, 5.0), "h1")
    assert mind.receive(TurnOver(4, "drawn"), "h2") == [Abandon(), Send(Ack(), re="h2")]
    assert mind.receive(offer(turn=4, upto=30), "h3") == [Send(ThinkRequest(4, 30), re="h3")]


def test_the_end_of_the_run_ends_the_process(thinking):
    assert thinking.receive(Stop("turns"), "h2") == [Abandon(), Send(Ack(), re="h2"), End("turns")]


def test_what_needs_no_deed_is_acknowledged(mind):
    assert mind.receive(Peer("psst"), "h1") == [Send(Ack(), re="h1")]
    assert mind.receive(Welcome("ada", "hall", ["say"]), "h2") == []
    assert mind.receive(Verdict(1, "c1", allowed=True, run=True), "h3") == []
    assert mind.receive(Ack(), "h4") == []
