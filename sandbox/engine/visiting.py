"""A fresh sealed box that holds a copy of an agent's kept folder; the agent's own box is not touched."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sandbox.clock import SystemClock, stamp
from sandbox.engine.runtime import RuntimeFolder
from sandbox.engine.sweep import sweep
from sandbox.ids import AgentId, run_id
from sandbox.isolation.box import Box, BoxLimits, BoxSpec, Tier
from sandbox.isolation.folder import Snapshot
from sandbox.isolation.terminal import Terminal
from sandbox.isolation.tiers import choose, make_box, prepare

__all__ = ["Visited", "visiting"]


@dataclass(frozen=True, slots=True)
class Visited:
    """The box of one visit, and a terminal in it."""

    box: Box
    terminal: Terminal
    tier: Tier


@asynccontextmanager
async def visiting(
    snapshot: Snapshot,
    isolation: dict[str, Any],
    *,
    agent: str,
    tier: Tier | None,
    progress: Callable[[str], None],
) -> AsyncIterator[Visited]:
    """Start a box with a copy of a folder while the body runs; nothing is left of it then.

    ``isolation`` is the scenario's, as ``run.started`` tells it: the box has its limits.

    Raises:
        BoxError: the tier cannot be had, is no sealed one, or the folder does not fit.
    """
    await sweep(progress)
    chosen = await choose("bubblewrap", tier, progress=progress)
    await prepare(chosen, progress)
    # A name of its own: whoever sweeps must never take the agent's living box for this one.
    run = run_id(stamp=stamp(SystemClock().now()), title=f"shell {agent}", nonce=os.urandom(3))
    runtime = RuntimeFolder.make(run)
    try:
        known = {
            key: isolation[key] for key in ("memory", "cpu", "pids", "disk") if key in isolation
        }
        spec = BoxSpec(run, AgentId(agent), runtime.agent(agent), BoxLimits(**known))
        box = make_box(chosen, spec, progress=progress)
        try:
            facts = await box.start()
            await box.restore(snapshot)
            yield Visited(box, Terminal(box, spec.folder, facts.uid), chosen)
        finally:
            await box.stop()
    finally:
        runtime.remove()
