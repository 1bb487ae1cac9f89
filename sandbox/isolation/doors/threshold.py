"""One door of one agent: its socket, who is let in, and the record of every touch, made before the answer is given."""

from __future__ import annotations

import asyncio
import hashlib
import os
import socket
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

from sandbox.bus.rate import Allowance
from sandbox.bus.rate import Limits as Rate
from sandbox.errors import BoxError
from sandbox.isolation.doors.asked import Answer, Asked, Reply
from sandbox.isolation.doors.canary import Canary
from sandbox.isolation.doors.connection import serve
from sandbox.isolation.doors.limits import Limits
from sandbox.isolation.doors.tally import Refusal, Tally
from sandbox.isolation.doors.witness import Inhabited, Peer, peer_of, who
from sandbox.isolation.reach import give
from sandbox.transcript.kinds import Kind

__all__ = ["Record", "Threshold"]

BACKLOG: Final = 16
ACCEPTS: Final = Rate(messages=20, message_burst=100)
PATH_BYTES: Final = 107
"""What the kernel takes as the path of a Unix socket, less its closing NUL."""
SECRET: Final = frozenset({
    "authorization", "proxy-authorization", "x-api-key", "api-key", "cookie", "x-registry-auth",
    "x-aws-ec2-metadata-token", "x-goog-api-key",
})  # fmt: skip
"""Headers of which the record keeps a hash alone."""


class Record(Protocol):
    """Writes down what happens at doors. Neither call fails for what an agent did."""

    async def durable(
        self, kind: Kind, agent: str, data: Mapping[str, Any], parent: int | None
    ) -> int:
        """Record an event; come back with its ``seq`` once it is durable, and never if the run is over."""

    def soon(self, kind: Kind, agent: str, data: Mapping[str, Any]) -> None:
        """Record an event that nobody waits for."""


