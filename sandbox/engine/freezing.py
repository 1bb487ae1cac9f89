"""Boxes that stand still: the work folder is kept, then nothing in the box runs on until the operator thaws it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Final

from sandbox.engine.engine import Keep
from sandbox.engine.step import Frozen, Noted
from sandbox.engine.workspaces import Workspaces
from sandbox.errors import BoxError
from sandbox.isolation.box import Box

__all__ = ["Freezing"]

KEEP: Final = 5.0
"""Seconds for the folder: whoever answers nobody is frozen without it. A frozen box could not give it."""
FREEZE: Final = 15.0
"""Seconds for the box itself; a container engine under load needs some."""


class Freezing:
    """Freezes the boxes of one run, and thaws those that it froze."""

    def __init__(self, boxes: Mapping[str, Box], workspaces: Workspaces) -> None:
        self._boxes = boxes
        self._workspaces = workspaces
        self._frozen: set[str] = set()
        self._one = {agent: asyncio.Lock() for agent in boxes}

    def sparing(self, keep: Keep) -> Keep:
        """Have a box kept after a turn only while it can answer: one that is frozen was kept before that."""

        async def spared(agent: str, turn: int) -> Sequence[Noted]:
            async with self._one[agent]:
                return () if agent in self._frozen else await keep(agent, turn)

        return spared

    async def freeze(self, agent: str, turn: int) -> Frozen:
        """Keep the box's work folder and make all in it stand still."""
        noted: list[Noted] = []
        self._frozen.add(agent)
        try:
            async with asyncio.timeout(KEEP), self._one[agent]:
                saved = await self._workspaces.save(agent, turn)
            noted += [] if saved is None else [saved]
        except TimeoutError:
            why = f"the box did not give it within {KEEP:g} s, before it was frozen"
            noted.append(Noted("workspace.failed", {"turn": turn, "error": why}))
        failed = await self._do(self._boxes[agent].freeze())
        return Frozen(noted, self._workspaces.manifests.get(agent), failed)

    async def thaw(self, agent: str) -> str:
        """Let all in it go on; why it could not, or nothing. A box that has begun since is not frozen."""
        if agent not in self._frozen:
            return ""
        failed = await self._do(self._boxes[agent].thaw())
        if not failed:
            self._frozen.discard(agent)
        return failed

    async def _do(self, act: Awaitable[None]) -> str:
        try:
            async with asyncio.timeout(FREEZE):
                await act
        except TimeoutError:
            return f"it took more than {FREEZE:g} s"
        except (BoxError, OSError, KeyError) as error:
            return str(error) or type(error).__name__
        return ""
