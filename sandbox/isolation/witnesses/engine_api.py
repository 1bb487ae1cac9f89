"""A container engine's HTTP interface on its Unix socket: as much as a witness needs, without the SDK's threads."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

__all__ = ["EngineError", "events", "inspect"]

LINE: Final = 1 << 20
"""Bytes of one event: labels have no bound of their own. Of a longer one the beginning is kept."""
BODY: Final = 4 << 20
SECONDS: Final = 10.0


class EngineError(Exception):
    """The engine did not answer, or not as it should."""


async def events(path: Path, since: float) -> AsyncIterator[bytes]:
    """What containers did from a point in time on, one JSON object each, until the engine hangs up.

    ``since`` counts seconds since the epoch. Raises EngineError, OSError.
    """
    only = quote(json.dumps({"type": ["container"]}))
    async with _asked(path, f"/events?since={since:.9f}&filters={only}") as stream:
        kept = bytearray()
        while data := await stream.read(64 << 10):
            *lines, rest = data.split(b"\n")
            for line in lines:
                kept += line[: max(0, LINE - len(kept))]
                if kept:
                    yield bytes(kept)
                kept.clear()
            kept += rest[: max(0, LINE - len(kept))]


async def inspect(path: Path, container: str) -> dict[str, Any] | None:
    """What the engine knows of a container; None if it is gone. Raises EngineError, OSError."""
    try:
        async with (
            asyncio.timeout(SECONDS),
            _asked(path, f"/containers/{quote(container)}/json") as stream,
        ):
            body = await stream.read(BODY)
            while len(body) < BODY and (more := await stream.read(BODY - len(body))):
                body += more
    except TimeoutError:
        raise EngineError(f"no answer within {SECONDS:g} s") from None
    except _Gone:
        return None
    try:
        found = json.loads(body)
    except ValueError as error:
        raise EngineError(f"no JSON: {error}") from None
    return found if isinstance(found, dict) else None


class _Gone(Exception):
    pass


@asynccontextmanager
async def _asked(path: Path, target: str) -> AsyncIterator[asyncio.StreamReader]:
    reader, writer = await asyncio.open_unix_connection(path)
    try:
        # By HTTP 1.0 the answer comes as it is, not in chunks, and ends with the connection.
        writer.write(f"GET {target} HTTP/1.0\r\nHost: engine\r\n\r\n".encode())
        await writer.drain()
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            raise EngineError(f"no answer: {type(error).__name__}") from None
        status = head.split(b" ", 2)[1:2]
        if status == [b"404"]:
            raise _Gone
        if status != [b"200"]:
            raise EngineError(f"it answered {head[:60]!r}")
        yield reader
    finally:
        writer.close()
