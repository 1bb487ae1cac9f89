"""Tier ``docker``: a container of Docker Engine with everything taken away that an agent does not need."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from sandbox.errors import BoxError, TierUnavailable
from sandbox.ids import RunId
from sandbox.isolation.box import BoxExit, BoxFacts, BoxSpec, Tier
from sandbox.isolation.control import Hello
from sandbox.isolation.guestbox import GuestBox
from sandbox.isolation.image import Progress, ensure
from sandbox.isolation.layout import GID, HOME, SOCKETS, UID, GuestPaths, guest_argv
from sandbox.isolation.process import TAIL
from sandbox.isolation.reach import open_to

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

__all__ = ["DockerBox", "container_options", "probe", "remove_containers"]

T = TypeVar("T")

NOFILE: Final = 256
TMP: Final = 64 << 20
SHM: Final = 16 << 20
SECONDS: Final = 60
"""How long the engine may take to answer one request."""
END_SECONDS: Final = 10
GLANCE: Final = 0.2
"""Seconds between looks at a container that has not said hello."""


class DockerBox(GuestBox):
    """A box that is a container, without a network, by the engine that the environment names."""

    _TIER: ClassVar[Tier] = "docker"

    def __init__(self, spec: BoxSpec, *, progress: Progress) -> None:
        super().__init__(spec)
        self._progress = progress
        self._client: DockerClient | None = None
        self._container: Container | None = None
        self._image = ""
        self._greeted_once = False

    async def wait(self) -> BoxExit:
        # The shim hangs up when the container dies. Before its hello there is only looking.
        while not self._greeted_once:
            ...
