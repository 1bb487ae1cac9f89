"""A shell of one's own in a copy of an agent's folder: the app steps aside for ``backrooms shell``."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from textual.app import App, SuspendNotSupported

from sandbox.transcript.folders import kept_folders
from sandbox.transcript.record import Record
from sandbox.tui.lending import lent_out

if TYPE_CHECKING:
    from asyncio import StreamReader

__all__ = ["own_shell"]

_TAIL: Final = 4_000
"""Bytes kept of what the command complained about."""


async def own_shell(app: App[None], folder: Path, agent: str, turn: int | None = None) -> str:
    """Give the terminal to a shell, recorded beside the run; a run that is played here goes on meanwhile.

    Args:
        app: steps aside.
        folder: of the run's record.
        agent: whose folder.
        turn: as it was after this turn; None is the latest.

    Returns:
        a sentence: how it ended, or why there is none.

    Raises:
        TranscriptError: the record cannot be read.
    """
    if not await asyncio.to_thread(_kept, folder, agent, turn):
        return (
            f"nothing of {agent}'s folder was kept yet: that happens after a turn that changes it."
        )
    command = [sys.executable, "-m", "sandbox", "shell", str(folder), agent]
    command += [] if turn is None else ["--turn", str(turn)]
    try:
        with lent_out(app):
            process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
            assert process.stderr is not None
            said = await _pass_on(process.stderr)
            code = await process.wait()
    except SuspendNotSupported:
        return f"a browser has no terminal to give: backrooms shell {folder.name} {agent}"
    if code == 0 or not said.startswith("backrooms:"):
        return f"the shell of your own has ended: exit code {code}"
    return said


def _kept(folder: Path, agent: str, turn: int | None) -> bool:
    with Record(folder) as record:
        return any(turn is None or kept.turn <= turn for kept in kept_folders(record, agent))


async def _pass_on(stream: StreamReader) -> str:
    """Show what the command says of itself; its last line is returned."""
    tail = b""
    while data := await stream.read(1 << 12):
        # The shell may have made the terminal raw by now: a line begins at its left by itself no more.
        os.write(2, data.replace(b"\n", b"\r\n"))
        tail = (tail + data)[-_TAIL:]
    return tail.decode("utf-8", "replace").strip().rpartition("\n")[2]
