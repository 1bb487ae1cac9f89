"""A watcher: follows a live run over the bus and asks its engine for things; as many as there are.

It may join late, lose its link, or be slow: what it has missed of the record it asks for, a block at a
time, so that nobody waits for it. What it gives is the record itself, each line chained to the last.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Self, TypeAlias

import orjson

from sandbox.bus.control import Frame, new_nonce, open_frame, seal, topic_control, topic_reply
from sandbox.bus.link import MqttBus
from sandbox.bus.seam import Bus, Delivery, LinkBack, LinkLost
from sandbox.bus.upstream import Upstream
from sandbox.errors import BorderError, BusError, Damaged, LinkDown
from sandbox.transcript.codec import NO_HASH, chained, decode, make_safe, split
from sandbox.transcript.event import Event

__all__ = ["Answered", "Recorded", "Unanswered", "Watcher", "Words", "watch_bus"]

AGAIN: Final = 1.0
"""Seconds until a question without an answer is asked again."""
SECONDS: Final = 10.0
"""How long an answer is waited for in all."""
QUIET: Final = 5.0
"""Seconds without a word after which is asked whether something was missed."""
MOST: Final = 1024
"""Messages that wait for a reader that is behind; what comes then is asked for later."""


class Unanswered(BusError):
    """The engine of a run does not answer."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What the engine said: whether it was done, a sentence, and what else was asked for."""

    done: bool
    text: str
    data: Mapping[str, Any]
    block: bytes = b""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event, with its line of the record."""

    event: Event
    line: bytes


@dataclass(frozen=True, slots=True)
class Words:
    """Words of an agent's answer as they come; ``anew`` where it begins again."""

    agent: str
    text: str
    anew: bool


News: TypeAlias = Recorded | Words | LinkLost | LinkBack


def watch_bus(upstream: Upstream, run: str, nonce: str) -> Bus:
    """The bus as a watcher of this run hears it."""
    topics = (f"br/{run}/events", f"br/{run}/live/+", topic_reply(run, nonce))
    return MqttBus(upstream, client=f"watch-{nonce[:8]}", subscriptions=topics)


class Watcher:
    """One seat at a live run. An async context manager.

    Args:
        run: its id.
        token: of the run.
        author: the login name of whoever sits here.
        bus: made by ``watch_bus`` with the same nonce, and not entered yet.
        nonce: of this watcher alone.
    """

    def __init__(
        self, run: str, token: bytes, author: str, *, bus: Bus, nonce: str | None = None
    ) -> None:
        self._run = run
        self._token = token
        self._author = author
        self._bus = bus
        self._nonce = nonce or new_nonce()
        self._n = 0
        self._one = asyncio.Lock()
        self._answer: asyncio.Future[bytes] | None = None
        self._news: deque[Delivery | LinkLost | LinkBack] = deque(maxlen=MOST)
        self._arrived = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None

    @classmethod
    def of(cls, upstream: Upstream, run: str, token: bytes, author: str) -> Self:
        """Take a seat over a real broker."""
        nonce = new_nonce()
        bus = watch_bus(upstream, run, nonce)
        return cls(run, token, author, bus=bus, nonce=nonce)

    async def __aenter__(self) -> Self:
        """Connect. Raises BrokerError if the broker does not let us."""
        await self._bus.__aenter__()
        self._listening = asyncio.create_task(self._listen(), name="watcher.listen")
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._listening is not None
        self._listening.cancel()
        with suppress(asyncio.CancelledError):
            await self._listening
        await self._bus.__aexit__(*exc)

    # asking ----------------------------------------------------------------------------------

    async def ask(self, act: Mapping[str, Any], seconds: float = SECONDS) -> Answered:
        """Ask the engine for something: ``{"verb": "pause"}``; it is done once, however often it is sent.

        Raises:
            Unanswered: no answer came in that time.
        """
        body = orjson.dumps(make_safe({"author": self._author, "act": act}))
        async with self._one:
            self._n += 1
            frame = seal(self._token, self._run, Frame(self._nonce, self._n, body), "ask")
            self._answer = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(seconds):
                    return _answered(await self._until_answered(frame, self._answer))
            except TimeoutError:
                raise Unanswered(
                    f"The engine of {self._run} did not answer within {seconds:g} s."
                    " `backrooms runs --live` tells whether it is alive."
                ) from None
            finally:
                self._answer = None

    async def _until_answered(self, frame: bytes, answer: asyncio.Future[bytes]) -> bytes:
        while True:
            with suppress(LinkDown):  # it comes back, and then the question is sent again
                await self._bus.publish(topic_control(self._run), frame)
            with suppress(TimeoutError):
                return await asyncio.wait_for(asyncio.shield(answer), AGAIN)

    # following -------------------------------------------------------------------------------

    async def news(self, first: int = 1) -> AsyncIterator[News]:
        """Give the record from event ``first`` on, and what is said right now, until the run has ended.

        Raises:
            Unanswered: the engine is gone, or cannot be reached for too long.
            Damaged: the engine's own record is none.
        """
        record = _Tail(first)
        behind = True
        while True:
            if behind:
                answer = await self.ask(record.query())
                if not answer.done:
                    raise Damaged(answer.text)
                found = record.more(answer.block)
                behind = record.next <= answer.data["last"]
                for recorded in found:
                    yield recorded
                if found and not behind and found[-1].event.kind == "run.ended":
                    return  # an earlier one is of a run that was resumed
                continue
            try:
                async with asyncio.timeout(QUIET):
                    item = await self._next()
            except TimeoutError:
                behind = True
                continue
            if not isinstance(item, Delivery):
                behind = isinstance(item, LinkBack)
                yield item
            elif item.topic.endswith("/events"):
                found, behind = record.live(item.payload)
                for recorded in found:
                    yield recorded
                    if recorded.event.kind == "run.ended":
                        return
            else:
                words = _words(item)
                if words is not None:
                    yield words

    async def _next(self) -> Delivery | LinkLost | LinkBack:
        while not self._news:
            self._arrived.clear()
            await self._arrived.wait()
        return self._news.popleft()

    async def _listen(self) -> None:
        reply = topic_reply(self._run, self._nonce)
        async for happening in self._bus.happenings():
            if not isinstance(happening, Delivery) or happening.topic != reply:
                self._news.append(happening)
                self._arrived.set()
                continue
            try:
                frame = open_frame(self._token, self._run, happening.payload, "answer")
            except BorderError:
                continue  # not the engine's
            waiting = self._answer
            wanted = (frame.nonce, frame.n) == (self._nonce, self._n)
            if wanted and waiting is not None and not waiting.done():
                waiting.set_result(frame.body)


