"""What is being said right now: words as they come, for whoever watches; none of it is recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, TypeAlias

import orjson

from sandbox.bus.seam import Bus
from sandbox.clock import Clock
from sandbox.errors import LinkDown

__all__ = ["Hear", "Live"]

Hear: TypeAlias = Callable[[str, str | None], None]
"""Takes an agent and its next words; None where its answer begins anew."""

EVERY: Final = 0.1
"""Seconds that words are gathered before they go on the bus: people read no faster."""
MOST: Final = 64 * 1024
"""Characters gathered per agent while the bus is slow; watchers read the whole in the record."""


class Live:
    """Hands words to a local listener at once, and to ``br/<run>/live/<agent>`` a little later."""

    def __init__(self, run: str, bus: Bus, clock: Clock, hear: Hear | None) -> None:
        self._run = run
        self._bus = bus
        self._clock = clock
        self._hear = hear
        self._gathered: dict[str, list[str | None]] = {}
        self._sizes: dict[str, int] = {}
        self._any = asyncio.Event()

    def words(self, agent: str, text: str | None) -> None:
        """Take the next words of an agent's answer."""
        if self._hear is not None:
            self._hear(agent, text)
        size = self._sizes.get(agent, 0) + len(text or "")
        if size <= MOST:
            self._sizes[agent] = size
            self._gathered.setdefault(agent, []).append(text)
            self._any.set()

    async def publish(self) -> None:
        """Publish for ever; to be cancelled when the run is over."""
        while True:
            await self._any.wait()
            await self._clock.sleep(EVERY)
            self._any.clear()
            gathered, self._gathered, self._sizes = self._gathered, {}, {}
            for agent, parts in gathered.items():
                try:
                    await self._bus.publish(f"br/{self._run}/live/{agent}", _payload(parts))
                except LinkDown:
                    continue  # they are gone for watchers; the record will have them


def _payload(parts: list[str | None]) -> bytes:
    last = max((i for i, part in enumerate(parts) if part is None), default=-1)
    text = "".join(part for part in parts[last + 1 :] if part is not None)
    safe = text.encode("utf-8", "replace").decode()
    return orjson.dumps({"text": safe, "anew": last >= 0})
