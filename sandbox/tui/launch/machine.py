"""What a run needs of this machine and of others, asked without making, fetching or paying for anything."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Protocol, TypeAlias

from sandbox.isolation.box import ImageKind, Tier

__all__ = ["Found", "Machine", "State", "ThisMachine"]

State: TypeAlias = Literal["ok", "warning", "bad"]

_LOW: Final = 1 << 30
"""Bytes of free disk below which it is said."""


@dataclass(frozen=True, slots=True)
class Found:
    """What came of one question; ``remedy`` is what to do, empty where nothing is to be done."""

    state: State
    what: str
    remedy: str = ""


class Machine(Protocol):
    """Answers what the checks of a scenario ask; tests bring one of their own."""

    async def model(self, name: str, base_url: str | None) -> Found:
        """Whether ``provider/model`` can be asked; its list of models is, which costs nothing."""

    async def tier(self, least: Tier, wanted: Tier | None) -> tuple[Tier | None, Found]:
        """The tier that a run would get, or None."""

    async def image(self, tier: Tier, kind: ImageKind) -> Found | None:
        """Whether the image of a tier's boxes is built; None where a tier has none."""

    async def broker(self) -> Found:
        """Whether messages can be carried."""

    async def disk(self, root: Path) -> Found:
        """Whether there is room for the record."""


class ThisMachine:
    """The real one."""

    async def model(self, name: str, base_url: str | None) -> Found:
        from sandbox.errors import BackroomsError
        from sandbox.models.known import refuse_retired
        from sandbox.models.makers import hosted, missing, reach, weights_state
        from sandbox.models.registry import split

        try:
            provider, model = split(name)
            refuse_retired(name)
            match provider:
                case "scripted" | "recorded" | "human":
                    return Found("ok", _HOUSE[provider])
                case "local":
                    state = weights_state(model, missing("local") or "ready")
                    return _weights(state)
            maker = hosted(provider)
            answer = await reach(provider, base_url)
        except BackroomsError as error:
            return Found("bad", str(error), "Put another model in its place: models, below.")
        return _hosted(provider, maker["key"], maker["state"], answer, base_url)

    async def tier(self, least: Tier, wanted: Tier | None) -> tuple[Tier | None, Found]:
        from sandbox.errors import TierUnavailable
        from sandbox.isolation.tiers import choose

        try:
            chosen = await choose(least, wanted)
        except TierUnavailable as error:
            return None, Found("bad", f"{error.tier}: {error.why}", error.remedy)
        if chosen == "none":
            return chosen, Found("ok", "none: agents only talk")
        return chosen, Found("ok", chosen)

    async def image(self, tier: Tier, kind: ImageKind) -> Found | None:
        from sandbox.isolation.tiers import CONTAINERS

        if tier not in CONTAINERS:
            return None
        return await asyncio.to_thread(_image, tier, kind)

    async def broker(self) -> Found:
        from sandbox.bus.recipe import find_program
        from sandbox.errors import BrokerError

        try:
            return Found("ok", f"{find_program().kind}, our own")
        except BrokerError as error:
            what, _, remedy = str(error).partition(": ")
            return Found(
                "bad",
                what,
                remedy.rpartition(" Run ")[2] and f"Run {remedy.rpartition(' Run ')[2]}",
            )

    async def disk(self, root: Path) -> Found:
        return await asyncio.to_thread(_disk, root)


_HOUSE: Final = {
    "scripted": "plays the lines of the file",
    "recorded": "plays back an earlier run",
    "human": "asks you",
}


def _weights(state: str) -> Found:
    if state.startswith("ready"):
        return Found("ok", "weights are here")
    what, _, remedy = state.partition(": ")
    return Found("bad", what, f"Run: {remedy}" if remedy else "")


def _hosted(provider: str, key: str | None, state: str, answer: str, base_url: str | None) -> Found:
    if "package is missing" in state:
        what, _, remedy = state.partition(": ")
        return Found("bad", what, f"Run: {remedy.partition(';')[0]}")
    if answer.startswith("no"):
        where = base_url or f"the address of {provider}"
        return Found(
            "bad", f"{where} does not answer", "Is the server running, and the network there?"
        )
    if "refuses the key" in answer:
        return Found("bad", "the key is refused", f"Run: backrooms models key set {provider}")
    if "wants a key" in answer or (key is None and base_url is None):
        return Found(
            "bad", "answers, but there is no key", f"Run: backrooms models key set {provider}"
        )
    return Found("ok", "answers" if key is None else f"answers; key from {key}")


def _image(tier: Tier, kind: ImageKind) -> Found:
    from docker.errors import DockerException

    from sandbox.errors import TierUnavailable
    from sandbox.isolation.base_image import base_of
    from sandbox.isolation.engine import connect
    from sandbox.isolation.image import found
    from sandbox.isolation.image_build import Recipe
    from sandbox.isolation.tiers import CONTAINERS

    try:
        client = connect(CONTAINERS[tier])
        try:
            recipe = Recipe(kind, base_of(client, kind))
            there = found(client, recipe)
        finally:
            client.close()
    except (DockerException, TierUnavailable) as error:
        return Found("bad", f"the engine does not tell: {error}", "Run: backrooms doctor")
    if there is not None:
        return Found("ok", f"{kind}, built")
    return Found(
        "warning", f"{kind}, not built yet", "The first run builds it; or: backrooms image build"
    )


def _disk(root: Path) -> Found:
    import shutil

    folder = next(each for each in (root.absolute(), *root.absolute().parents) if each.is_dir())
    free = shutil.disk_usage(folder).free
    amount = f"{free / (1 << 30):,.0f} GiB free" if free >= _LOW else f"{free >> 20} MiB free"
    return Found(
        "warning" if free < _LOW else "ok",
        amount,
        "Make room, or record elsewhere." if free < _LOW else "",
    )
