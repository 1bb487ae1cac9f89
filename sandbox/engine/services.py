"""What agents leave listening in their boxes: looked for after each shell command, and recorded once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict

from sandbox.engine.engine import Witnessed
from sandbox.errors import BoxError
from sandbox.isolation.box import Box, Service
from sandbox.transcript.event import Event

__all__ = ["Services"]


class Services:
    """Notices what listens in each box. ``tell`` takes what is to be recorded."""

    def __init__(self, agents: Mapping[str, Box], tell: Callable[[Witnessed], None]) -> None:
        self._boxes = agents
        self._tell = tell
        self._due = {agent: asyncio.Event() for agent in agents}

    def heed(self, event: Event) -> None:
        """Take notice of an event: after a shell command its agent's box is looked at."""
        if event.kind == "action.result" and event.data.get("tool") == "shell":
            self._due[event.actor].set()

    async def watch(self) -> None:
        """Look whenever it is due, until cancelled. A box that hangs holds up nobody but itself."""
        async with asyncio.TaskGroup() as tasks:
            for agent in self._boxes:
                tasks.create_task(self._watch(agent), name=f"services.{agent}")

    async def _watch(self, agent: str) -> None:
        known: set[Service] = set()
        while True:
            await self._due[agent].wait()
            self._due[agent].clear()
            try:
                found = await self._boxes[agent].listening()
            except BoxError:
                continue  # it has ended, or does not answer: the record tells that elsewhere
            for service in found:
                if service not in known:
                    self._tell(Witnessed("service.seen", agent, asdict(service)))
            known = set(found)
