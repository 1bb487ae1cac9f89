"""One connection to the broker through aiomqtt, with its hot path laid bare.

aiomqtt connects, subscribes, keeps alive and says goodbye. Between those, its own way costs 93 µs
of CPU for a publish and 99 µs for an arrival, since each waits for a turn of the loop, an event and
a task. The same paho client with its documented callbacks set to ours writes at once and hands an
arrival over directly: 15 µs, and what an arrival costs any asyncio protocol. The one name that is
not public is ``_client``, under which aiomqtt 2 keeps that paho client.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from sandbox.bus.seam import Delivery
from sandbox.bus.upstream import Upstream, tls_context
from sandbox.errors import BrokerError

if TYPE_CHECKING:
    from paho.mqtt.client import Client, MQTTMessage

__all__ = ["Line"]

_T = TypeVar("_T")

_SECONDS: Final = 5.0
"""For a connect, and for a subscription to be answered."""
_KEEP_ALIVE: Final = 15
"""Seconds: a broker that vanished without a word is noticed within twice that."""

_LOG: Final = logging.getLogger("sandbox.bus.aiomqtt")
_LOG.setLevel(logging.CRITICAL)  # a lost link is a happening of the bus, said there and once


class Line:
    """A connection that is up, until ``lost`` is done with the reason.

    Args:
        upstream: the broker.
        client: a client id that was never used before.
        arrived: takes every message.
    """

    def __init__(
        self, upstream: Upstream, client: str, arrived: Callable[[Delivery], None]
    ) -> None:
        import aiomqtt  # costs 60 ms, and most commands need no bus

        self._upstream = upstream
        self._arrived = arrived
        self._loop = asyncio.get_running_loop()
        self._client = aiomqtt.Client(
            upstream.host,
            upstream.port,
            username=upstream.user,
            password=upstream.password,
            identifier=client,
            tls_context=tls_context(upstream),
            timeout=_SECONDS,
            keepalive=_KEEP_ALIVE,
            logger=_LOG,
            # Without it each exchange at QoS 1 takes 92 ms, and a burst at QoS 0 up to 40.
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        )
        self._paho: Client = self._client._client  # noqa: SLF001 (the module's docstring says why)
        self._goodbye = self._paho.on_disconnect
        self._sock: socket.socket | None = None
        self._room = asyncio.Event()
        self._room.set()
        self._writing = False
        self.lost: asyncio.Future[str] = self._loop.create_future()

    async def open(self, subscriptions: Sequence[str]) -> None:
        """Connect and subscribe.

        Raises:
            BrokerError: the broker cannot be reached, refuses us, or refuses a subscription.
        """
        import aiomqtt

        # Set before anything else: until its CONNACK, aiomqtt itself sees no end of the connection.
        self._paho.on_disconnect = self._disconnected
        try:
            await self._or_lost(self._client.__aenter__())
            self._take_over()
            if subscriptions:
                wanted = [(pattern, 0) for pattern in subscriptions]
                codes = await self._or_lost(self._client.subscribe(wanted))
                self._check(subscriptions, codes)
        except aiomqtt.MqttError as error:
            raise BrokerError(
                f"The broker at {self._upstream.address} cannot be used: {error}."
                " Check that it runs and lets this user in."
            ) from None

    async def close(self) -> None:
        """Say goodbye if there is still somebody to hear it; may be called at any time."""
        import aiomqtt

        self._paho.on_disconnect = self._goodbye
        if self._sock is not None:
            with contextlib.suppress(aiomqtt.MqttError):
                await self._client.__aexit__(None, None, None)
        elif self._paho.socket() is not None:  # left in the middle of a greeting
            self._paho.disconnect()
            self._paho.loop_write()
        if not self.lost.done():
            self.lost.set_result("it was closed")
        self._room.set()

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> bool:
        """Hand a message to the kernel; False if it did not take all of it (then see ``drained``)."""
        self._paho.publish(topic, payload, 0, retain)
        return not self._writing and not self.lost.done()

    async def drained(self) -> bool:
        """Wait until the kernel has taken everything; False if the link is lost instead."""
        await self._room.wait()
        return not self.lost.done()

    def stop_reading(self) -> None:
        """Leave what arrives to the broker."""
        if self._sock is not None and not self.lost.done():
            self._loop.remove_reader(self._sock)

    def read_on(self) -> None:
        """Read again."""
        if self._sock is not None and not self.lost.done():
            self._loop.add_reader(self._sock, self._read)

    async def _or_lost(self, work: Coroutine[object, object, _T]) -> _T:
        """Do this, but do not wait for the answer of a broker that has closed the connection."""
        task = asyncio.ensure_future(work)
        try:
            either: set[asyncio.Future[_T] | asyncio.Future[str]] = {task, self.lost}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():  # a refusal and the end come together, and the refusal says more
                await asyncio.wait({task}, timeout=0.05)
            if not task.done():
                raise BrokerError(f"The broker at {self._upstream.address} closed the connection.")
            return task.result()
        finally:
            task.cancel()

    def _take_over(self) -> None:
        paho = self._paho
        sock = paho.socket()
        if not isinstance(sock, socket.socket) or self.lost.done():
            raise BrokerError(f"The broker at {self._upstream.address} closed the connection.")
        self._sock = sock
        paho.on_message = self._message
        paho.on_publish = None
        paho.on_socket_register_write = self._write
        paho.on_socket_unregister_write = self._written
        self._loop.add_reader(sock, self._read)

    def _check(self, subscriptions: Sequence[str], codes: Iterable[object]) -> None:
        for pattern, code in zip(subscriptions, codes, strict=True):
            if getattr(code, "is_failure", code == 0x80):
                raise BrokerError(
                    f"The broker at {self._upstream.address} refused the subscription {pattern!r}."
                    " Let this user read it."
                )

    # what paho calls

    def _read(self) -> None:
        self._paho.loop_read()
        # TLS decrypts more than it is asked for, and what it holds wakes nobody.
        while (
            isinstance(self._sock, ssl.SSLSocket) and not self.lost.done() and self._sock.pending()
        ):
            self._paho.loop_read()

    def _message(self, _client: object, _data: object, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = ""  # no topic of ours, and no reason to lose the message
        self._arrived(Delivery(topic, bytes(message.payload)))

    def _write(self, paho: Client, _data: object, _sock: object) -> None:
        """Write now what paho has queued; if the kernel takes only part, go on when it can."""
        paho.loop_write()
        if paho.want_write() and self._sock is not None and not self.lost.done():
            self._writing = True
            self._room.clear()
            self._loop.add_writer(self._sock, paho.loop_write)

    def _written(self, _client: object, _data: object, _sock: object) -> None:
        """Paho has nothing left to write, or is about to close the socket."""
        if self._writing and self._sock is not None:
            self._writing = False
            self._loop.remove_writer(self._sock)
            self._room.set()

    def _disconnected(self, *_: object) -> None:
        if not self.lost.done():
            self.lost.set_result(f"The broker at {self._upstream.address} closed the connection.")
        self._room.set()
