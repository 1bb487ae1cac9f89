"""The images that are ours, as an engine has them: which one runs take now, which are used, which are old."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, TypeVar, get_args

from sandbox.isolation.base_image import DEFAULT, HOME_MADE, Base, base_of
from sandbox.isolation.box import ImageKind
from sandbox.isolation.engine import ROLE_LABEL, EngineName
from sandbox.isolation.image_build import KIND_LABEL, REPOSITORY, Recipe

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.errors import APIError

__all__ = ["OurImage", "State", "our_images"]

T = TypeVar("T")

State: TypeAlias = Literal["in use", "current", "old", "part", "base"]
"""Containers are made of it; the next run would take it; no run of this version would; what the engine
remembers of a build's first steps; made here to build on."""
KINDS: Final[Sequence[ImageKind]] = get_args(ImageKind)
BUSY: Final = ("already running", "retrieving label for image")
"""Docker counts for one at a time; Podman lists no images while somebody removes one."""
ASKED: Final = 25
"""Times that a busy engine is asked."""
AGAIN: Final = 0.2
"""Seconds between two of them."""


@dataclass(frozen=True, slots=True)
class OurImage:
    """One image. ``bytes`` is its whole size, ``alone`` what no other image shares: what its removal frees."""

    engine: EngineName
    id: str
    tag: str
    kind: str
    state: State
    bytes: int
    alone: int


def our_images(
    client: DockerClient, engine: EngineName, *, ended: Collection[str] = ()
) -> list[OurImage]:
    """List them, those in use first; containers with an id in ``ended`` do not count as use. Blocks.

    Raises docker.errors.DockerException.
    """
    containers = client.api.containers(all=True)
    used = {one["ImageID"] for one in containers if one["Id"] not in ended}
    current = _current(client)
    shared = _shared(client)
    images = [
        OurImage(
            engine=engine,
            id=one["Id"],
            tag=tag,
            kind=(one.get("Labels") or {}).get(KIND_LABEL, "plain"),
            state=_state(one, tag, used, current),
            bytes=one["Size"],
            alone=shared.get(one["Id"], one["Size"]),
        )
        for one in _when_free(client.api.images)
        for tag in _ours(one)
    ]
    order = get_args(State)
    return sorted(images, key=lambda image: (order.index(image.state), image.tag, image.id))


def _shared(client: DockerClient) -> dict[str, int]:
    """What each image has for itself; nothing while Docker goes on counting for another."""
    from docker.errors import APIError

    try:
        return {one["Id"]: _alone(one) for one in _when_free(client.df).get("Images") or ()}
    except APIError as error:
        if not _is_busy(error):
            raise
    return {}


def _when_free(ask: Callable[[], T]) -> T:
    """What the engine answers as soon as nobody else keeps it from answering."""
    from docker.errors import APIError

    for _ in range(ASKED - 1):
        try:
            return ask()
        except APIError as error:
            if not _is_busy(error):
                raise
        time.sleep(AGAIN)
    return ask()


def _is_busy(error: APIError) -> bool:
    return any(words in str(error) for words in BUSY)


def _current(client: DockerClient) -> set[str]:
    """What runs of this version take: on the base of now, and on those that a default chooses from."""
    bases: list[tuple[ImageKind, Base]] = [(kind, base_of(client, kind)) for kind in KINDS]
    bases += [("plain", Base(DEFAULT)), *((kind, Base(HOME_MADE[kind])) for kind in KINDS)]
    return {Recipe(kind, base).tag for kind, base in bases}


def _ours(image: dict[str, Any]) -> list[str]:
    """Its names of ours, without what an engine puts before them; an empty one for what has lost its name."""
    given = [str(name) for name in image.get("RepoTags") or () if name != "<none>:<none>"]
    if not given:
        role = (image.get("Labels") or {}).get(ROLE_LABEL)
        return [""] if role in {"image", "part", "base"} else []
    names = (re.sub(r"^(docker\.io/(library/)?|localhost/)", "", name) for name in given)
    return [
        name
        for name in names
        if name.rpartition(":")[0] == REPOSITORY or name in HOME_MADE.values()
    ]


def _state(image: dict[str, Any], tag: str, used: set[str], current: set[str]) -> State:
    if image["Id"] in used:
        return "in use"
    if tag in HOME_MADE.values():
        return "base"
    if (image.get("Labels") or {}).get(ROLE_LABEL) == "part":
        return "part"
    return "current" if tag in current else "old"


def _alone(image: dict[str, Any]) -> int:
    size, shared = int(image.get("Size", 0)), int(image.get("SharedSize", 0))
    return max(0, size - max(0, shared))
