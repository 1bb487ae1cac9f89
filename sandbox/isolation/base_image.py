"""What the image of a box is built on: which image, and the packages of one that is made here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox.isolation.box import ImageKind

if TYPE_CHECKING:
    from docker import DockerClient

__all__ = ["DEFAULT", "HOME_MADE", "PACKAGES", "TOOLS", "VARIABLES", "Base", "base_of"]

DEFAULT: Final = "python:3.12-slim"
HOME_MADE: Final[Mapping[ImageKind, str]] = {
    "plain": "backrooms-base:bookworm",
    "tools": "backrooms-base:bookworm-tools",
}
"""What ``backrooms image build --offline`` makes of Debian's packages."""
VARIABLES: Final[Mapping[ImageKind, str]] = {
    "plain": "BACKROOMS_BASE_IMAGE",
    "tools": "BACKROOMS_TOOLS_BASE",
}
TOOLS: Final = (
    *("curl", "file", "g++", "gcc", "git", "jq", "less", "libc6-dev", "make", "patch"),
    *("python3-venv", "sqlite3", "unzip", "xz-utils"),
)
"""Debian's packages for scenarios with ``isolation: {image: tools}``."""
_LEAST: Final = ("busybox", "procps", "python3")
PACKAGES: Final[Mapping[ImageKind, tuple[str, ...]]] = {"plain": _LEAST, "tools": _LEAST + TOOLS}
"""What a home-made base holds beside Debian's essential packages."""


@dataclass(frozen=True, slots=True)
class Base:
    """An image to build on; ``whole`` is whether it has all that is asked for, so that nothing is fetched."""

    name: str
    whole: bool = True


def base_of(client: DockerClient, kind: ImageKind) -> Base:
    """Say what the image of a kind is built on, as things are with this engine.

    What the environment names; else the default, and where that is not at hand but one that was made
    here is, that one. For tools one that holds them; else the plain base, to which they are fetched.
    """
    named = os.environ.get(VARIABLES[kind])
    if named:
        return Base(named)
    if kind == "tools":
        home_made = HOME_MADE["tools"]
        if client.images.list(home_made):
            return Base(home_made)
        return Base(base_of(client, "plain").name, whole=False)
    at_hand = (name for name in (DEFAULT, HOME_MADE["plain"]) if client.images.list(name))
    return Base(next(at_hand, DEFAULT))
