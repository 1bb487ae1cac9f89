"""The house's end of a Pod's relay: each channel becomes a connection to the socket of that name.

What the relay says is hostile: a fault of its protocol ends the stream, and with it this box alone.
It is throttled by not being read: the gate does not read, so nothing is passed on, so the relay may
not send; and connections cost it a pause each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from agents import mux
from sandbox.errors import BoxError
from sandbox.isolation.kubernetes.cluster import Stream

__all__ = ["Bridge"]

OPEN_PAUSE: Final = 0.02
"""Seconds for which nothing more is read after a new connection: so there are fifty a second at most."""


class Bridge:
    """Carries one stream to sockets in ``folder``, those called ``doors``: ``serve`` until it ends."""

    def __init__(self, stream: Stream, folder: Path, doors: Sequence[str]) -> None:
        self._stream = stream
        self._folder = folder
        self._mux = mux.Mux(doors, inside=False)
        self._lines: dict[int, _Line] = {}
        self._ready = asyncio.Event()
        self._connecting: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Carry until the stream ends; then every connection is closed.

        Raises BoxError if the stream breaks, or the relay breaks the protocol.
        """
        writing = asyncio.create_task(self._write(), name=f"{self._folder.name}: relay, writing")
        reading = asyncio.create_task(self._read(), name=f"{self._folder.name}: relay, reading")
        try:
            await asyncio.wait({reading, writing}, return_when=asyncio.FIRST_COMPLETED)
            for task in (reading, writing):
                if task.done():
                    task.result()
        except mux.MuxError as error:
            raise BoxError(f"the relay in the box broke the protocol: {error}") from None
        finally:
            tasks = {reading, writing, *self._connecting}
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            for task in tasks:
                task.cancelled() or task.exception()  # looked at: the first of them is what counts
            for line in self._lines.values():
                line.abort()
            await self._stream.close()

    def freeze(self, *, frozen: bool) -> None:
        """Ask the relay to stop everything in the box, or to let it go on; what is sent later comes after that."""
        self._mux.freeze(frozen=frozen)
        self._ready.set()

    async def _read(self) -> None:
        while data := await self._stream.read():
            events = self._mux.feed(data)
            for event in events:
                self._do(event)
            self._ready.set()
            await asyncio.sleep(OPEN_PAUSE * sum(isinstance(one, mux.Opened) for one in events))

    async def _write(self) -> None:
        while True:
            await self._ready.wait()
            self._ready.clear()
            while self._mux.waiting:
                await self._stream.write(self._mux.take())

    def _do(self, event: mux.Event) -> None:
        match event:
            case mux.Opened(channel, door):
                line = self._lines[channel] = _Line(self._mux, channel, self._ready)
                task = asyncio.create_task(
                    self._connect(line, self._folder / door),
                    name=f"{self._folder.name}: {door}",
                )
                self._connecting.add(task)
                task.add_done_callback(self._connecting.discard)
            case mux.Data(channel, data) if channel in self._lines:
                self._lines[channel].deliver(data)
            case mux.Room(channel) if channel in self._lines:
                self._lines[channel].collect()
            case mux.Closed(channel) if channel in self._lines:
                self._lines.pop(channel).finish()

    async def _connect(self, line: _Line, path: Path) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.create_unix_connection(lambda: line, str(path))
        except OSError:  # nobody is there, or too many are before it: the guest tries again
            self._mux.close(line.channel)
            self._ready.set()


class _Line(asyncio.BufferedProtocol):
    """One connection of the house, filled from its channel and emptied into it as far as that has room."""

    def __init__(self, carrier: mux.Mux, channel: int, ready: asyncio.Event) -> None:
        self.channel = channel
        self._mux = carrier
        self._ready = ready
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray(mux.FRAME)
        self._early: list[bytes] = []
        self._held = False
        self._over = False

    def deliver(self, data: bytes) -> None:
        """Pass on what came; the relay may send more once the other end has taken it."""
        if self._transport is None:
            self._early.append(data)
            return
        self._transport.write(data)
        if not self._held:
            self._mux.passed_on(self.channel)
            self._ready.set()

    def collect(self) -> None:
        """Read on: the relay has room for more."""
        if self._transport is not None:
            self._transport.resume_reading()

    def finish(self) -> None:
        """The relay has closed: what came before still arrives."""
        self._over = True
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self._over = True
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=0)
        early, self._early = self._early, []
        for data in early:
            self.deliver(data)
        if self._over:
            transport.close()

    def get_buffer(self, _sizehint: int) -> memoryview:
        return memoryview(self._buffer)[: max(1, self._mux.room(self.channel))]

    def buffer_updated(self, nbytes: int) -> None:
        assert self._transport is not None
        if self._mux.room(self.channel):
            self._mux.send(self.channel, bytes(self._buffer[:nbytes]))
            self._ready.set()
        if not self._mux.room(self.channel):
            self._transport.pause_reading()

    def connection_lost(self, _exc: Exception | None) -> None:
        self._mux.close(self.channel)
        self._ready.set()

    def pause_writing(self) -> None:
        self._held = True

    def resume_writing(self) -> None:
        self._held = False
        self._mux.passed_on(self.channel)
        self._ready.set()
