"""All boxes of a run, started at once and looked at, before the run begins."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from sandbox.errors import BoxError, BoxRefused, BoxUnsound
from sandbox.isolation.box import Box, BoxFacts

__all__ = ["raise_boxes", "summary"]


async def raise_boxes(boxes: Mapping[str, Box]) -> dict[str, BoxFacts | BoxError]:
    """Start every box; one that does not start is told as such, and the others play.

    Raises BoxUnsound or BoxRefused: a box that is not what its tier promises is no accident of one agent.
    """
    found: dict[str, BoxFacts | BoxError] = {}

    async def start(agent: str, box: Box) -> None:
        try:
            found[agent] = await box.start()
        except (BoxUnsound, BoxRefused):
            raise
        except BoxError as error:
            found[agent] = error

    async with asyncio.TaskGroup() as tasks:
        for agent, box in boxes.items():
            tasks.create_task(start(agent, box), name=f"box.{agent}.start")
    return {agent: found[agent] for agent in boxes}


def summary(started: Mapping[str, BoxFacts | BoxError]) -> dict[str, dict[str, Any]]:
    """What the first event says of the boxes: whether each was found sound, and what it is made of."""
    said: dict[str, dict[str, Any]] = {}
    for agent, facts in started.items():
        if isinstance(facts, BoxError):
            said[agent] = {"failed": str(facts)}
            continue
        check = facts.facts.get("check")
        said[agent] = {"sound": None if check is None else check["sound"]}
        if check is not None:
            said[agent]["namespaces"] = check["namespaces"]
            if "hole" in check:
                said[agent]["hole"] = check["hole"]
        for name in ("engine", "runtime", "runtime_version", "image", "bwrap", "guest", "memory"):
            if name in facts.facts:
                said[agent][name] = facts.facts[name]
    return said
