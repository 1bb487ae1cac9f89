"""Delivery at least once, the guest's half."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.courier import REMEMBERED, Arrival, Courier
from agents.wire import (
    Ack,
    Hello,
    Intent,
    Offer,
    Peer,
    Result,
    ThinkRequest,
    Thought,
    TurnOver,
    Verdict,
    Welcome,
    encode,
)

THINK = ThinkRequest(1, 10)
OFFER = Offer(turn=1, upto=10, room="hall", seconds=60.0, thinks=8)


@pytest.fixture
def courier():
    return Courier("b00t", epoch=1000.0)


def taken(courier):
    """What was sent: (id, kind, re) of each."""
    messages = [json.loads(payload) for payload in courier.take()]
    return [(m["id"], m["kind"], m.get("re")) for m in messages]


def repeats(courier, until):
    """The moments at which something is sent, as seen by a loop that sleeps until then."""
    moments = []
    while (due := courier.due()) is not None and due <= until:
        courier.repeat(due)
        moments.append((due, len(courier.take())))
    return moments


def test_ids_count_up_from_the_boot_and_times_are_unix_seconds(courier):
    courier.post(THINK, now=5.0, re="h1")
    courier.post(Ack(), now=6.5, re="h2")
    first, second = courier.take()
    assert first == encode(THINK, id="b00t-1", re="h1", ts=1005.0)
    assert second == encode(Ack(), id="b00t-2", re="h2", ts=1006.5)
    assert courier.take() == []


def test_what_awaits_an_answer_is_repeated_ever_more_seldom(courier):
    courier.post(THINK, now=0.0)
    courier.take()
    assert repeats(courier, until=24.0) == [
        (1.0, 1),
        (3.0, 1),
        (7.0, 1),
        (12.0, 1),
        (17.0, 1),
        (22.0, 1),
    ]


def test_what_awaits_no_answer_is_not_repeated(courier):
    courier.post(Ack(), now=0.0, re="h1")
    assert courier.due() is None


def test_an_acknowledgement_lengthens_the_wait(courier):
    courier.post(THINK, now=0.0)
    courier.take()
    assert courier.receive(encode(Ack(), id="h1", re="b00t-1"), 1.5) is None
    assert repeats(courier, until=40.0) == [(11.5, 1), (21.5, 1), (31.5, 1)]


def test_an_answer_ends_the_wait_and_arrives_once(courier):
    courier.post(THINK, now=0.0)
    thought = Thought(1, "hm")
    payload = encode(thought, id="h2", re="b00t-1")
    assert courier.receive(payload, 1.0) == Arrival(thought, "h2")
    assert courier.receive(payload, 1.1) is None
    assert courier.due() is None


def test_an_answer_of_the_wrong_kind_is_none(courier):
    courier.post(THINK, now=0.0)
    assert courier.receive(encode(Verdict(1, "c", allowed=True), id="h1", re="b00t-1"), 0.5) is None
    assert courier.due() == 1.0


@pytest.mark.parametrize("body", [THINK, Intent(1, "c", "say", {}), Result(1, "c", True, "")])
def test_an_acknowledgement_that_ends_the_turn_answers_anything(courier, body):
    courier.post(body, now=0.0)
    arrival = courier.receive(encode(Ack(over=True), id="h1", re="b00t-1"), 0.5)
    assert arrival == Arrival(Ack(over=True), "h1")
    assert courier.due() is None


def test_after_the_link_was_lost_all_is_sent_again_at_once(courier):
    courier.post(Hello("ada", 7, "3.11"), now=0.0)
    courier.post(THINK, now=0.0)
    courier.take()
    courier.repeat(0.2, all_of_them=True)
    assert taken(courier) == [("b00t-1", "hello", None), ("b00t-2", "think.request", None)]
    assert courier.due() == 1.2


def test_a_repeated_request_gets_its_answer_again(courier):
    payload = encode(OFFER, id="h1")
    assert courier.receive(payload, 0.0) == Arrival(OFFER, "h1")
    assert courier.receive(payload, 1.0) is None  # nothing answered yet: acknowledged
    courier.post(THINK, now=2.0, re="h1")
    assert courier.receive(payload, 3.0) is None
    assert taken(courier) == [
        ("b00t-1", "ack", "h1"),
        ("b00t-2", "think.request", "h1"),
        ("b00t-2", "think.request", "h1"),
    ]


def test_an_end_of_the_turn_that_answers_something_is_still_a_request(courier):
    courier.post(THINK, now=0.0)
    over = TurnOver(1, "deadline")
    assert courier.receive(encode(over, id="h1", re="b00t-1"), 0.5) == Arrival(over, "h1")
    courier.forget()
    assert courier.due() is None


def test_a_greeting_is_not_forgotten(courier):
    courier.post(Hello("ada", 7, "3.11"), now=0.0)
    courier.post(THINK, now=0.0)
    courier.forget()
    assert courier.awaits(Welcome)
    assert not courier.awaits(Thought)


def test_only_the_latest_ids_are_remembered(courier):
    payloads = [encode(Peer("x"), id=f"h{n}") for n in range(REMEMBERED + 1)]
    assert all(courier.receive(payload, 0.0) is not None for payload in payloads)
    assert courier.receive(payloads[-1], 0.0) is None
    assert courier.receive(payloads[0], 0.0) is not None


@given(
    st.binary() | st.dictionaries(st.text(), st.integers()).map(lambda d: json.dumps(d).encode())
)
def test_what_is_no_message_is_passed_over(payload):
    courier = Courier("b00t")
    assert courier.receive(payload, 0.0) is None
    assert courier.take() == []
