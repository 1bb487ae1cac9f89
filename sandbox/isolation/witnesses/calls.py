"""The witness ``calls``: what boxes asked of the kernel and were denied, and which programs ran in them.

A program is told of once in a turn, with how often it was run. Where the kernel asks nobody (gVisor, Pods),
the box says itself what its tools ran.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sandbox.errors import BoxError
from sandbox.isolation.box import BoxFacts, Tier
from sandbox.isolation.supervisor import why_not
from sandbox.isolation.syscalls import WATCHED
from sandbox.isolation.witnesses.rows import DeniedRows, StartedRows

if TYPE_CHECKING:
    from concurrent.futures import Future

    from sandbox.isolation.supervisor import Denied, Sight, Started, Supervisor
    from sandbox.isolation.supervisor.sight import Told
    from sandbox.isolation.witnesses.seam import Records

__all__ = ["Calls"]

SECOND: Final = 1.0
"""Calls of one kind and program within so many seconds are one event."""
MINUTE: Final = 60.0
"""The same for a box that does not stop: each time it takes twice as long, up to this, until its turn ends."""
GLANCE: Final = 5.0
"""Seconds after which what a long command started is told while it runs."""


@dataclass(slots=True)
class _Lived:
    """One agent's box."""

    sight: Sight
    calls: DeniedRows = field(default_factory=DeniedRows)
    starts: StartedRows = field(default_factory=StartedRows)
    pause: float = SECOND
    telling: asyncio.Lock = field(default_factory=asyncio.Lock)


class Calls:
    """Watches all boxes of one run; ``record`` gets what it sees."""

    name: Final = "calls"

    def __init__(self, tier: Tier, record: Records) -> None:
        self._why = why_not(tier)
        self._record = record
        self._boxes: dict[str, _Lived] = {}
        self._arrived: asyncio.Queue[str] = asyncio.Queue()

    def told(self) -> Mapping[str, Any]:
        """Whether calls are supervised, and which; or why not, and whose word there is of programs."""
        if self._why:
            return {"supervised": False, "why": self._why, "programs": "box"}
        return {"supervised": True, "calls": sorted(WATCHED), "programs": "kernel"}

    def inhabit(self, agent: str, facts: BoxFacts) -> None:
        """An agent's box has started."""
        if facts.sight is not None:
            self._boxes[agent] = _Lived(facts.sight)
            self._arrived.put_nowait(agent)

    async def watch(self) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                agent = await self._arrived.get()
                supervisor = self._boxes[agent].sight.supervisor
                if supervisor is not None:
                    tasks.create_task(self._listen(agent, supervisor), name=f"calls.{agent}")
                    tasks.create_task(self._look(agent, supervisor), name=f"programs.{agent}")

    async def settle(self, agent: str, /) -> None:
        """Tell what ran since the last time, and begin a new turn's count."""
        box = self._boxes.get(agent)
        if box is None:
            return
        if box.sight.supervisor is not None:
            self._tell_denied(agent, box.sight.supervisor.denied_now())
            for rest in box.calls.rest():
                self._record.soon("host.call", agent, _call(rest))
            box.pause = SECOND
            await self._tell_started(agent, box.sight.supervisor)
        try:
            said = await box.sight.told()
        except BoxError:
            said = []  # it has ended, which is told by itself
        for one in said:
            self._tell(agent, box, _words(one))
        if box.starts.left_out:
            left_out = {"left_out": box.starts.left_out, "source": "kernel"}
            self._record.soon("box.exec", agent, left_out)
        box.starts = StartedRows()

    async def _listen(self, agent: str, supervisor: Supervisor) -> None:
        box, clock = self._boxes[agent], asyncio.get_running_loop().time
        asked = clock()
        try:
            while found := await supervisor.denied():
                self._tell_denied(agent, found)
                box.pause = SECOND if clock() - asked > SECOND else min(2 * box.pause, MINUTE)
                await asyncio.sleep(box.pause)
                asked = clock()
        except Exception as error:  # noqa: BLE001 - it is evidence, and of this box alone
            self._record.soon("witness.failed", agent, _failed(self.name, error))

    def _tell_denied(self, agent: str, found: Iterable[Denied]) -> None:
        for one in self._boxes[agent].calls.now(found):
            self._record.soon("host.call", agent, _call(one))

    async def _look(self, agent: str, supervisor: Supervisor) -> None:
        while True:
            await asyncio.sleep(GLANCE)
            await self._tell_started(agent, supervisor)

    async def _tell_started(self, agent: str, supervisor: Supervisor) -> None:
        box = self._boxes[agent]
        async with box.telling:  # in the order in which they started
            found, left_out = supervisor.started()
            box.starts.left_out += left_out
            for one in found:
                digest = None if one.digest is None else await _done(one.digest)
                self._tell(agent, box, _start(one, digest))

    def _tell(self, agent: str, box: _Lived, data: Mapping[str, Any]) -> None:
        if box.starts.take(data["program"], data.get("count", 1)):
            self._record.soon("box.exec", agent, data)


async def _done(digest: Future[str | None]) -> str | None:
    """Wait, and if that is cancelled leave it to the others that wait."""
    return await asyncio.shield(asyncio.wrap_future(digest))


def _failed(name: str, error: Exception) -> dict[str, Any]:
    return {
        "witness": name,
        "error": f"{type(error).__name__}: {error}",
        "technique": "sandbox-tamper",
        "level": "tampered",
        "what": f"the witness '{name}' watches this box no more; what it denied does not exist there now",
    }


def _call(one: Denied) -> dict[str, Any]:
    return {
        "call": one.call,
        "args": list(one.args),
        "pid": one.pid,
        "program": one.caller.program,
        "command": one.caller.command,
        "count": one.count,
        "technique": one.technique,
        "level": one.level,
        "what": one.what,
    }


def _start(one: Started, digest: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "argv": None if one.argv is None else list(one.argv),
        "program": one.program,
        "cwd": one.cwd,
        "pid": one.pid,
        "source": "kernel",
    }
    if one.file is not None:
        found |= {"inode": one.file.inode, "device": one.file.device}
    if digest is not None:
        found["sha256"] = digest
    if one.count > 1:
        found["count"] = one.count
    return found


def _words(one: Told) -> dict[str, Any]:
    return {
        "argv": list(one.argv),
        "program": one.argv[0] if one.argv else None,
        "cwd": one.cwd,
        "pid": one.pid,
        "exit": one.exit,
        "seconds": round(one.seconds, 3),
        "source": "box",
    }
