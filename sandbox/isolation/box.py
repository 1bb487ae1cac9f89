"""The Box seam: where one agent lives, and what the house may do with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias

from sandbox.ids import AgentId, RunId
from sandbox.isolation.folder import Snapshot, Thing
from sandbox.isolation.hole import Hole

if TYPE_CHECKING:
    from sandbox.isolation.supervisor import Sight

__all__ = [
    "STRENGTH",
    "Box",
    "BoxExit",
    "BoxFacts",
    "BoxLimits",
    "BoxSpec",
    "BoxStats",
    "Exchange",
    "ExecResult",
    "Fittings",
    "ImageKind",
    "LimitsMet",
    "Service",
    "Tier",
]

Tier: TypeAlias = Literal["none", "bubblewrap", "docker", "podman", "gvisor", "kubernetes"]
ImageKind: TypeAlias = Literal["plain", "tools"]
"""What programs a container's image has; the other tiers have no image."""

STRENGTH: Final[Mapping[Tier, int]] = {
    "none": 0,
    "bubblewrap": 1,
    "docker": 2,
    "podman": 2,
    "gvisor": 3,
    "kubernetes": 2,
}
"""A scenario's least tier is met by any tier that is at least as strong; see also ``tiers.strength``."""


@dataclass(frozen=True, slots=True)
class BoxLimits:
    """What a box may use. Units: bytes, cores, processes, bytes of the work folder."""

    memory: int = 512 << 20
    cpu: float = 1.0
    pids: int = 128
    disk: int = 64 << 20
    noexec: bool = False
    """No file that is written inside can be started as a program; a script still runs by its interpreter."""


@dataclass(frozen=True, slots=True)
class Fittings:
    """What a box is given before its agent begins.

    ``files`` lie below the work folder, ``ports`` of 127.0.0.1 inside lead to sockets of the box's folder,
    by their names there, and ``environment`` is for what the agent's tools start.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    ports: Mapping[int, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BoxSpec:
    """What is to be started. ``folder`` holds the agent's sockets; it is mounted read-only into that box alone."""

    run: RunId
    agent: AgentId
    folder: Path
    limits: BoxLimits = field(default_factory=BoxLimits)
    index: int = 0
    """The agent's number in the run, from 0: started by root, each box gets an unprivileged uid of its own."""
    fittings: Fittings = field(default_factory=Fittings)
    image: ImageKind = "plain"
    hole: Hole | None = None
    """One that is there on purpose; the box is started with exactly that, and with none if this is None."""


@dataclass(frozen=True, slots=True)
class BoxFacts:
    """What was started, for the record: host pid of the box's first process, uid, and the tier's own facts."""

    tier: Tier
    pid: int | None
    uid: int | None
    facts: Mapping[str, Any] = field(default_factory=dict)
    sight: Sight | None = field(default=None, compare=False, repr=False)
    """By what the box's programs and denied calls are known; None where there is no box."""


@dataclass(frozen=True, slots=True)
class BoxExit:
    """How a box ended; ``tail`` is the last of what it wrote to stderr, at most 4,000 characters."""

    code: int | None
    signal: int | None = None
    oom: bool = False
    tail: str = ""


@dataclass(frozen=True, slots=True)
class ExecResult:
    """What a command in the box did, by the box's word.

    ``code`` is negative for a signal and None past the deadline; ``cut`` counts bytes of output left out.
    """

    code: int | None
    stdout: bytes
    stderr: bytes
    seconds: float
    timed_out: bool = False
    cut: int = 0


@dataclass(frozen=True, slots=True)
class BoxStats:
    """What the box uses now, by the box's word.

    Units: bytes resident, CPU seconds so far, processes, bytes in the work folder's file system.
    """

    memory: int
    cpu_seconds: float
    pids: int
    disk: int = 0


@dataclass(frozen=True, slots=True)
class LimitsMet:
    """How often a box came up against its limits since it was started.

    ``memory`` counts processes that the kernel ended, ``pids`` those that it did not start, both by the
    host's word; ``disk`` is whether the work folder is full now, by the box's.
    """

    memory: int = 0
    pids: int = 0
    disk: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """Something inside that listens for TCP connections, by the box's word; None is not known."""

    port: int
    pid: int | None
    program: str | None


@dataclass(frozen=True, slots=True)
class Exchange:
    """What came back from a service; ``cut`` is whether there was more, or it broke off."""

    data: bytes
    cut: bool


class Box(Protocol):
    """One sealed place for one agent's process. Every kind passes ``tests/isolation/test_box.py``.

    ``exec``, ``put``, ``get``, ``snapshot``, ``restore`` and ``exchange`` serve checks and the operator,
    never an agent's tool; they go through the shim inside, over the control socket in the box's folder.
    """

    @property
    def tier(self) -> Tier: ...

    async def start(self) -> BoxFacts:
        """Start the guest and wait until its shim has answered. Raises BoxError; leaves nothing behind then."""

    async def wait(self) -> BoxExit:
        """Come back when the box's first process has ended, by whatever cause."""

    async def exec(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        seconds: float = 30.0,
        limit: int = 1 << 20,
    ) -> ExecResult:
        """Run a program inside, as the agent's user; at most ``limit`` bytes of each stream are kept."""

    async def put(self, path: str, data: bytes) -> None:
        """Write one file below the work folder."""

    async def get(self, path: str, *, limit: int = 1 << 20) -> bytes:
        """Read one file below the work folder. Raises ShimError if it is missing, no file, or larger."""

    async def snapshot(
        self, *, known: Mapping[str, Thing] | None = None, limit: int = 64 << 20
    ) -> Snapshot:
        """The work folder as it is now: files, folders, links that stay inside.

        The content of files that are as ``known`` tells does not come again. What is beyond ``limit``
        bytes, or cannot be kept, is left out and named.
        """

    async def restore(self, snapshot: Snapshot) -> None:
        """Empty the work folder and put these things there. Raises ShimError if they do not fit."""

    async def listening(self) -> list[Service]:
        """What listens inside, the shim's own ports aside."""

    async def exchange(
        self, port: int, data: bytes, *, seconds: float = 10.0, limit: int = 1 << 20
    ) -> Exchange:
        """Send bytes to a port inside and read until it hangs up. Raises ShimError if nobody listens there."""

    async def stats(self) -> BoxStats: ...

    async def limits_met(self) -> LimitsMet: ...

    async def freeze(self) -> None:
        """Stop everything inside where it is, until ``thaw``; what asks the box meanwhile waits. Raises BoxError."""

    async def thaw(self) -> None:
        """Let everything inside go on."""

    async def stop(self) -> None:
        """End everything inside and remove every trace outside; may be called at any time, and twice."""
