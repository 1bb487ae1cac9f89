"""Who plays a plan: the real player, or one that a test brings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sandbox.engine.live import Hear
    from sandbox.engine.plan import Plan, Played
    from sandbox.transcript.event import Event

__all__ = ["Player", "play"]


class Player(Protocol):
    """Plays a plan to its end; ``sandbox.engine.play.play`` is the real one."""

    async def __call__(
        self,
        plan: Plan,
        *,
        observe: Callable[[Event, bytes], None],
        progress: Callable[[str], None],
        stop: asyncio.Event,
        hear: Hear,
    ) -> Played: ...


async def play(
    plan: Plan,
    *,
    observe: Callable[[Event, bytes], None],
    progress: Callable[[str], None],
    stop: asyncio.Event,
    hear: Hear,
) -> Played:
    """Play for real; the engine is not imported before."""
    from sandbox.engine.play import play  # heavy: models, bus and boxes, after the first paint

    return await play(plan, observe=observe, progress=progress, stop=stop, hear=hear)
