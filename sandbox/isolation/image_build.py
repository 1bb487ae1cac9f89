"""Builds the image of a box by an engine, from bytes that are the same at every call."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import agents
import sandbox
from sandbox.errors import GuestBuildError
from sandbox.isolation.base_image import TOOLS, VARIABLES, Base
from sandbox.isolation.box import ImageKind
from sandbox.isolation.engine import ROLE_LABEL
from sandbox.isolation.guest import digest

if TYPE_CHECKING:
    from docker import DockerClient

__all__ = ["KIND_LABEL", "REPOSITORY", "Progress", "Recipe", "build", "context"]

Progress: TypeAlias = Callable[[str], None]
"""Where lines go that tell a person what takes so long."""

REPOSITORY: Final = "backrooms/agent"
KIND_LABEL: Final = "backrooms.image"
_LONGEST: Final = 120


@dataclass(frozen=True, slots=True)
class Recipe:
    """What an image is made of."""

    kind: ImageKind
    base: Base

    @property
    def tools(self) -> str:
        """The packages that it must have beside its base's own, as the Dockerfile takes them."""
        return " ".join(TOOLS) if self.kind == "tools" else ""

    @property
    def tag(self) -> str:
        """Its name: another one as soon as anything that goes into it is another."""
        mark = digest(self.base.name.encode(), _dockerfile(), self.tools.encode())
        return f"{REPOSITORY}:{'tools-' if self.kind == 'tools' else ''}{mark}"


def build(client: DockerClient, recipe: Recipe, progress: Progress) -> None:
    """Build the image; what the engine remembers of earlier builds is not done again. Blocks, up to minutes.

    Raises GuestBuildError, and docker.errors.DockerException if the engine fails otherwise.
    """
    from docker.errors import APIError

    try:
        lines = client.api.build(
            fileobj=io.BytesIO(context(_dockerfile())),
            custom_context=True,
            tag=recipe.tag,
            buildargs={"BASE": recipe.base.name, "TOOLS": recipe.tools},
            labels={ROLE_LABEL: "image", KIND_LABEL: recipe.kind},
            network_mode="none" if recipe.base.whole else None,
            rm=True,
            forcerm=True,
            decode=True,
        )
        error = _follow(lines, progress)
    except APIError as failure:
        error = str(failure.explanation or failure)
    if error is not None:
        offline = "backrooms image build --offline" + " --tools" * (recipe.kind == "tools")
        raise GuestBuildError(
            f"the image {recipe.tag} cannot be built on '{recipe.base.name}': {error}. If that image "
            f"cannot be had here, make one of Debian's packages (`{offline}`), or name one with "
            f"Python 3.11 or newer: {VARIABLES[recipe.kind]}=<image>"
        )


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


def _follow(lines: Iterator[dict[str, Any]], progress: Progress) -> str | None:
    """Tell of each step; the error that ended the build, if one did, with what was said before it."""
    error, said = None, ""
    for line in lines:  # to the end, also behind an error: only there the SDK lets go of its socket
        words = str(line.get("stream") or line.get("status") or "").strip()
        if "error" in line:
            error = " ".join((said, str(line["error"]).strip())).strip()
        elif _is_step(words):
            progress(" ".join(words.split())[:_LONGEST])
        elif words and not words.startswith(("--->", "Removing intermediate")):
            said = words.splitlines()[-1][:_LONGEST]
    return error


def _is_step(words: str) -> bool:
    # Docker's own builder, and Podman's, which numbers the stages before.
    return words.startswith(("Step ", "STEP ", "Pulling ")) or (
        words.startswith("[") and "] STEP " in words[:16]
    )


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    entry.mode = 0o644
    tar.addfile(entry, io.BytesIO(data))
