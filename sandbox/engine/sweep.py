"""Clean up after runs whose engine was killed: boxes, brokers, sockets, folders."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sandbox.bus.leftovers import kill_leftover_broker
from sandbox.engine.runtime import dead_runs
from sandbox.isolation.leftovers import sweep_boxes

__all__ = ["sweep"]


async def sweep(progress: Callable[[str], None]) -> list[str]:
    """Remove what dead runs left behind, and name those runs."""
    swept = []
    for folder in dead_runs():
        for removed in await sweep_boxes(folder.run, folder.path):
            progress(f"Removed {removed}, left by {folder.run}.")
        await asyncio.to_thread(kill_leftover_broker, folder.path / "broker")
        folder.remove()
        swept.append(str(folder.run))
        progress(f"Cleaned up after {folder.run}, whose engine was killed.")
    return swept