class _Tail:
    """The lines of a record as they come: from the engine's answers, and from the events topic."""

    def __init__(self, first: int) -> None:
        self.next = first
        self._hash = NO_HASH if first == 1 else None
        self._part = b""

    def query(self) -> dict[str, Any]:
        """What is to be asked for next."""
        return {"verb": "events.get", "from_seq": self.next, "offset": len(self._part)}

    def more(self, block: bytes) -> list[Recorded]:
        """Take in bytes of the record, from where ``query`` asked for them. Raises Damaged."""
        *lines, self._part = (self._part + block).split(b"\n")
        found = []
        for line in lines:
            recorded = self._take(line + b"\n")
            if recorded is None:
                raise Damaged(
                    f"what the engine gives as event {self.next} does not fit the last one"
                )
            found.append(recorded)
        return found

    def live(self, payload: bytes) -> tuple[list[Recorded], bool]:
        """Take in what came on the events topic; True if something is missing, or is none of the record."""
        found: list[Recorded] = []
        for line in payload.split(b"\n")[:-1]:
            seq = _seq(line)
            if seq is None or seq < self.next:
                continue
            recorded = self._take(line + b"\n") if seq == self.next else None
            if recorded is None:
                return found, True
            found.append(recorded)
        return found, False

    def _take(self, line: bytes) -> Recorded | None:
        """The line as the next event; None if it is not."""
        try:
            body, digest = split(line)
            event = decode(line)
        except Damaged:
            return None
        right = self._hash is None or chained(self._hash, body) == digest
        if not right or event.seq != self.next:
            return None
        self._hash = digest
        self.next += 1
        return Recorded(event, line)


def _seq(line: bytes) -> int | None:
    head = line[:30].removeprefix(b'{"seq":').partition(b",")[0]
    return int(head) if head.isdigit() else None


def _answered(body: bytes) -> Answered:
    head, _, block = body.partition(b"\n")
    told = orjson.loads(head)
    return Answered(told["done"], told["text"], told["data"], block)


def _words(item: Delivery) -> Words | None:
    """Words on their way; what is none of ours is left out."""
    try:
        told = orjson.loads(item.payload)
        return Words(item.topic.rpartition("/")[2], str(told["text"]), bool(told["anew"]))
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None