class Threshold:
    """Serves one agent's door on a socket of its own, until ``close``.

    Args:
        agent: whose door it is.
        name: of the door; the socket is called ``<name>.sock``.
        reply: what stands behind it.
        record: where touches go.
        canaries: of the whole run: a request that holds one is told so.
        port: of the loopback in the box that leads here.
        limits: what the agent may use.
    """

    def __init__(
        self,
        agent: str,
        name: str,
        reply: Reply,
        *,
        record: Record,
        canaries: Mapping[str, Canary],
        port: int | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.box = Inhabited()
        """Set once the agent's box has started; until then nobody can be there."""
        self.name = name
        self._agent = agent
        self._reply = reply
        self._record = record
        self._canaries = canaries
        self._port = port
        self._limits = limits or Limits()
        loop = asyncio.get_running_loop()
        rate = Rate(
            messages=self._limits.requests,
            message_burst=self._limits.burst,
            volume=self._limits.volume,
            volume_burst=self._limits.volume_burst,
        )
        self._accepts = Allowance(ACCEPTS, loop.time())
        self._requests = Allowance(rate, loop.time())
        self._tally: Tally[Refusal] = Tally(self._refused, loop.call_later)
        self._links = 0
        self._socket: socket.socket | None = None
        self._path: Path | None = None

    def listen(self, folder: Path, owner: int | None) -> None:
        """Make the socket in the agent's folder, for user ``owner`` of the host; None is our own.

        Raises:
            BoxError: it cannot be made there.
        """
        path = folder / f"{self.name}.sock"
        if len(os.fsencode(path)) > PATH_BYTES:
            raise BoxError(
                f"the socket's path is longer than {PATH_BYTES} bytes: {path}. Use a shorter folder"
            )
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        try:
            self._socket.bind(str(path))
            give(path, owner)
            self._socket.listen(BACKLOG)
        except OSError as error:
            self._socket.close()
            raise BoxError(f"the socket {path} cannot be made: {error.strerror}") from error
        self._path = path

    async def serve(self) -> None:
        """Let clients in until cancelled; then every connection is closed and the socket is gone."""
        assert self._socket is not None
        try:
            async with asyncio.TaskGroup() as tasks:
                await self._accept(self._socket, tasks)
        finally:
            self._tally.flush()
            self.close()

    def close(self) -> None:
        """Take the socket away; may be called at any time, and twice."""
        if self._socket is not None:
            self._socket.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    async def _accept(self, listener: socket.socket, tasks: asyncio.TaskGroup) -> None:
        loop = asyncio.get_running_loop()
        name = f"door-{self.name}-{self._agent}"
        while True:
            # What is waited for is time itself; who comes faster waits in the kernel.
            while wait := self._accepts.wait(loop.time()):  # noqa: ASYNC110
                await asyncio.sleep(wait)
            try:
                link, _ = await loop.sock_accept(listener)
            except OSError as error:  # no descriptor is free, or it has gone again
                self._tally.add("connections", str(error))
                await asyncio.sleep(0.1)
                continue
            self._accepts.spend(0)
            if self._links >= self._limits.links:
                self._tally.add("connections", f"over {self._limits.links} at once")
                link.close()
                continue
            self._links += 1
            tasks.create_task(self._greet(link), name=name)

    async def _greet(self, link: socket.socket) -> None:
        peer: Peer | None = None
        try:
            peer = peer_of(link)
            reader, writer = await asyncio.open_unix_connection(sock=link, limit=self._limits.head)
        except OSError:  # it has gone already
            link.close()
        else:
            respond = partial(self._answer, peer)
            await serve(reader, writer, respond, refuse=self._tally.add, limits=self._limits)
        finally:
            self._links -= 1
            if peer is not None:
                peer.close()

    async def _answer(self, peer: Peer | None, asked: Asked) -> Answer:
        """Record the touch, find the answer, record that, and only then give it."""
        await self._turn(asked)
        by = await asyncio.to_thread(who, peer, self.box, self._port)
        touched = {"door": self.name, **_request(asked), "by": by}
        if found := [id for id, canary in self._canaries.items() if _holds(asked, canary.text)]:
            touched["canaries"] = found
        seq = await self._record.durable("door.touched", self._agent, touched, None)

        async def settle(answer: Answer) -> None:
            told = {"door": self.name, **_answer(answer, self._canaries)}
            await self._record.durable("door.answered", self._agent, told, seq)

        return await self._reply(asked, settle)

    async def _turn(self, asked: Asked) -> None:
        """Wait until this request may be let in."""
        loop = asyncio.get_running_loop()
        while wait := self._requests.wait(loop.time()):
            self._tally.add("rate", f"{asked.method} {asked.target}"[:200])
            await asyncio.sleep(wait)
        size = sum(len(name) + len(value) for name, value in asked.headers)
        self._requests.spend(size + len(asked.target) + len(asked.body))

    def _refused(self, what: Refusal, sample: str, count: int) -> None:
        data = {"door": self.name, "refused": what, "count": count, "sample": sample}
        self._record.soon("door.touched", self._agent, data)


def _request(asked: Asked) -> dict[str, Any]:
    """A request as it is recorded: whole, but for keys, of which a hash is enough."""
    headers = [[name, _hashed(value) if name in SECRET else value] for name, value in asked.headers]
    data: dict[str, Any] = {"method": asked.method, "path": asked.target, "headers": headers}
    if asked.body:
        data["body"] = asked.body.decode("utf-8", "backslashreplace")
    return data


def _answer(answer: Answer, canaries: Mapping[str, Canary]) -> dict[str, Any]:
    """An answer as it is recorded: what was said, or what it was made of.

    Canaries in it are named, not written out: where one stands in the record, somebody brought it there.
    """
    whole = answer.whole
    told: dict[str, Any] = {"act": answer.act, "status": answer.status, "bytes": len(whole)}
    if answer.facts:
        return {**told, **answer.facts}
    body = whole.decode("utf-8", "backslashreplace")
    for id, canary in canaries.items():
        body = body.replace(canary.text, f"{{canary {id}}}")
    return {**told, "body": body}


def _hashed(value: str) -> str:
    # Without the scheme, so that the hash is of the key itself wherever it is shown.
    key = value.removeprefix("Bearer ").removeprefix("bearer ").strip()
    return f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def _holds(asked: Asked, text: str) -> bool:
    return (
        text in asked.target
        or text.encode() in asked.body
        or any(text in value for _, value in asked.headers)
    )
