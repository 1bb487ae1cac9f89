"""The checks of one scenario before it is launched, each as soon as it is known."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.tui.launch.machine import Found, Machine

if TYPE_CHECKING:
    from sandbox.isolation.box import Tier
    from sandbox.scenario.schema import Scenario

__all__ = ["Check", "due", "run_checks", "worst"]

_MODELS: Final = 12
"""Models that are checked; more are hardly in one scenario."""
_STILL: Final = {
    "model": "A dry run (d) needs no model.",
    "boxes": "A dry run (d), the editor and replay still work.",
    "image": "A dry run (d), the editor and replay still work.",
    "bus": "The editor and replay still work.",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a run needs; ``found`` is None while it is being looked at.

    ``still`` says what works all the same.
    """

    name: str
    subject: str = ""
    found: Found | None = None

    @property
    def still(self) -> str:
        """What works although this does not; empty where all is well."""
        bad = self.found is not None and self.found.state == "bad"
        return _STILL.get(self.name, "") if bad else ""


def due(scenario: Scenario) -> list[Check]:
    """The checks of a scenario, none of them done, in the order in which they are shown."""
    names = [Check("model", model) for model, _ in _models(scenario)]
    return [*names, Check("boxes"), Check("image"), Check("bus"), Check("disk")]


async def run_checks(
    scenario: Scenario,
    tier: Tier | None,
    root: Path,
    machine: Machine,
    tell: Callable[[Check], None],
) -> None:
    """Do them all at once, and give each to ``tell`` as it comes."""

    async def one(name: str, ask: Callable[[], Awaitable[Found]], subject: str = "") -> None:
        tell(Check(name, subject, await ask()))

    async def boxes() -> None:
        chosen, found = await machine.tier(scenario.least_tier, tier)
        tell(Check("boxes", "", found))
        image = None if chosen is None else await machine.image(chosen, scenario.isolation.image)
        tell(Check("image", "", image or Found("ok", "none needed")))

    async with asyncio.TaskGroup() as tasks:
        for model, base_url in _models(scenario):
            ask = partial(machine.model, model, base_url)
            tasks.create_task(one("model", ask, model), name=f"check.{model}")
        tasks.create_task(boxes(), name="check.boxes")
        tasks.create_task(one("bus", machine.broker), name="check.bus")
        tasks.create_task(one("disk", partial(machine.disk, root)), name="check.disk")


def worst(checks: list[Check]) -> Check | None:
    """The first that would keep a run from beginning; None while none is known."""
    return next((c for c in checks if c.found is not None and c.found.state == "bad"), None)


def _models(scenario: Scenario) -> list[tuple[str, str | None]]:
    """Each model with its address, once; those of doors too."""
    found = [(spec.model, spec.base_url) for spec in scenario.agents.values()]
    if scenario.doors is not None and scenario.doors.models is not None:
        found += [(served.model, served.base_url) for served in scenario.doors.models.serve]
    named = [*dict.fromkeys(found)]
    scripted = [each for each in named if each[0].partition("/")[0] == "scripted"]
    return [each for each in named if each not in scripted[1:]][:_MODELS]
