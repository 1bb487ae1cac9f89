"""The engine's end of the bus over any MQTT broker, with aiomqtt."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import socket
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, Self

from sandbox.bus.seam import Delivery, Happening, LinkBack, LinkLost
from sandbox.bus.upstream import Upstream, tls_context
from sandbox.clock import Clock, SystemClock
from sandbox.errors import BrokerError, LinkDown

if TYPE_CHECKING:
    import aiomqtt
    from paho.mqtt.client import Client as Paho
    from paho.mqtt.client import MQTTMessage

__all__ = ["MqttBus"]

_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 1.0
_SECONDS: Final = 5.0
"""For a connect, and for a subscription to be answered."""
_KEEP_ALIVE: Final = 15
"""Seconds: a broker that vanished without a word is noticed within twice that."""
_WAITING: Final = 4096
"""Arrivals held for a consumer that is behind; then the broker is not read, and holds them itself."""


class MqttBus:
    """The real ``Bus``: everything at QoS 0, under a client id that is new at each connect.

    Nothing that arrived is ever discarded: when the consumer of ``happenings`` is too far behind,
    the socket is not read until it has caught up. A broker that will not hold that much ends the
    connection, and then a ``LinkLost`` says so.

    Args:
        upstream: the broker.
        client: the head of the client id, ``[a-z0-9-]``.
        subscriptions: filters; they are in place whenever the link is up.
        clock: for the pauses between attempts and the length of a gap.
    """

    def __init__(
        self,
        upstream: Upstream,
        *,
        client: str,
        subscriptions: Sequence[str],
        clock: Clock | None = None,
    ) -> None:
        self._upstream = upstream
        self._client = client
        self._subscriptions = tuple(subscriptions)
        self._clock = clock or SystemClock()
        self._arrived: deque[Happening] = deque()
        self._news = asyncio.Event()
        self._line: _Line | None = None
        self._closed = False
        self._tasks = asyncio.TaskGroup()
        self._keeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Connect and subscribe. Raises BrokerError if the broker does not let us."""
        first: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._tasks.__aenter__()
        self._keeper = self._tasks.create_task(self._keep(first), name="bus-link")
        try:
            await first
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._end()

    async def _end(self) -> None:
        assert self._keeper is not None
        self._closed = True
        self._keeper.cancel()
        await self._tasks.__aexit__(None, None, None)
        self._news.set()

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Hand one message to the broker; comes back when the kernel has all of it.

        Raises:
            LinkDown: at once, if the link is down or breaks meanwhile.
        """
        line = self._line
        if line is None:
            raise LinkDown(f"Nothing was sent to {topic!r}: the link to the broker is down.")
        line.paho.publish(topic, payload, 0, retain)
        if line.lost.done() or not await line.drained():
            raise LinkDown(f"Nothing was sent to {topic!r} for certain: the link broke meanwhile.")

    async def happenings(self) -> AsyncIterator[Happening]:
        """Give everything that arrives, in order, until the bus is left. One consumer."""
        arrived = self._arrived
        while True:
            while arrived:
                yield arrived.popleft()
                if len(arrived) == _WAITING // 2 and self._line is not None:
                    self._line.read_on()
            if self._closed:
                return
            self._news.clear()
            await self._news.wait()

    def _tell(self, happening: Happening) -> None:
        self._arrived.append(happening)
        self._news.set()
        if len(self._arrived) >= _WAITING and self._line is not None:
            self._line.stop_reading()

    async def _keep(self, first: asyncio.Future[None]) -> None:
        """Connect, wait until the link is lost, connect again, until cancelled."""
        import aiomqtt  # its import costs 60 ms, and most commands need no bus

        pause, lost_at = _FIRST_PAUSE, 0.0
        while True:
            try:
                async with _connected(self._upstream, self._client) as client:
                    line = _Line(client, self._tell)
                    await self._subscribe(client)
                    self._line = line
                    pause = _FIRST_PAUSE
                    if first.done():
                        self._tell(LinkBack(self._clock.monotonic() - lost_at))
                    else:
                        first.set_result(None)
                    try:
                        why = await line.lost
                    finally:
                        self._line = None
                        line.close()
                    lost_at = self._clock.monotonic()
                    self._tell(LinkLost(why))
            except (aiomqtt.MqttError, BrokerError) as error:
                if not first.done():
                    first.set_exception(_refused(self._upstream, error))
                    return
            await self._clock.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _subscribe(self, client: aiomqtt.Client) -> None:
        if not self._subscriptions:
            return
        codes = await client.subscribe([(pattern, 0) for pattern in self._subscriptions])
        for pattern, code in zip(self._subscriptions, codes, strict=True):
            if getattr(code, "is_failure", code == 0x80):
                raise BrokerError(
                    f"The broker at {self._upstream.address} refused the subscription {pattern!r}."
                    " Let this user read it."
                )
