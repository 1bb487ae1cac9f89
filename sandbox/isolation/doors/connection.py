"""One connection at a door: HTTP/1.1 by h11, every size, time and count bounded. Whatever comes over it is hostile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from sandbox.isolation.doors.asked import Answer, Asked
from sandbox.isolation.doors.limits import Limits
from sandbox.isolation.doors.tally import Refusal

if TYPE_CHECKING:
    import h11

__all__ = ["Respond", "serve"]

READ: Final = 64 << 10
SAMPLE: Final = 200
SWITCH: Final = 0.05
"""Seconds between the headers and what is said in another protocol: as long as a program takes to start."""
TLS: Final = 0x16
"""The first byte of a greeting in TLS; no method begins with it."""

Respond = Callable[[Asked], Awaitable[Answer]]
"""Answers one request."""
Refuse = Callable[[Refusal, str], None]
"""Told of what ends the connection, with a sample of it."""


class _Cut(Exception):
    """The connection ends here, with a status if the client can still be told."""

    def __init__(self, what: Refusal, sample: str, status: int | None = None) -> None:
        self.what = what
        self.sample = sample[:SAMPLE]
        self.status = status


async def serve(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    respond: Respond,
    *,
    refuse: Refuse,
    limits: Limits,
) -> None:
    """Answer the requests of one connection, one after the other, until either side has had enough."""
    connection = _Connection(reader, writer, limits)
    try:
        async with asyncio.timeout(limits.link_seconds):
            while (asked := await connection.request()) is not None:
                await connection.answer(await respond(asked))
    except _Cut as cut:
        refuse(cut.what, cut.sample)
        await connection.complain(cut.status)
    except (ConnectionError, TimeoutError):
        return  # it has gone, or has had its time
    finally:
        writer.transport.abort() if connection.stuck else writer.close()
        with suppress(OSError, TimeoutError):  # that it went away amid an answer is no fault
            async with asyncio.timeout(limits.write_seconds):
                await writer.wait_closed()


class _Connection:
    """The sans-I/O machine of one connection, and its two streams."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: Limits
    ) -> None:
        import h11  # here, so that a run without doors never loads it

        self._h11 = h11
        self._reader = reader
        self._writer = writer
        self._limits = limits
        self._machine = h11.Connection(h11.SERVER, max_incomplete_event_size=limits.head)
        self._began = False
        self._bare = False
        writer.transport.set_write_buffer_limits(high=0)  # so that drain() waits until all is taken
        self.stuck = False
        """The client does not take what is sent: nothing more is worth waiting for."""

    async def request(self) -> Asked | None:
        """Read the next request whole; None when there is none to come."""
        h11, machine = self._h11, self._machine
        if machine.states == {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}:
            machine.start_next_cycle()
        if machine.our_state is not h11.IDLE:
            return None
        self._began = False
        head = await self._event(self._limits.head_seconds)
        if not isinstance(head, h11.Request):
            return None
        self._bare = head.method == b"HEAD"
        if head.method == b"CONNECT":
            raise _Cut("malformed", f"CONNECT {_text(head.target)}: this is no proxy", 405)
        body = await self._body(head)
        if body is None:
            return None
        headers = [(_text(name), _text(value)) for name, value in head.headers]
        return Asked(_text(head.method), _text(head.target), headers, body)

    async def _body(self, head: h11.Request) -> bytes | None:
        h11, most = self._h11, self._limits.body
        about = f"{_text(head.method)} {_text(head.target)}"
        if int(dict(head.headers).get(b"content-length", b"0")) > most:
            raise _Cut("size", f"{about}: a body of more than {most} bytes is announced", 413)
        if self._machine.they_are_waiting_for_100_continue:
            await self._send(h11.InformationalResponse(status_code=100, headers=[]))
        body = bytearray()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._limits.body_seconds
        while not isinstance(event := await self._event(deadline - loop.time()), h11.EndOfMessage):
            if not isinstance(event, h11.Data):
                return None  # it hung up in the middle
            body += event.data
            if len(body) > most:
                raise _Cut("size", f"{about}: a body of more than {most} bytes", 413)
        return bytes(body)

    async def _event(self, seconds: float) -> object:
        """The next event, or a cut: what came is too large, is no HTTP, or did not come in time."""
        h11, machine = self._h11, self._machine
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                while (event := machine.next_event()) is h11.NEED_DATA:
                    data = await self._reader.read(READ)
                    if data[:1] == bytes([TLS]) and not self._began:
                        raise _Cut("tls", "a TLS handshake, where plain HTTP is spoken")
                    self._began |= bool(data)
                    machine.receive_data(data)
        except TimeoutError:
            if not self._began:
                raise  # idle, which is no offence
            raise _Cut("slow", "a request that did not come to its end", 408) from None
        except h11.RemoteProtocolError as error:
            if not self._began:
                return None  # it hung up between two requests
            status = error.error_status_hint
            what: Refusal = "size" if status in {413, 414, 431} else "malformed"
            raise _Cut(what, str(error), status) from None
        return event

    async def answer(self, answer: Answer) -> None:
        """Send an answer whole."""
        h11 = self._h11
        if answer.upgrade:
            await self._switch(answer)
            return
        headers = [("content-type", answer.kind), *answer.headers]
        if not answer.parts and answer.status != 204:
            headers.append(("content-length", str(len(answer.body))))
        await self._send(h11.Response(status_code=answer.status, headers=headers))
        if not self._bare:
            for part in answer.parts or ([answer.body] if answer.body else []):
                await self._send(h11.Data(data=part))
        await self._send(h11.EndOfMessage())

    async def _switch(self, answer: Answer) -> None:
        """Speak another protocol from here on, say one thing in it, and hang up."""
        h11 = self._h11
        if self._machine.their_state is h11.MIGHT_SWITCH_PROTOCOL:
            headers = [("connection", "Upgrade"), ("upgrade", answer.upgrade)]
            headers.append(("content-type", answer.kind))
            await self._send(h11.InformationalResponse(status_code=101, headers=headers))
        else:
            headers = [("content-type", answer.kind), ("connection", "close")]
            await self._send(h11.Response(status_code=200, headers=headers))
        # Docker's SDK reads ahead, and loses what comes together with the headers.
        await asyncio.sleep(SWITCH)
        await self._write(answer.body)

    async def complain(self, status: int | None) -> None:
        """Tell why the connection ends, as far as the client still listens."""
        h11 = self._h11
        if status is None or self._machine.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            return
        headers = [("content-length", "0"), ("connection", "close")]
        try:
            await self._send(h11.Response(status_code=status, headers=headers))
            await self._send(h11.EndOfMessage())
        except (_Cut, ConnectionError):
            return  # it does not matter any more

    async def _send(self, event: h11.Event) -> None:
        data = self._machine.send(event)
        if data:
            await self._write(data)

    async def _write(self, data: bytes) -> None:
        try:
            async with asyncio.timeout(self._limits.write_seconds):
                self._writer.write(data)
                await self._writer.drain()
        except TimeoutError:
            self.stuck = True
            raise _Cut("slow", "an answer that was not taken") from None


def _text(data: bytes | Sequence[int]) -> str:
    """A header as text: bytes beyond ASCII are written as they are in Python."""
    return bytes(data).decode("ascii", "backslashreplace")
