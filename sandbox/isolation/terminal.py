"""The house's end of a terminal in a box: what is typed goes in, what is shown comes out."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from agents.terminal import HEADER
from sandbox.errors import ShimError
from sandbox.isolation.box import Box
from sandbox.isolation.control import printable
from sandbox.isolation.layout import OPT, SOCKETS
from sandbox.isolation.reach import give

__all__ = ["SECONDS", "Show", "Terminal"]

SECONDS: Final = 24 * 3600.0
"""The longest that one visit lasts."""
LAST_SECONDS: Final = 2.0
"""From the end of the program to the end of what it showed."""
READ: Final = 64 << 10
FRAME: Final = 32 << 10
NAME: Final = "terminal.sock"

Show: TypeAlias = Callable[[bytes], None]
"""Takes what the terminal shows, as it comes: an agent's bytes."""


class Terminal:
    """A terminal in a started box. ``folder`` is mounted into the box; ``owner`` is its user on the host."""

    def __init__(self, box: Box, folder: Path, owner: int | None) -> None:
        self._box = box
        self._path = folder / NAME
        self._owner = owner
        self._sent = bytearray()
        self._writer: asyncio.StreamWriter | None = None

    def typed(self, data: bytes) -> None:
        """Pass on what was typed."""
        for start in range(0, len(data), FRAME):
            part = data[start : start + FRAME]
            self._send(HEADER.pack(b"d", len(part)) + part)

    def resize(self, rows: int, columns: int) -> None:
        """Give the terminal another size."""
        self._send(HEADER.pack(b"s", 4) + struct.pack(">HH", rows, columns))

    async def run(self, program: Sequence[str], *, term: str, show: Show) -> int:
        """Run a program (none: a shell) to its end; its exit code, above 128 for a signal.

        Raises:
            ShimError: the box has ended, or the program could not begin.
        """
        showing: list[asyncio.Task[None]] = []

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if showing:
                writer.close()  # the first was the one that was started
                return
            self._writer = writer
            writer.write(self._sent)
            showing.append(asyncio.create_task(_show(reader, show), name="terminal"))

        inside = ("python3", "-I", "-S", f"{OPT}/agents/terminal.py", f"{SOCKETS}/{NAME}", term)
        server = await asyncio.start_unix_server(accept, self._path)
        try:
            give(self._path, self._owner)
            done = await self._box.exec([*inside, *program], seconds=SECONDS, limit=FRAME)
            if showing:
                await asyncio.wait(showing, timeout=LAST_SECONDS)
        finally:
            server.close()
            self._path.unlink(missing_ok=True)
            if self._writer is not None:
                self._writer.close()
            for task in showing:
                task.cancel()
        if not showing or done.code is None:
            why = printable(done.stderr.decode("utf-8", "replace").strip()[-500:])
            raise ShimError(f"the terminal in the box ended: {why or 'its time is up'}")
        return done.code

    def _send(self, frame: bytes) -> None:
        if self._writer is None:
            self._sent += frame
        elif not self._writer.is_closing():
            self._writer.write(frame)


async def _show(reader: asyncio.StreamReader, show: Show) -> None:
    while data := await reader.read(READ):
        show(data)
