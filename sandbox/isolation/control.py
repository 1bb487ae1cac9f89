"""The house's end of a box's control socket: listens, takes one guest, asks, checks the answers.

Whatever comes over it is hostile: frames and answers are bounded, every wait has an end, and the
first thing that is not of the protocol ends the link.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from agents import control_frames as frames
from sandbox.errors import BoxError, ShimError
from sandbox.isolation.reach import give

__all__ = ["Answer", "Control", "Hello", "printable"]

PATH_MOST: Final = 103
"""Bytes of a socket's path: the least that macOS and Linux allow (104 and 108 with the final NUL)."""
GRACE: Final = 10.0
"""Seconds that an answer may take beyond the work itself."""
HELLO_MOST: Final = 16 << 10
"""Bytes of a hello: its report goes into the record."""
TEXT_MOST: Final = 500
_INT: Final = struct.Struct("=i")
_CLOEXEC: Final = getattr(socket, "MSG_CMSG_CLOEXEC", 0)


@dataclass(frozen=True, slots=True)
class Hello:
    """Who connected: ``uid`` is the kernel's word (None where it gives none), the rest the guest's."""

    pid: int
    uid: int | None
    report: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the shim answered, with the bytes that belong to it."""

    fields: Mapping[str, Any]
    body: bytes

    def integer(self, name: str, *, most: int = 1 << 63) -> int:
        """Read a whole number from 0 to ``most``. Raises ShimError for anything else."""
        value = self.fields.get(name)
        if type(value) is not int or not 0 <= value <= most:
            raise ShimError(f"the shim answered {name}={value!r:.80}, not a number up to {most}")
        return value

    def seconds(self, name: str) -> float:
        """Read a duration. Raises ShimError for anything else."""
        value = self.fields.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
            raise ShimError(f"the shim answered {name}={value!r:.80}, not a duration in seconds")
        return float(value)


@dataclass(slots=True)
class _Pending:
    limit: int
    answer: asyncio.Future[Answer]
    body: bytearray = field(default_factory=bytearray)
    parts: int = 0
    size: int = 0


class Control:
    """One control socket: ``listen``, then ``hello`` once, then ``ask`` as often as needed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._server: socket.socket | None = None
        self._came = False
        self._listener = -1
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()
        self._pending: dict[int, _Pending] = {}
        self._asked = 0
        self._why: str | None = None
        self._greeting: asyncio.Future[Hello] | None = None
        self._ended = asyncio.Event()

    @property
    def connected(self) -> bool:
        """Whether a guest has come, be it still there or not."""
        return self._came

    async def listen(self, owner: int | None = None) -> None:
        """Make the socket, for user ``owner`` of the host alone; None is our own. Raises BoxError or OSError."""
        if len(os.fsencode(self._path)) > PATH_MOST:
            raise BoxError(
                f"the socket path {str(self._path)!r} is longer than {PATH_MOST} bytes. "
                "Use a shorter runtime folder"
            )
        self._greeting = asyncio.get_running_loop().create_future()
        self._server = socket.socket(socket.AF_UNIX)
        self._server.setblocking(False)
        self._path.unlink(missing_ok=True)
        self._server.bind(str(self._path))
        give(self._path, owner)
        self._server.listen()
        self._reading = asyncio.create_task(
            self._accept(self._server), name=f"control of {self._path}"
        )

    async def hello(self) -> Hello:
        """Wait until the guest has connected and said who it is. Raises ShimError if it says it wrong."""
        assert self._greeting is not None
        return await asyncio.shield(self._greeting)

    def take_listener(self) -> int:
        """Hand over the descriptor that came with the hello, by which the box's filter asks; -1 for none.

        The caller closes it. It is not looked at: whoever sent it may have sent any.
        """
        taken, self._listener = self._listener, -1
        return taken

    async def ended(self) -> None:
        """Come back when the guest has hung up, or was hung up on."""
        await self._ended.wait()

    async def ask(
        self, op: str, body: bytes = b"", *, within: int = 0, takes: float = 0.0, **fields: object
    ) -> Answer:
        """Ask the shim; its answer comes ``within`` so many bytes, and in ``takes`` seconds and ``GRACE``.

        Raises ShimError if it does not, refuses, breaks the protocol or hangs up.
        """
        if self._writer is None or self._why is not None:
            raise ShimError(f"{op}: {self._why or 'the guest is not connected'}")
        self._asked += 1
        ident = self._asked
        pending = _Pending(within, asyncio.get_running_loop().create_future())
        self._pending[ident] = pending
        try:
            async with asyncio.timeout(takes + GRACE):
                await self._send(self._writer, ident, {"id": ident, "op": op, **fields}, body)
                return await pending.answer
        except TimeoutError:
            raise ShimError(f"{op}: the shim did not answer within {takes + GRACE:g} s") from None
        except OSError as error:
            raise ShimError(f"{op}: the guest is gone ({error})") from None
        except (ShimError, frames.FrameError) as error:
            raise ShimError(f"{op}: {error}") from None
        finally:
            # It stays known until it is answered: so a late answer is no fault, and a second one is.
            pending.answer.cancel()
            pending.body.clear()

    async def close(self) -> None:
        """Hang up and remove the socket; may be called at any time, and twice."""
        self._hang_up("the box was stopped")
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])
        self._stop_listening()
        if (listener := self.take_listener()) >= 0:
            os.close(listener)

    async def _send(
        self, writer: asyncio.StreamWriter, ident: int, message: Mapping[str, object], body: bytes
    ) -> None:
        frame = frames.pack(message)
        async with self._writing:
            for part in frames.parts(ident, body):
                writer.write(part)
                await writer.drain()
            writer.write(frame)
            await writer.drain()

    async def _accept(self, server: socket.socket) -> None:
        """Take the first that connects: it is the guest, and nobody else has business here."""
        with (await asyncio.get_running_loop().sock_accept(server))[0] as link:
            self._came = True
            self._stop_listening()
            try:
                await self._serve(link)
            except (asyncio.IncompleteReadError, ConnectionError):
                self._hang_up("the guest has hung up")
            except (frames.FrameError, ShimError) as error:
                self._hang_up(f"the shim broke the protocol: {error}")
            finally:
                self._hang_up("the box was stopped")

    async def _serve(self, link: socket.socket) -> None:
        assert self._greeting is not None
        uid, header = _peer_uid(link), b""
        while (
            len(header) < frames.HEADER
        ):  # by hand: a stream drops the descriptors that come with it
            header += await self._receive(link, frames.HEADER - len(header))
        reader, self._writer = await asyncio.open_unix_connection(sock=link, limit=frames.FRAME)
        greeting = _hello(await _message(reader, header, HELLO_MOST), uid)
        if not self._greeting.done():
            self._greeting.set_result(greeting)
        while True:
            message = await _message(reader, await reader.readexactly(frames.HEADER))
            ident = message.get("id")
            if type(ident) is not int or ident not in self._pending:
                raise frames.FrameError(f"an answer to {ident!r:.80}, which was not asked")
            if _take(self._pending[ident], message):
                del self._pending[ident]

    async def _receive(self, link: socket.socket, most: int) -> bytes:
        """Take up to ``most`` bytes, and keep the last descriptor that comes with them."""
        await _readable(link)
        data, beside, _, _ = link.recvmsg(most, socket.CMSG_SPACE(_INT.size), _CLOEXEC)
        for level, kind, rights in beside:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                for (descriptor,) in _INT.iter_unpack(
                    rights[: len(rights) // _INT.size * _INT.size]
                ):
                    if (before := self.take_listener()) >= 0:
                        os.close(before)
                    self._listener = descriptor
        if not data:
            raise ConnectionResetError
        return data

    def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
            self._path.unlink(missing_ok=True)

    def _hang_up(self, why: str) -> None:
        if self._why is not None:
            return
        self._why = why
        if self._writer is not None:
            self._writer.transport.abort()
        if self._greeting is not None and not self._greeting.done():
            self._greeting.set_exception(ShimError(why))
            self._greeting.exception()  # nobody may be waiting, and that is no fault
        for pending in self._pending.values():
            if not pending.answer.done():
                pending.answer.set_exception(ShimError(why))
        self._ended.set()


async def _readable(link: socket.socket) -> None:
    """Come back when there is something to read."""
    loop, there = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(link, there.set)
    try:
        await there.wait()
    finally:
        loop.remove_reader(link)


async def _message(
    reader: asyncio.StreamReader, header: bytes, most: int = frames.FRAME
) -> dict[str, Any]:
    size = frames.length(header)
    if size > most:
        raise frames.FrameError(f"a message of {size} bytes where at most {most} were due")
    return frames.unpack(await reader.readexactly(size))


def _take(pending: _Pending, message: Mapping[str, Any]) -> bool:
    """Take in one message of an answer, and say whether it was the last."""
    too_late = pending.answer.done()
    if "part" in message:
        part = frames.payload(message["part"])
        pending.parts += 1
        pending.size += len(part)
        if pending.size > pending.limit:
            raise frames.FrameError(f"an answer of more than the {pending.limit} bytes asked for")
        # Each costs the house time, however little it brings.
        if pending.parts > pending.limit // frames.PART + 1:
            raise frames.FrameError(f"{pending.parts} parts for at most {pending.limit} bytes")
        if not too_late:
            pending.body += part
        return False
    if too_late:
        return True
    if message.get("ok") is True:
        pending.answer.set_result(Answer(message, bytes(pending.body)))
    else:
        pending.answer.set_exception(ShimError(_reason(message.get("error"))))
    return True


def _hello(message: Mapping[str, Any], uid: int | None) -> Hello:
    pid, report = message.get("pid"), message.get("report")
    if message.get("kind") != "hello" or type(pid) is not int or not isinstance(report, dict):
        raise frames.FrameError("the first message is no hello")
    return Hello(pid, uid, report)


def _reason(error: object) -> str:
    return printable(error[:TEXT_MOST]) if isinstance(error, str) else "refused without a reason"


def printable(text: str) -> str:
    """Write a guest's words on one line, without what a terminal would obey."""
    line = " / ".join(text.split("\n"))
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)


def _peer_uid(link: socket.socket) -> int | None:
    if sys.platform != "linux":
        return None
    size = struct.calcsize("iII")
    credentials = link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    return int(struct.unpack("iII", credentials)[1])
