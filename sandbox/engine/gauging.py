"""What an agent's box uses right now, for whoever asks: nothing is done to it, and nothing is recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from sandbox.clock import Clock
from sandbox.engine.operator import Answer
from sandbox.engine.state import State
from sandbox.errors import BoxError
from sandbox.isolation.box import Box, BoxLimits

__all__ = ["Gauging"]

EVERY: Final = 0.5
"""Seconds for which a reading is given again: many may look, a box is asked twice a second at most."""
SECONDS: Final = 2.0
"""How long a box may take to answer: it may be busy with what its agent does."""


class Gauging:
    """Reads the boxes of one run.

    Args:
        boxes: by agent.
        limits: of each of them.
        clock: says how old a reading is.
    """

    def __init__(self, boxes: Mapping[str, Box], limits: BoxLimits, clock: Clock) -> None:
        self._boxes = boxes
        self._limits = asdict(limits)
        self._clock = clock
        self._read: dict[str, tuple[float, Answer]] = {}

    async def read(self, agent: str, state: State) -> Answer:
        """Tell what the box uses, by its own word, or why it does not tell."""
        one = state.agents.get(agent)
        if one is None or agent not in self._boxes:
            known = ", ".join(list(self._boxes)[:20])
            return Answer(False, f"there is no box of {agent!r}; there are those of {known}")
        if one.status == "gone":
            return Answer(False, f"{agent} is gone, and its box with it")
        if one.frozen:
            return Answer(False, f"the box of {agent} is frozen: nothing in it can answer")
        at, answer = self._read.get(agent, (0.0, None))
        if answer is None or self._clock.monotonic() - at >= EVERY:
            answer = await self._ask(agent)
            self._read[agent] = (self._clock.monotonic(), answer)
        return answer

    async def _ask(self, agent: str) -> Answer:
        box = self._boxes[agent]
        try:
            async with asyncio.timeout(SECONDS):
                stats = await box.stats()
        except TimeoutError:
            return Answer(False, f"the box of {agent} did not answer within {SECONDS:g} s")
        except (BoxError, OSError) as error:
            return Answer(False, f"the box of {agent} does not answer: {error}")
        told: dict[str, Any] = {"agent": agent, "tier": box.tier, **asdict(stats)}
        return Answer(True, f"What the box of {agent} uses.", told | {"limits": self._limits})
