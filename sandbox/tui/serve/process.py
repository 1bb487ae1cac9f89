"""One process of the app as its server holds it: packets in, packets out, and an end in any case."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from sandbox.console.neutral import neutralise

__all__ = ["TabProcess"]

_BEGIN: Final = b"__GANGLION__\n"
"""Textual's word that an app has begun."""
_PRELUDE: Final = 10
_LARGEST: Final = 8 << 20
"""Bytes of one packet; the app paints less than a megabyte at once."""
_ORDERLY: Final = 30.0
"""Seconds that an app has to stop what it plays, boxes and all."""
_TOLD: Final = 2_000
"""Characters of its last words."""


class TabProcess:
    """The app in a session of its own: no signal of the server's terminal reaches it.

    Args:
        root: the folder of transcripts.
        link: where to open; checked by the app itself once more.
    """

    def __init__(self, root: Path, link: str) -> None:
        # -P: what lies in the folder that we happen to be in is nobody's program.
        self._command = ("-P", "-m", "sandbox.tui.serve.tab", "--dir", str(root), f"--link={link}")
        self._process: asyncio.subprocess.Process | None = None
        self._last_words = b""
        self._listening: asyncio.Task[None] | None = None
        self.left = False
        """Whether the reader has left the app, so that its end is no accident."""

    async def open(self, width: int, height: int) -> None:
        """Begin at a size in cells."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={
                **os.environ,
                "TEXTUAL_DRIVER": "sandbox.tui.serve.driver:TabDriver",
                "TEXTUAL_COLOR_SYSTEM": "truecolor",
                "COLUMNS": str(width),
                "ROWS": str(height),
            },
            start_new_session=True,
        )
        self._listening = asyncio.create_task(self._listen(), name="tab.words")

    async def type(self, text: str) -> None:
        """Hand on what was typed."""
        await self._send(b"D", text.encode("utf-8", "replace"))

    async def tell(self, what: Mapping[str, object]) -> None:
        """Tell the app something of its window."""
        await self._send(b"M", json.dumps(what).encode())

    async def screen(self) -> AsyncIterator[bytes]:
        """What is to be painted, until the app is left or ends. Nothing else that it says is passed on."""
        process = self._process
        assert process is not None
        assert process.stdout is not None
        read = process.stdout.readexactly
        with suppress(asyncio.IncompleteReadError, ConnectionError, ValueError):
            for _ in range(_PRELUDE):
                if await process.stdout.readline() == _BEGIN:
                    break
            else:
                return
            while True:
                kind, size = await read(1), int.from_bytes(await read(4), "big")
                if size > _LARGEST:
                    return
                payload = await read(size)
                if kind == b"D":
                    yield payload
                elif kind == b"M" and json.loads(payload).get("type") == "exit":
                    self.left = True
                    return

    async def close(self) -> None:
        """End it in order; what has not ended then is killed. Its last words are told if it broke."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        if process.stdin is not None:
            process.stdin.close()
        with suppress(ProcessLookupError):
            process.terminate()
        await self.ended(_ORDERLY)

    async def ended(self, patience: float | None = None) -> None:
        """Wait for its end, for so many seconds (None: as long as it takes), then kill it."""
        process, listening = self._process, self._listening
        assert process is not None
        assert listening is not None
        draining = asyncio.create_task(_drain(process.stdout), name="tab.drain")
        try:
            async with asyncio.timeout(patience):
                await process.wait()
        except TimeoutError:
            self.kill()
            await process.wait()
        finally:
            draining.cancel()
            listening.cancel()
        if process.returncode not in {0, -signal.SIGTERM} and not self.left:
            words = neutralise(self._last_words[-_TOLD:].decode("utf-8", "replace")).strip()
            self._complain(f"the app of a tab ended with {process.returncode}: {words}")

    def kill(self) -> None:
        """End it, and what it has started, at once."""
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _complain(self, what: str) -> None:
        print(f"backrooms: {what}", file=sys.stderr)  # noqa: T201  # the server's terminal is where it is told

    async def _send(self, kind: bytes, payload: bytes) -> None:
        process = self._process
        if process is None or process.stdin is None or process.stdin.is_closing():
            return
        with suppress(ConnectionError):
            process.stdin.write(b"%b%b%b" % (kind, len(payload).to_bytes(4, "big"), payload))
            await process.stdin.drain()

    async def _listen(self) -> None:
        process = self._process
        assert process is not None
        assert process.stderr is not None
        while part := await process.stderr.read(4096):
            self._last_words = (self._last_words + part)[-4 * _TOLD :]


async def _drain(stream: asyncio.StreamReader | None) -> None:
    """Nobody reads it any more, and a full pipe would keep the app from its end."""
    while stream is not None and await stream.read(1 << 16):
        pass
