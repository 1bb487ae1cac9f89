"""Clean up after runs whose engine was killed: boxes, brokers, sockets, folders."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from sandbox.bus.leftovers import kill_leftover_broker
from sandbox.bus.retained import forget_alive
from sandbox.engine.registry import left_by
from sandbox.engine.runtime import dead_runs, remove_rests, runtime_root
from sandbox.isolation.leftovers import sweep_boxes

__all__ = ["sweep"]

_LOCK: Final = ".sweep"
_GLANCE: Final = 0.02
"""Seconds between looks whether another start has finished sweeping."""


async def sweep(progress: Callable[[str], None]) -> list[str]:
    """Remove what dead runs left behind, and name those runs."""
    swept: list[str] = []
    root = runtime_root()
    if not root.is_dir():
        return swept
    async with _alone(root):
        remove_rests(root)
        for folder in dead_runs():
            for removed in await sweep_boxes(folder.run, folder.path):
                progress(f"Removed {removed}, left by {folder.run}.")
            dead = left_by(folder.path)
            if dead is not None:
                await forget_alive(dead.upstream, dead.run)
            await asyncio.to_thread(kill_leftover_broker, folder.path / "broker")
            folder.remove()
            swept.append(str(folder.run))
            progress(f"Cleaned up after {folder.run}, whose engine was killed.")
    return swept


@asynccontextmanager
async def _alone(root: Path) -> AsyncIterator[None]:
    """Let one start sweep at a time.

    A run that is resumed has the name of the dead one: whoever found it dead a moment ago must not
    sweep it now.
    """
    fd = os.open(root / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        while True:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(_GLANCE)
        yield
    finally:
        os.close(fd)
