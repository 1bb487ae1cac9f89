"""What is looked at in a box after a turn that acted in it: the work folder, and limits that were met."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sandbox.engine.step import Noted
from sandbox.engine.workspaces import Workspaces
from sandbox.errors import BoxError
from sandbox.isolation.box import Box, BoxLimits, LimitsMet

__all__ = ["Aftermath"]


class Aftermath:
    """Looks at the boxes of one run, turn by turn; remembers what was counted before."""

    def __init__(self, boxes: Mapping[str, Box], workspaces: Workspaces, limits: BoxLimits) -> None:
        self._boxes = boxes
        self._workspaces = workspaces
        self._limits = limits
        self._met: dict[str, LimitsMet] = {}

    async def look(self, agent: str, turn: int) -> list[Noted]:
        """What is to be recorded of an agent's box after its turn."""
        saved = await self._workspaces.save(agent, turn)
        found = [] if saved is None else [saved]
        try:
            met = await self._boxes[agent].limits_met()
        except BoxError:
            return found  # it has ended, which is told by itself
        before = self._met.get(agent, LimitsMet())
        self._met[agent] = met
        return [
            *found,
            *(Noted("box.limit", {"turn": turn, **one}) for one in self._new(before, met)),
        ]

    def _new(self, before: LimitsMet, met: LimitsMet) -> Iterator[dict[str, object]]:
        if met.memory > before.memory:
            count = met.memory - before.memory
            yield {"what": "memory", "limit": self._limits.memory, "count": count}
        if met.pids > before.pids:
            yield {"what": "pids", "limit": self._limits.pids, "count": met.pids - before.pids}
        if met.disk and not before.disk:
            yield {"what": "disk", "limit": self._limits.disk, "count": 1}
