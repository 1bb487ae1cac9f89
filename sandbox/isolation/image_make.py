"""Makes the image of a box because a person asked for it: also on another base, or without any registry."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.errors import GuestBuildError, TierUnavailable
from sandbox.isolation.base_image import Base, base_of
from sandbox.isolation.base_image_import import import_base
from sandbox.isolation.base_image_tar import make_tar
from sandbox.isolation.box import ImageKind
from sandbox.isolation.engine import ENGINES, EngineName, connect
from sandbox.isolation.image import Image, found
from sandbox.isolation.image_build import Progress, Recipe, build

__all__ = ["Made", "engines", "make"]


@dataclass(frozen=True, slots=True)
class Made:
    """What was made, in bytes and seconds; ``taken`` is whether runs take it as things are now."""

    engine: EngineName
    image: Image
    bytes: int
    seconds: float
    taken: bool


def engines(named: str = "all") -> list[EngineName]:
    """The engine of that name, or all that answer. Raises TierUnavailable if none does."""
    wanted: Sequence[EngineName] = [name for name in ENGINES if named in {name, "all"}]
    answering: list[EngineName] = []
    first: TierUnavailable | None = None
    for name in wanted:
        try:
            connect(name).close()
        except TierUnavailable as error:
            first = first or error
        else:
            answering.append(name)
    if not answering and first is not None:
        raise first
    return answering


def make(
    engine: EngineName,
    kind: ImageKind,
    progress: Progress,
    *,
    base: str | None = None,
    offline: bool = False,
) -> Made:
    """Build an image also where there is one; blocks, up to minutes. What is done is not done again.

    Args:
        engine: who will have it.
        kind: what programs it has.
        progress: gets a line for each step.
        base: build on this image, not on the one that a run would choose.
        offline: build on one made of Debian's packages.

    Raises GuestBuildError, TierUnavailable.
    """
    from docker.errors import DockerException

    began = time.monotonic()
    tar = make_tar(kind, progress) if offline else None
    client = connect(engine)
    try:
        usual = base_of(client, kind)
        if tar is not None:
            chosen = Base(import_base(client, kind, tar, progress))
        elif base is not None:
            chosen = Base(base, whole=kind == "plain")
        else:
            chosen = usual
        recipe = Recipe(kind, chosen)
        progress(f"building {recipe.tag} on {chosen.name}")
        build(client, recipe, progress)
        image = found(client, recipe)
        if image is None:
            raise GuestBuildError(f"the engine has built {recipe.tag} and does not have it")
        size = int(client.images.get(image.id).attrs["Size"])
        taken = base_of(client, kind).name == chosen.name
    except DockerException as error:
        raise GuestBuildError(f"the engine failed to build the image: {error}") from error
    finally:
        client.close()
    return Made(engine, image, size, time.monotonic() - began, taken)
