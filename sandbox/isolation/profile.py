"""What every sealed box is held to, as one value: each tier says it in its own words, and each is checked against it.

Sources: CIS Docker Benchmark 1.6 section 5, Kubernetes Pod Security Standards "restricted".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sandbox.isolation.box import BoxLimits
from sandbox.isolation.layout import GID, HOME, PATH, UID

__all__ = ["PROFILE", "Profile", "Tmpfs", "tmpfs"]


@dataclass(frozen=True, slots=True)
class Tmpfs:
    """A writable place in memory. ``size`` is in bytes; setuid files and devices never work there."""

    place: str
    size: int
    mode: str
    owned: bool = False
    """Whether it belongs to the agent; what does not is everybody's in the box."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The parts that no scenario changes. Units: bytes, numbers of files, seconds."""

    uid: int = UID
    gid: int = GID
    hostname: str = "agent"
    home: str = HOME
    tmp: int = 64 << 20
    shm: int = 16 << 20
    nofile: int = 256
    core: int = 0
    oom_score: int = 500
    """Above 0: short of memory, the host ends a box before the house."""
    log: int = 5 << 20
    environment: Mapping[str, str] = field(
        default_factory=lambda: {"PATH": PATH, "HOME": HOME, "LANG": "C.UTF-8"}
    )


PROFILE: Final = Profile()


def tmpfs(limits: BoxLimits) -> tuple[Tmpfs, ...]:
    """The writable places of a box with these limits."""
    return (
        Tmpfs("/tmp", PROFILE.tmp, "1777"),  # noqa: S108 - inside the box
        Tmpfs(PROFILE.home, limits.disk, "0700", owned=True),
    )
