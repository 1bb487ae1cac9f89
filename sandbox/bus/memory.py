"""The Bus in memory: the double that tests and dry runs use instead of a broker."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Self

from agents.topics import matches
from sandbox.bus.rate import check_payload
from sandbox.bus.seam import Delivery, Happening, LinkBack, LinkLost
from sandbox.errors import LinkDown

__all__ = ["MemoryBroker", "MemoryBus"]


@dataclass(slots=True, eq=False)
class _Inbox:
    """What one bus hears."""

    subscriptions: tuple[str, ...]
    arrived: deque[Happening] = field(default_factory=deque)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, happening: Happening) -> None:
        self.arrived.append(happening)
        self.news.set()

    def offer(self, topic: str, payload: bytes) -> None:
        if any(matches(pattern, topic) for pattern in self.subscriptions):
            self.hear(Delivery(topic, payload))


class MemoryBroker:
    """Passes messages between the buses that share it, at once and in order; keeps retained ones."""

    def __init__(self) -> None:
        self._inboxes: list[_Inbox] = []
        self._retained: dict[str, bytes] = {}
        self._down = False

    def drop(self) -> None:
        """Break every link; none comes back before ``restore``."""
        self._down = True
        for inbox in self._inboxes:
            inbox.hear(LinkLost("The broker in memory was dropped."))

    def restore(self) -> None:
        """Let every link come back."""
        self._down = False
        for inbox in self._inboxes:
            inbox.hear(LinkBack(0.0))
            self._recall(inbox)

    def join(self, inbox: _Inbox) -> None:
        """Take in one more bus."""
        self._inboxes.append(inbox)
        self._recall(inbox)

    def leave(self, inbox: _Inbox) -> None:
        """Let a bus go."""
        self._inboxes.remove(inbox)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Pass one message on. Raises LinkDown while dropped."""
        if self._down:
            raise LinkDown(f"Nothing was sent to {topic!r}: the link to the broker is down.")
        if retain:
            self._retained[topic] = payload
        for inbox in self._inboxes:
            inbox.offer(topic, payload)

    def _recall(self, inbox: _Inbox) -> None:
        for topic, payload in self._retained.items():
            if payload:  # a retained message without bytes means: forget it
                inbox.offer(topic, payload)


class MemoryBus:
    """A ``Bus`` without a broker.

    Args:
        broker: what it is connected to; several buses share one.
        subscriptions: filters of what it hears.
    """

    def __init__(self, broker: MemoryBroker, *, subscriptions: Sequence[str] = ()) -> None:
        self._broker = broker
        self._inbox = _Inbox(tuple(subscriptions))
        self._joined = False

    async def __aenter__(self) -> Self:
        self._joined = True
        self._broker.join(self._inbox)
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._joined = False
        self._broker.leave(self._inbox)
        self._inbox.news.set()

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Pass one message on. Raises LinkDown while the broker is dropped or this bus is left."""
        check_payload(topic, payload)
        if not self._joined:
            raise LinkDown(f"Nothing was sent to {topic!r}: the bus was left.")
        self._broker.publish(topic, payload, retain=retain)

    async def happenings(self) -> AsyncIterator[Happening]:
        """Give everything that arrives, in order, until the bus is left. One consumer."""
        arrived, news = self._inbox.arrived, self._inbox.news
        while True:
            while arrived:
                yield arrived.popleft()
            if not self._joined:
                return
            news.clear()
            await news.wait()
