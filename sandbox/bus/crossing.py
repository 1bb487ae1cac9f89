"""One connection of an agent through the gate: its Unix socket here, a TCP connection there.

Plain asyncio protocols, not streams: a message costs two callbacks and two system calls, no task.
Nothing is read that cannot be passed on, so what is held is bounded: towards the broker by one
packet and one read, towards the agent by ``Limits.unread``.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Flag, auto
from typing import Final, cast

from agents import mqtt
from sandbox.bus.judge import Expelled, Judge
from sandbox.bus.notice import Linked, Notice, Refusals, Unlinked
from sandbox.bus.rate import Allowance, Limits
from sandbox.bus.rights import Permits
from sandbox.bus.upstream import Upstream
from sandbox.ids import AgentId

__all__ = ["Crossing", "Side"]

_DIAL_SECONDS: Final = 2.0
_GREET_SECONDS: Final = 5.0
"""From accept to CONNACK; a connection that stays silent gives its place free."""
_LINGER_SECONDS: Final = 2.0
"""How long the last bytes on a closed connection may wait for the other side to read them."""
_REST_SECONDS: Final = 0.05
"""The least pause of an agent that is too fast: ten messages at once cost less than one by one."""


@dataclass(slots=True)
class Side:
    """What all connections of one agent share."""

    agent: AgentId
    upstream: Upstream
    tls: ssl.SSLContext | None
    limits: Limits
    permits: Permits
    allowance: Allowance
    refusals: Refusals
    tell: Callable[[Notice], None]
    tasks: asyncio.TaskGroup
    name: Callable[[], str]
    """Makes a client id that was never used: nats cuts one that returns within moments."""
    crossings: set[Crossing] = field(default_factory=set)


class _Hold(Flag):
    """Why the agent is not being read."""

    NOTHING = 0
    DIALLING = auto()
    BROKER_FULL = auto()
    TOO_FAST = auto()


class Crossing(asyncio.Protocol):
    """The agent's end; it makes and owns the broker's. ``gone`` is done when both are closed."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._loop = asyncio.get_running_loop()
        self._framer = mqtt.Framer(side.limits.packet)
        self._judge = Judge(
            side.permits, side.limits, refuse=side.refusals.add, linked=self._linked
        )
        self._hold = _Hold.NOTHING
        self._near: asyncio.Transport | None = None
        self._far: asyncio.Transport | None = None
        self._client = ""
        self._is_linked = False
        self._ended = False
        self._deadline: asyncio.TimerHandle | None = None
        self._dialling: asyncio.Task[None] | None = None
        self.gone: asyncio.Future[None] = self._loop.create_future()

    # the agent's end

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._near = cast("asyncio.Transport", transport)
        # Passing this mark calls pause_writing, which here means: the agent does not read.
        self._near.set_write_buffer_limits(high=self._side.limits.unread)
        self._side.crossings.add(self)
        self._deadline = self._loop.call_later(_GREET_SECONDS, self._too_silent)

    def data_received(self, data: bytes) -> None:
        self._framer.feed(data)
        self._pump()

    def pause_writing(self) -> None:
        self._expel(Expelled("slow", "it did not read what was sent to it"))
        if self._near is not None:
            self._near.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's name)
        self._near = None
        self.end("the agent vanished")
        self._side.crossings.discard(self)
        self._end_lost()

    def _pump(self) -> None:
        """Pass on what the agent sent, as far as its allowance goes."""
        allowance, framer, judge = self._side.allowance, self._framer, self._judge
        allowance.wait(self._loop.time())
        try:
            while not self._hold and not self._ended:
                if not allowance.open:
                    self._rest(max(allowance.wait(self._loop.time()), _REST_SECONDS))
                    break
                packet = framer.next()
                if packet is None:
                    break
                allowance.spend(len(packet.raw))
                if self._client:
                    judge.outward(packet)
                else:
                    self._greet(packet)
                if judge.left:
                    self._flush()
                    self.end("the agent closed it")
        except Expelled as expelled:
            self._flush()
            self._expel(expelled)
        except mqtt.TooLarge as error:
            self._flush()
            self._expel(Expelled("size", str(error)))
        except mqtt.MqttError as error:
            self._flush()
            self._expel(Expelled("malformed", str(error)))
        else:
            self._flush()

    def _flush(self) -> None:
        judge = self._judge
        if judge.to_broker:
            if self._far is not None:
                self._far.write(b"".join(judge.to_broker))
            judge.to_broker.clear()
        if judge.to_agent:
            if self._near is not None:
                self._near.write(b"".join(judge.to_agent))
            judge.to_agent.clear()

    def _rest(self, seconds: float) -> None:
        limits = self._side.limits
        self._side.refusals.add(
            "rate",
            sample=b"over %d messages or %d bytes a second" % (limits.messages, limits.volume),
        )
        self.hold(_Hold.TOO_FAST)
        self._loop.call_later(seconds, self.release, _Hold.TOO_FAST)

    def hold(self, why: _Hold) -> None:
        """Stop reading from the agent, for one reason more."""
        if not self._hold and self._near is not None:
            self._near.pause_reading()
        self._hold |= why

    def release(self, why: _Hold) -> None:
        """One reason less; read on if it was the last."""
        if not self._hold & why:
            return
        self._hold &= ~why
        if not self._hold and self._near is not None and not self._ended:
            self._near.resume_reading()
            self._pump()

    # the broker's end

    def _greet(self, packet: mqtt.Packet) -> None:
        keep_alive = self._judge.greet(packet)
        self._client = self._side.name()
        self.hold(_Hold.DIALLING)
        self._dialling = self._side.tasks.create_task(
            self._dial(self._side.upstream.hello(self._client, keep_alive)),
            name=f"gate-dial-{self._client}",
        )

    async def _dial(self, hello: bytes) -> None:
        upstream = self._side.upstream
        try:
            async with asyncio.timeout(_DIAL_SECONDS):
                # asyncio sets TCP_NODELAY on every TCP connection it makes.
                transport, _ = await self._loop.create_connection(
                    lambda: _Far(self, self._side.limits.delivery),
                    upstream.host,
                    upstream.port,
                    ssl=self._side.tls,
                )
        except (OSError, TimeoutError):
            self._dialling = None
            if self._near is not None:
                self._near.write(mqtt.connack(3))
            self.end("the broker cannot be reached")
            return
        self._dialling = None
        self._far = transport
        transport.write(hello)
        self.release(_Hold.DIALLING)

    def from_broker(self, framer: mqtt.Framer) -> None:
        """Pass on what the broker sent."""
        try:
            while not self._ended and (packet := framer.next()) is not None:
                self._judge.inward(packet)
        except mqtt.MqttError as error:
            self._flush()
            self.end(f"the broker sent {error}")
        else:
            self._flush()

    def broker_lost(self) -> None:
        """The broker's end has closed."""
        self._far = None
        self.end("the broker closed it")
        self._end_lost()

    def _linked(self) -> None:
        self._is_linked = True
        if self._deadline is not None:
            self._deadline.cancel()
        self._side.tell(Linked(self._side.agent, self._client))

    # the end of both

    def _too_silent(self) -> None:
        if self._client:
            self.end("the broker did not answer in time")
        else:
            self._expel(Expelled("silent", f"it sent no CONNECT within {_GREET_SECONDS:g} s"))

    def _expel(self, expelled: Expelled) -> None:
        if self._ended:
            return
        self._side.refusals.add(expelled.what, topic=expelled.topic, sample=expelled.sample)
        if expelled.answer and self._near is not None:
            self._near.write(expelled.answer)
        self.end(expelled.why)

    def end(self, why: str) -> None:
        """Close both ends; may be called at any time, and twice."""
        if self._ended:
            return
        self._ended = True
        if self._deadline is not None:
            self._deadline.cancel()
        if self._dialling is not None:
            self._dialling.cancel()
        if self._far is not None:
            self._far.write(self._judge.last_will() + mqtt.disconnect())
        for transport in (self._far, self._near):
            if transport is not None:
                transport.close()
                if transport.get_write_buffer_size():
                    self._loop.call_later(_LINGER_SECONDS, transport.abort)
        if self._is_linked:
            self._side.tell(Unlinked(self._side.agent, self._client, why))

    def _end_lost(self) -> None:
        if self._near is self._far is None and not self.gone.done():
            self.gone.set_result(None)


class _Far(asyncio.Protocol):
    """The broker's end of a crossing."""

    def __init__(self, crossing: Crossing, limit: int) -> None:
        self._crossing = crossing
        self._framer = mqtt.Framer(limit)

    def data_received(self, data: bytes) -> None:
        self._framer.feed(data)
        self._crossing.from_broker(self._framer)

    def pause_writing(self) -> None:
        self._crossing.hold(_Hold.BROKER_FULL)

    def resume_writing(self) -> None:
        self._crossing.release(_Hold.BROKER_FULL)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's name)
        self._crossing.broker_lost()
