"""The operator's look at what an agent serves in its box: one GET, asked for from another process, read-only.

While a run is live a socket in its runtime folder, open to its owner alone, takes one line of JSON,
``{"agent": ..., "port": ..., "path": ...}``, and gives one line and the body. What was looked at is written
beside the record: it is the operator's act, and nothing in the run knows of it.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sandbox.clock import Clock
from sandbox.errors import BoxError, NoSuchRun, ShimError
from sandbox.isolation.box import Box

__all__ = ["PEEKS", "Page", "peek", "serve_peeks"]

SOCKET: Final = "peek.sock"
PEEKS: Final = "peeks.jsonl"
LINE: Final = 8 << 10
"""Bytes of a request's line."""
BODY: Final = 1 << 20
HEAD: Final = 64 << 10
SECONDS: Final = 10.0
ANSWER: Final = 256 << 10
"""Bytes of the line before the body, which holds the page's headers."""
GRACE: Final = 15.0
"""Seconds that the box may take to answer at all."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a service answered; all of it is the agent's. ``status`` is None where it was no HTTP.

    ``cut`` is whether there was more than was read.
    """

    status: int | None
    reason: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    cut: bool


async def serve_peeks(folder: Path, run: Path, boxes: Mapping[str, Box], clock: Clock) -> None:
    """Serve the socket in the runtime folder ``folder`` until cancelled; ``run`` is where the record is."""
    path = folder / SOCKET
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    # Before it listens: until then nobody can connect, whatever the umask made of its mode.
    path.chmod(0o600)

    listener.listen(1)
    listener.setblocking(False)
    loop = asyncio.get_running_loop()
    try:
        while True:  # one after the other: there is one operator
            link, _ = await loop.sock_accept(listener)
            reader, writer = await asyncio.open_unix_connection(sock=link, limit=LINE)
            try:
                async with asyncio.timeout(SECONDS + GRACE):
                    writer.write(await _answer(await reader.readline(), run, boxes, clock))
                    await writer.drain()
            except (ConnectionError, TimeoutError):
                continue
            finally:
                writer.close()
    finally:
        listener.close()
        path.unlink(missing_ok=True)


async def _answer(line: bytes, run: Path, boxes: Mapping[str, Box], clock: Clock) -> bytes:
    try:
        asked = _asked(line, boxes)
        page = await _look(boxes[asked.agent], asked)
    except (BoxError, ValueError, KeyError, TypeError) as error:
        return json.dumps({"error": str(error)}).encode() + b"\n"
    await asyncio.to_thread(_write_down, run, _about(asked, clock, page), page.body)
    head = {"status": page.status, "reason": page.reason, "headers": page.headers, "cut": page.cut}
    return json.dumps(head).encode() + b"\n" + page.body


def peek(folder: Path, agent: str, port: int, path: str) -> Page:
    """Ask a live run, by its runtime folder, for one page.

    Raises:
        NoSuchRun: the run is not live, or not ours.
        ShimError: the run refuses, or there is nothing to be had.
    """
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(SECONDS + GRACE)
        try:
            link.connect(str(folder / SOCKET))
            link.sendall(json.dumps({"agent": agent, "port": port, "path": path}).encode() + b"\n")
            with link.makefile("rb") as stream:
                head, body = stream.readline(ANSWER), stream.read(BODY + 1)
        except (FileNotFoundError, ConnectionRefusedError):
            raise NoSuchRun(
                f"{folder.name} is not being played: its boxes are gone. Look while it plays"
            ) from None
        except OSError as error:
            raise ShimError(f"{folder.name} does not answer: {error}") from error
    told = json.loads(head or b"{}")
    if "status" not in told:
        raise ShimError(told.get("error", f"{folder.name} has just ended"))
    headers = [(name, value) for name, value in told["headers"]]
    return Page(told["status"], told["reason"], headers, body, told["cut"])


@dataclass(frozen=True, slots=True)
class _Asked:
    agent: str
    port: int
    path: str


def _asked(line: bytes, boxes: Mapping[str, Box]) -> _Asked:
    asked = json.loads(line)
    agent, port, path = asked["agent"], asked["port"], asked["path"]
    if agent not in boxes:
        raise ValueError(
            f"there is no agent {agent!r:.60} in this run; there are {', '.join(boxes)}"
        )
    if type(port) is not int or not 0 < port < 1 << 16:
        raise ValueError(f"{port!r:.20} is no port: give a number from 1 to 65535")
    return _Asked(agent, port, str(path))


async def _look(box: Box, asked: _Asked) -> Page:
    import h11  # here, so that a run nobody looks into never loads it

    host = f"127.0.0.1:{asked.port}"
    client = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD)
    head = [("host", host), ("user-agent", "backrooms"), ("accept", "*/*"), ("connection", "close")]
    try:
        sent = client.send(h11.Request(method="GET", target=asked.path, headers=head))
    except h11.LocalProtocolError:
        raise ValueError(f"{asked.path!r:.100} is no path: give one like /index.html") from None
    sent = (sent or b"") + (client.send(h11.EndOfMessage()) or b"")
    try:
        got = await box.exchange(asked.port, sent, seconds=SECONDS, limit=HEAD + BODY)
    except ShimError as error:
        if "ConnectionRefusedError" not in str(error):
            raise
        raise ValueError(
            f"nothing listens on port {asked.port} in the box of {asked.agent}; the record's"
            " service.seen tells ports"
        ) from None
    return _page(client, got.data, cut=got.cut)


def _page(client: Any, data: bytes, *, cut: bool) -> Page:
    """Read an answer, hostile; what is no HTTP is a body alone."""
    import h11

    status: int | None = None
    reason, headers, body = "", list[tuple[str, str]](), bytearray()
    try:
        client.receive_data(data)
        if not cut:
            client.receive_data(b"")
        while isinstance(
            event := client.next_event(), h11.InformationalResponse | h11.Response | h11.Data
        ):
            if isinstance(event, h11.Response):
                status, reason = event.status_code, _text(event.reason)
                headers = [(_text(name), _text(value)) for name, value in event.headers]
            elif isinstance(event, h11.Data):
                body += event.data
        cut = not isinstance(event, h11.EndOfMessage)
    except h11.RemoteProtocolError:
        cut = cut or status is not None
    whole = data if status is None else bytes(body)
    return Page(status, reason, headers, whole[:BODY], cut or len(whole) > BODY)


def _text(data: bytes | bytearray | memoryview) -> str:
    return bytes(data).decode("utf-8", "backslashreplace")


def _about(asked: _Asked, clock: Clock, page: Page) -> dict[str, Any]:
    about: dict[str, Any] = {"ts": clock.now(), "agent": asked.agent, "port": asked.port}
    about |= {"path": asked.path, "status": page.status, "headers": page.headers}
    return about | {"bytes": len(page.body), "cut": page.cut}


def _write_down(run: Path, about: Mapping[str, Any], body: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    line = json.dumps({**about, "sha256": hashlib.sha256(body).hexdigest()}) + "\n"
    with os.fdopen(os.open(run / PEEKS, flags, 0o600), "w", encoding="utf-8") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
