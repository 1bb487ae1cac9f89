"""The image of a docker box: found by the digest of what goes into it, or built from the Dockerfile."""

from __future__ import annotations

import asyncio
import io
import os
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import agents
import sandbox
from sandbox.errors import GuestBuildError
from sandbox.isolation.engine import EngineName, connect
from sandbox.isolation.guest import digest

if TYPE_CHECKING:
    from docker import DockerClient

__all__ = ["DEFAULT_BASE", "Progress", "base_image", "context", "ensure", "prepare"]

Progress: TypeAlias = Callable[[str], None]
"""Where lines go that tell a person what takes so long."""

DEFAULT_BASE: Final = "python:3.12-slim"
HOME_MADE_BASE: Final = "backrooms-base:bookworm"
"""What ``.ci/base-image`` makes of Debian's packages."""
REPOSITORY: Final = "backrooms/agent"
_BUILDING: Final = threading.Lock()


def base_image(client: DockerClient) -> str:
    """The image that ours is built on: what ``BACKROOMS_BASE_IMAGE`` names, else the default one.

    Where the default is not at hand, but one of the same kind that was made here without any
    registry is, that one is taken.
    """
    named = os.environ.get("BACKROOMS_BASE_IMAGE")
    if named:
        return named
    return next(
        (base for base in (DEFAULT_BASE, HOME_MADE_BASE) if client.images.list(base)), DEFAULT_BASE
    )


async def prepare(engine: EngineName, progress: Progress) -> None:
    """Find the image or build it, before anything waits for it.

    Raises GuestBuildError, and TierUnavailable if no engine answers.
    """
    from docker.errors import DockerException

    loop = asyncio.get_running_loop()

    def tell(line: str) -> None:
        loop.call_soon_threadsafe(progress, line)

    def work() -> None:
        client = connect(engine)
        try:
            ensure(client, engine, tell)
        finally:
            client.close()

    try:
        await asyncio.to_thread(work)
    except DockerException as error:
        raise GuestBuildError(f"the engine failed to find or build the image: {error}") from error


def ensure(client: DockerClient, engine: EngineName, progress: Progress) -> str:
    """Find the image or build it; blocks, up to minutes. Returns its id, ``sha256:...``.

    Raises GuestBuildError, and docker.errors.DockerException if the engine fails otherwise.
    """
    from docker.errors import ImageNotFound

    base = base_image(client)
    dockerfile = _dockerfile()
    tag = f"{REPOSITORY}:{digest(base.encode(), dockerfile)}"
    with _BUILDING:
        try:
            return str(client.images.get(tag).id)
        except ImageNotFound:
            progress(f"building the image {tag} on {base} (once)")
        _build(client, tag, base, progress)
        return str(client.images.get(tag).id)


def context(dockerfile: bytes) -> bytes:
    """Write what the engine builds from: the Dockerfile and the package ``agents``, same bytes at every call."""
    package = Path(agents.__file__).parent
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        _add(tar, "Dockerfile", dockerfile)
        for path in sorted(package.rglob("*")):
            place = path.relative_to(package.parent)
            if path.is_file() and "__pycache__" not in place.parts:
                _add(tar, place.as_posix(), path.read_bytes())
    return out.getvalue()


def _dockerfile() -> bytes:
    """The project's Dockerfile: beside this module once installed, at the root in a checkout."""
    house = Path(sandbox.__file__).parent
    for place in (house / "isolation" / "Dockerfile", house.parent / "Dockerfile"):
        if place.is_file():
            return place.read_bytes()
    raise GuestBuildError(f"there is no Dockerfile in '{house}/isolation'. Install backrooms again")


def _build(client: DockerClient, tag: str, base: str, progress: Progress) -> None:
    from docker.errors import APIError

    try:
        lines = client.api.build(
            fileobj=io.BytesIO(context(_dockerfile())),
            custom_context=True,
            tag=tag,
            buildargs={"BASE": base},
            labels={"backrooms.role": "image"},
            network_mode="none",
            rm=True,
            forcerm=True,
            decode=True,
        )
        error = _follow(lines, progress)
    except APIError as failure:
        error = str(failure.explanation or failure)
    if error is not None:
        raise GuestBuildError(
            f"the image {tag} cannot be built on '{base}': {error}. If that image cannot be had here, "
            "name one with Python 3.11 or newer that can: BACKROOMS_BASE_IMAGE=<image>"
        )


def _follow(lines: Iterator[dict[str, Any]], progress: Progress) -> str | None:
    """Tell of each step; the error that ended the build, if one did."""
    error = None
    for line in lines:  # to the end, also behind an error: only there the SDK lets go of its socket
        if "error" in line:
            error = str(line["error"]).strip()
        step = str(line.get("stream") or line.get("status") or "").strip()
        if step.startswith(("Step ", "Pulling ")):
            progress(step)
    return error


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    entry.mode = 0o644
    tar.addfile(entry, io.BytesIO(data))
