"""Which tiers this machine offers, which one a run gets, and the box that goes with it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from typing import Final

from sandbox.errors import TierUnavailable
from sandbox.isolation import bubblewrap_probe, container_probe
from sandbox.isolation.box import STRENGTH, Box, BoxSpec, ImageKind, Tier
from sandbox.isolation.engine import EngineName
from sandbox.isolation.image import Image, Progress

__all__ = ["CONTAINERS", "available", "choose", "make_box", "prepare", "strength"]

CONTAINERS: Final[Mapping[Tier, EngineName]] = {
    "docker": "docker",
    "podman": "podman",
    "gvisor": "docker",
}
"""Which engine keeps the containers of a tier that is made of them."""


def _kubernetes() -> None:
    """Ask the cluster, if one is named; blocks. Raises TierUnavailable."""
    from sandbox.isolation.kubernetes.probe import kubernetes

    kubernetes()


_PROBES: Final[Mapping[Tier, Callable[[], None]]] = {
    "none": lambda: None,
    "bubblewrap": bubblewrap_probe.probe,
    "docker": container_probe.docker,
    "podman": container_probe.podman,
    "gvisor": container_probe.gvisor,
    "kubernetes": _kubernetes,
}
_UNASKED: Final[tuple[Tier, ...]] = ("bubblewrap", "docker", "podman", "gvisor", "none")
"""In this order a tier is taken that nobody named: the strongest that needs no daemon and no image first."""


def strength(tier: Tier) -> int:
    """How strong a tier is here: Pods take the strength of their RuntimeClass, which each start verifies."""
    from sandbox.isolation.kubernetes.settings import GVISOR

    pods = tier == "kubernetes" and os.environ.get("BACKROOMS_K8S_RUNTIME_CLASS") == GVISOR
    return STRENGTH["gvisor"] if pods else STRENGTH[tier]


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
        if strength(wanted) < STRENGTH[least]:
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


async def prepare(tier: Tier, progress: Progress, kind: ImageKind = "plain") -> Image | None:
    """Make what all boxes of a tier share and what may take minutes; ``progress`` gets a line for each step.

    Returns the image, of this kind; None in a tier without images, of which ``progress`` is told if it
    matters. Raises BoxError: better before a run has begun than once for each of its agents.
    """
    if tier in CONTAINERS:
        from sandbox.isolation.image import prepare as prepare_image

        return await prepare_image(CONTAINERS[tier], kind, progress)
    if kind != "plain" and tier not in {"none", "kubernetes"}:
        progress(
            f"Tier '{tier}' has no image '{kind}': its boxes show this machine's own programs."
        )
    return None


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
        case "kubernetes":
            from sandbox.isolation.kubernetes.box import KubernetesBox
            from sandbox.isolation.kubernetes.settings import read_settings

            return KubernetesBox(spec, read_settings(spec.image), progress=progress)


async def _missing(tier: Tier) -> TierUnavailable | None:
    try:
        await asyncio.to_thread(_PROBES[tier])
    except TierUnavailable as error:
        return error
    return None
