"""The image of a container's box: found by the digest of what goes into it, or built."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox.errors import GuestBuildError
from sandbox.isolation.base_image import base_of
from sandbox.isolation.box import ImageKind
from sandbox.isolation.engine import EngineName, connect
from sandbox.isolation.image_build import Progress, Recipe, build

if TYPE_CHECKING:
    from docker import DockerClient

__all__ = ["Image", "Progress", "ensure", "found", "prepare"]

_BUILDING: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class Image:
    """An image that an engine has. ``id`` is ``sha256:...``, which nobody can move to another image."""

    kind: ImageKind
    tag: str
    base: str
    id: str


async def prepare(engine: EngineName, kind: ImageKind, progress: Progress) -> Image:
    """Find the image or build it, before anything waits for it.

    Raises GuestBuildError, and TierUnavailable if no engine answers.
    """
    from docker.errors import DockerException

    loop = asyncio.get_running_loop()
    unwanted = threading.Event()

    def tell(line: str) -> None:
        if unwanted.is_set():
            raise GuestBuildError("the build was stopped")
        loop.call_soon_threadsafe(progress, line)

    def work() -> Image:
        client = connect(engine)
        try:
            return ensure(client, kind, tell)
        finally:
            client.close()

    try:
        return await asyncio.to_thread(work)
    except asyncio.CancelledError:
        unwanted.set()  # nobody can end the thread; it ends with the step that it is at
        raise
    except DockerException as error:
        raise GuestBuildError(f"the engine failed to find or build the image: {error}") from error


def ensure(client: DockerClient, kind: ImageKind, progress: Progress) -> Image:
    """Find the image or build it; blocks, up to minutes.

    Raises GuestBuildError, and docker.errors.DockerException if the engine fails otherwise.
    """
    recipe = Recipe(kind, base_of(client, kind))
    with _BUILDING:
        there = found(client, recipe)
        if there is not None:
            return there
        progress(f"building the image {recipe.tag} on {recipe.base.name} (once)")
        build(client, recipe, progress)
    built = found(client, recipe)
    if built is None:
        raise GuestBuildError(f"the engine has built {recipe.tag} and does not have it")
    return built


def found(client: DockerClient, recipe: Recipe) -> Image | None:
    """The image of a recipe, if the engine has it."""
    from docker.errors import ImageNotFound

    try:
        id = str(client.images.get(recipe.tag).id)
    except ImageNotFound:
        return None
    return Image(recipe.kind, recipe.tag, recipe.base.name, id)
