"""The Box seam's double: a box without a process, whose programs are functions and whose files are a dict."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeAlias

from agents import workfolder
from sandbox.clock import Clock, SystemClock
from sandbox.errors import BoxError, ShimError
from sandbox.isolation.box import (
    BoxExit,
    BoxFacts,
    BoxSpec,
    BoxStats,
    Exchange,
    ExecResult,
    LimitsMet,
    Service,
    Tier,
)
from sandbox.isolation.folder import File, Folder, Link, Snapshot, Thing

__all__ = ["PROGRAMS", "MemoryBox", "Program"]

Program: TypeAlias = Callable[[Sequence[str], bytes], Awaitable[tuple[int, bytes, bytes]]]
"""Arguments behind the name, and stdin; gives exit code, stdout, stderr."""


async def _cat(_args: Sequence[str], stdin: bytes) -> tuple[int, bytes, bytes]:
    return 0, stdin, b""


async def _echo(args: Sequence[str], _stdin: bytes) -> tuple[int, bytes, bytes]:
    return 0, " ".join(args).encode() + b"\n", b""


async def _false(_args: Sequence[str], _stdin: bytes) -> tuple[int, bytes, bytes]:
    return 1, b"", b""


async def _sleep(args: Sequence[str], _stdin: bytes) -> tuple[int, bytes, bytes]:
    await asyncio.sleep(float(args[0]))
    return 0, b"", b""


PROGRAMS: Final[Mapping[str, Program]] = {
    "cat": _cat, "echo": _echo, "false": _false, "sleep": _sleep,
}  # fmt: skip


class MemoryBox:
    """Keeps files below no folder and runs nothing but the functions it was given."""

    def __init__(
        self,
        spec: BoxSpec,
        *,
        programs: Mapping[str, Program] = PROGRAMS,
        tier: Tier = "none",
        clock: Clock | None = None,
    ) -> None:
        self.spec = spec
        self.files: dict[str, bytes] = {}
        self.modes: dict[str, int] = {}
        """Permissions of files that have others than 0644."""
        self.others: dict[str, Folder | Link] = {}
        """Links, and folders beside those that files lie in."""
        self.services: dict[int, Callable[[bytes], Awaitable[bytes]]] = {}
        """What listens inside, by port: bytes in, bytes out."""
        self._programs = programs
        self._tier = tier
        self._clock = clock or SystemClock()
        self._running = False
        self._thawed = asyncio.Event()
        self._thawed.set()
        self._exit: asyncio.Future[BoxExit] | None = None

    @property
    def tier(self) -> Tier:
        return self._tier

    async def start(self) -> BoxFacts:
        self._exit = asyncio.get_running_loop().create_future()
        self._running = True
        for path, data in self.spec.fittings.files.items():
            await self.put(path, data)
        return BoxFacts(tier=self._tier, pid=None, uid=None)

    async def wait(self) -> BoxExit:
        if self._exit is None:
            raise BoxError(f"the box of '{self.spec.agent}' was never started")
        return await asyncio.shield(self._exit)

    async def exec(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        seconds: float = 30.0,
        limit: int = 1 << 20,
    ) -> ExecResult:
        self._require("exec")
        await self._thawed.wait()
        program = self._programs.get(argv[0])
        if program is None:
            raise ShimError(f"exec: FileNotFoundError: no program {argv[0]!r}")
        began = self._clock.monotonic()
        try:
            code, out, err = await asyncio.wait_for(program(argv[1:], stdin), seconds)
        except TimeoutError:
            took = self._clock.monotonic() - began
            return ExecResult(None, b"", b"", seconds=took, timed_out=True)
        return ExecResult(
            code=code,
            stdout=out[:limit],
            stderr=err[:limit],
            seconds=self._clock.monotonic() - began,
            cut=len(out[limit:]) + len(err[limit:]),
        )

    async def put(self, path: str, data: bytes) -> None:
        self._require("put")
        self.files[_inside("put", path)] = data

    async def get(self, path: str, *, limit: int = 1 << 20) -> bytes:
        self._require("get")
        data = self.files.get(_inside("get", path))
        if data is None or len(data) > limit:
            raise ShimError(f"get: {path!r} is missing or holds more than {limit} bytes")
        return data

    async def snapshot(
        self, *, known: Mapping[str, Thing] | None = None, limit: int = 64 << 20
    ) -> Snapshot:
        self._require("snapshot")
        things: dict[str, Thing] = dict(self.others)
        left_out: dict[str, str] = {}
        size = 0
        for path, data in sorted(self.files.items()):
            for end in (i for i, c in enumerate(path) if c == "/"):
                things.setdefault(path[:end], Folder(0o755))
            size += len(data)
            if size > limit:
                size -= len(data)
                left_out[path] = f"the folder holds more than {limit} bytes with it"
            else:
                mode = self.modes.get(path, 0o644)
                things[path] = File(mode, len(data), hashlib.sha256(data).hexdigest())
        had = known or {}
        contents = {
            path: self.files[path]
            for path, thing in things.items()
            if isinstance(thing, File) and not thing.holds_as(had.get(path))
        }
        return Snapshot(dict(sorted(things.items())), contents, left_out)

    async def restore(self, snapshot: Snapshot) -> None:
        self._require("restore")
        things = snapshot.things
        self.files = {path: snapshot.contents[path] for path in things if path in snapshot.contents}
        self.modes = {p: thing.mode for p, thing in things.items() if isinstance(thing, File)}
        self.others = {p: thing for p, thing in things.items() if not isinstance(thing, File)}

    async def listening(self) -> list[Service]:
        self._require("listening")
        return [Service(port, None, None) for port in sorted(self.services)]

    async def exchange(
        self, port: int, data: bytes, *, seconds: float = 10.0, limit: int = 1 << 20
    ) -> Exchange:
        self._require("exchange")
        if port not in self.services:
            raise ShimError(f"exchange: ConnectionRefusedError: nobody listens on port {port}")
        try:
            async with asyncio.timeout(seconds):
                answer = await self.services[port](data)
        except TimeoutError:
            return Exchange(b"", cut=True)
        return Exchange(answer[:limit], len(answer) > limit)

    async def stats(self) -> BoxStats:
        self._require("stats")
        return BoxStats(memory=sum(map(len, self.files.values())), cpu_seconds=0.0, pids=1)

    async def limits_met(self) -> LimitsMet:
        self._require("limits_met")
        return LimitsMet()

    async def freeze(self) -> None:
        self._thawed.clear()

    async def thaw(self) -> None:
        self._thawed.set()

    async def stop(self) -> None:
        self.die(BoxExit(code=None, signal=9))

    def die(self, how: BoxExit) -> None:
        """End the box as if its first process had ended; nothing if it has ended."""
        self._running = False
        if self._exit is not None and not self._exit.done():
            self._exit.set_result(how)

    def _require(self, op: str) -> None:
        if not self._running:
            raise ShimError(f"{op}: the guest is not connected")


def _inside(op: str, path: str) -> str:
    try:
        return "/".join(workfolder.steps(path))
    except workfolder.PathRefused as error:
        raise ShimError(f"{op}: PathRefused: {error}") from None
