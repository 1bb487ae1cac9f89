"""A watcher's view of the record: in order and whole, whatever comes over the events topic."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.bus.control import Frame, Guard, new_nonce, open_frame, topic_control, topic_reply
from sandbox.bus.memory import MemoryBroker, MemoryBus
from sandbox.bus.rights import Permits
from sandbox.bus.watcher import Unanswered, Watcher, _Tail
from sandbox.clock import ManualClock
from sandbox.engine.play import _rights
from sandbox.errors import Damaged
from sandbox.transcript import Event, MemoryStore

RUN, TOKEN = "20261121-113908-demo-abcd", b"t" * 32


def lines(count=12, run=RUN):
    store = MemoryStore(run, ManualClock())
    return [
        store.append(Event(seq, "say", "ada", {"text": "x" * (seq * 7)}))
        for seq in range(1, count + 1)
    ]


@given(st.lists(st.integers(1, 400), max_size=30), st.integers(1, 12))
def test_the_record_is_put_together_however_it_was_cut(cuts, live_from):
    whole, tail, given = lines(), _Tail(1), []
    history, at = b"".join(whole[: live_from - 1]), 0
    for cut in [*cuts, len(history)]:
        query = tail.query()
        at = sum(map(len, whole[: query["from_seq"] - 1])) + query["offset"]
        given += tail.more(history[at : at + cut])
    found, behind = tail.live(b"".join(whole[live_from - 1 :]))
    assert [one.line for one in given + found] == whole
    assert not behind


def test_a_gap_what_is_said_twice_and_what_is_too_large_is_asked_for():
    whole, tail = lines(), _Tail(1)
    assert len(tail.live(whole[0] + whole[1])[0]) == 2
    assert tail.live(whole[0] + whole[1]) == ([], False)
    assert tail.live(whole[4]) == ([], True)
    announced = b'{"seq":3,"bytes":999999}\n'
    assert tail.live(announced) == ([], True)
    assert tail.query() == {"verb": "events.get", "from_seq": 3, "offset": 0}


def test_a_line_that_was_never_recorded_is_not_taken():
    whole, other = lines(), lines(run="20261121-113908-demo-zzzz")
    tail = _Tail(1)
    tail.live(whole[0])
    assert tail.live(other[1]) == ([], True)
    assert tail.live(b"\x00\n{}\nnonsense") == ([], False)
    with pytest.raises(Damaged, match="does not fit the last one"):
        tail.more(other[1])


async def test_a_question_is_repeated_and_done_once():
    broker, nonce = MemoryBroker(), new_nonce()
    guard, new_ones = Guard(TOKEN, RUN), []
    async with MemoryBus(broker, subscriptions=[topic_control(RUN)]) as engine:

        async def serve():
            async for heard in engine.happenings():
                frame, new = guard.admit(heard.payload)
                new_ones.append(new)
                if len(new_ones) == 1:
                    continue  # as if the answer were lost
                body = b'{"done":true,"text":"Paused.","data":{}}'
                await engine.publish(topic_reply(RUN, nonce), b"forged")
                await engine.publish(topic_reply(RUN, nonce), guard.answer(frame, body))

        serving = asyncio.create_task(serve())
        bus = MemoryBus(broker, subscriptions=[topic_reply(RUN, nonce)])
        async with Watcher(RUN, TOKEN, "ana", bus=bus, nonce=nonce) as watcher:
            assert (await watcher.ask({"verb": "pause"})).text == "Paused."
        serving.cancel()
    assert new_ones == [True, False]


async def test_an_engine_that_is_gone_is_said_so():
    bus = MemoryBus(MemoryBroker())
    async with Watcher(RUN, TOKEN, "ana", bus=bus) as watcher:
        with pytest.raises(Unanswered, match=r"did not answer within 0\.01 s"):
            await watcher.ask({"verb": "pause"}, seconds=0.01)


def test_no_agent_may_publish_or_hear_what_operators_and_watchers_do():
    permits = Permits(_rights(RUN, "ada", {"ada", "bo"}))
    nonce = new_nonce()
    for topic in (
        topic_control(RUN), topic_reply(RUN, nonce), f"br/{RUN}/events", f"br/{RUN}/live/ada",
        f"br/_runs/{RUN}",
    ):  # fmt: skip
        assert not permits.may_publish(topic.encode())
        assert not permits.may_hear(topic.encode())
        assert not permits.may_subscribe(topic)
    assert not any(
        permits.may_subscribe(f"br/{RUN}/{part}") for part in ("#", "+", "reply/#", "+/ada")
    )


def test_an_answer_is_no_question():
    sealed = Guard(TOKEN, RUN).answer(Frame("0" * 32, 1, b"{}"), b"{}")
    assert open_frame(TOKEN, RUN, sealed, "answer").body == b"{}"
    with pytest.raises(Exception, match="not signed"):
        Guard(TOKEN, RUN).admit(sealed)
