"""The engine's end of the bus over any MQTT broker, with aiomqtt."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import Final, Self

from sandbox.bus.line import Line
from sandbox.bus.rate import check_payload
from sandbox.bus.seam import Delivery, Happening, LinkBack, LinkLost
from sandbox.bus.upstream import Upstream
from sandbox.clock import Clock, SystemClock
from sandbox.errors import BrokerError, LinkDown

__all__ = ["MqttBus"]

_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 1.0
_WAITING: Final = 4096
_WAITING_BYTES: Final = 32 << 20
"""Arrivals held for a consumer that is behind; then the broker is not read and holds them itself."""


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
        self._bytes = 0
        self._full = False
        self._news = asyncio.Event()
        self._line: Line | None = None
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
            ValueError: the payload is larger than the bus carries (4 MiB less 1 KiB).
        """
        check_payload(topic, payload)
        line = self._line
        if line is None:
            raise LinkDown(f"Nothing was sent to {topic!r}: the link to the broker is down.")
        if not line.publish(topic, payload, retain=retain) and not await line.drained():
            raise LinkDown(f"What was sent to {topic!r} may be lost: the link broke meanwhile.")

    async def happenings(self) -> AsyncIterator[Happening]:
        """Give everything that arrives, in order, until the bus is left. One consumer."""
        arrived = self._arrived
        while True:
            while arrived:
                happening = arrived.popleft()
                if isinstance(happening, Delivery):
                    self._bytes -= len(happening.payload)
                yield happening
                if self._full:
                    self._read_on()
            if self._closed:
                return
            self._news.clear()
            await self._news.wait()

    def _tell(self, happening: Happening) -> None:
        self._arrived.append(happening)
        self._news.set()
        if isinstance(happening, Delivery):
            self._bytes += len(happening.payload)
        if len(self._arrived) >= _WAITING or self._bytes >= _WAITING_BYTES:
            self._full = True
            if self._line is not None:
                self._line.stop_reading()

    def _read_on(self) -> None:
        if len(self._arrived) <= _WAITING // 2 and self._bytes <= _WAITING_BYTES // 2:
            self._full = False
            if self._line is not None:
                self._line.read_on()

    async def _keep(self, first: asyncio.Future[None]) -> None:
        """Connect, wait until the link is lost, connect again, until cancelled."""
        pause, lost_at = _FIRST_PAUSE, 0.0
        while True:
            line = Line(self._upstream, f"{self._client}-{secrets.token_hex(5)}", self._tell)
            try:
                await line.open(self._subscriptions)
                self._line, pause = line, _FIRST_PAUSE
                if first.done():
                    self._tell(LinkBack(self._clock.monotonic() - lost_at))
                else:
                    first.set_result(None)
                why = await line.lost
                lost_at = self._clock.monotonic()
                self._tell(LinkLost(why))
            except BrokerError as error:
                if not first.done():
                    first.set_exception(error)
                    return
            finally:
                self._line = None
                await line.close()
            await self._clock.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
