"""Which tiers this machine offers, which one a run gets, and the box that goes with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from sandbox.errors import TierUnavailable
from sandbox.isolation import bubblewrap_probe, container_probe
from sandbox.isolation.box import STRENGTH, Box, BoxSpec, Tier
from sandbox.isolation.engine import EngineName
from sandbox.isolation.image import Progress

__all__ = ["CONTAINERS", "available", "choose", "make_box", "prepare"]

CONTAINERS: Final[Mapping[Tier, EngineName]] = {
    "docker": "docker",
    "podman": "podman",
    "gvisor": "docker",
}
"""Which engine keeps the containers of a tier that is made of them."""

_PROBES: Final[Mapping[Tier, Callable[[], None]]] = {
    "none": lambda: None,
    "bubblewrap": bubblewrap_probe.probe,
    "docker": container_probe.docker,
    "podman": container_probe.podman,
    "gvisor": container_probe.gvisor,
}
_UNASKED: Final[tuple[Tier, ...]] = ("bubblewrap", "docker", "podman", "gvisor", "none")
"""In this order a tier is taken that nobody named: the strongest that needs no daemon and no image first."""


async def available() -> list[tuple[Tier, TierUnavailable | None]]:
    """Try every tier, weakest first: None, or the error that says which part is missing, why, and the remedy."""
    return [(tier, await _missing(tier)) for tier in _PROBES]


async def choose(
    least: Tier, wanted: Tier | None = None, *, progress: Progress | None = None
) -> Tier:
    """Pick the tier of a run: the wanted one or none at all; without a wish, one at least as strong as ``least``.

    Where a run that may do without a box must, ``progress`` is told why. Raises TierUnavailable.
    """
    if wanted is not None:
        if STRENGTH[wanted] < STRENGTH[least]:
            raise TierUnavailable(
                wanted,
                f"the scenario accepts no tier weaker than '{least}'",
                f"Ask for '{least}', or change 'isolation: tier' or the agents' tools.",
            )
        if (error := await _missing(wanted)) is not None:
            raise error
        return wanted
    first: TierUnavailable | None = None
    for tier in _UNASKED:
        # An image may first have to be fetched or built: where no box is needed that is not worth it.
        if STRENGTH[tier] < STRENGTH[least] or (tier in CONTAINERS and least == "none"):
            continue
        error = await _missing(tier)
        if error is None:
            if first is not None and progress is not None:
                progress(f"{first} Going on in tier '{tier}'.")
            return tier
        first = first or error
    assert first is not None, "tier 'none' is always there"
    raise first


async def prepare(tier: Tier, progress: Progress) -> None:
    """Make what all boxes of a tier share and what may take minutes; ``progress`` gets a line for each step.

    Raises BoxError: better before a run has begun than once for each of its agents.
    """
    if tier in CONTAINERS:
        from sandbox.isolation.image import prepare as prepare_image

        await prepare_image(CONTAINERS[tier], progress)


def make_box(tier: Tier, spec: BoxSpec, *, progress: Progress) -> Box:
    """Make a box that is not yet started; ``progress`` gets a line for each step that may take minutes."""
    match tier:
        case "none":
            from sandbox.isolation.none import NoBox

            return NoBox(spec)
        case "bubblewrap":
            from sandbox.isolation.bubblewrap import BubblewrapBox

            return BubblewrapBox(spec)
        case "docker":
            from sandbox.isolation.docker import DockerBox

            return DockerBox(spec, progress=progress)
        case "podman":
            from sandbox.isolation.podman import PodmanBox

            return PodmanBox(spec, progress=progress)
        case "gvisor":
            from sandbox.isolation.gvisor import GvisorBox

            return GvisorBox(spec, progress=progress)


async def _missing(tier: Tier) -> TierUnavailable | None:
    try:
        await asyncio.to_thread(_PROBES[tier])
    except TierUnavailable as error:
        return error
    return None
