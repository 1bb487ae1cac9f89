"""When boxes were connected to an engine's socket; looked at only where a box can reach it at all."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sandbox.clock import SystemClock
from sandbox.isolation.witnesses.foreign import Connection
from sandbox.isolation.witnesses.sight import Root, members, root, who_runs
from sandbox.isolation.witnesses.unix_peers import Listener, Peers, listener_at, within_reach

__all__ = ["Lines"]

GLANCE: Final = 0.01
"""Seconds between looks: an engine needs 15 ms at least for a container. One look costs 0.2 ms."""
SLACK: Final = 0.05
"""Seconds by which the engine's own time for an act may lie beside the connection that asked for it."""
MOST: Final = 256
"""Connections that are remembered: the last ones."""


_CLOCK: Final = SystemClock()
"""Engines tell the machine's time, whatever clock a run is played by."""


@dataclass(slots=True)
class _Line:
    agent: str
    first: float
    last: float
    process: dict[str, Any] | None
    others: int


class Lines:
    """Connections of a run's boxes to the socket at ``path``."""

    def __init__(self, path: Path) -> None:
        self._listener: Listener | None = listener_at(path)
        self.why_not: str | None = None
        self._here: Peers | None = None
        self._boxes: dict[str, tuple[Root, Peers]] = {}
        self._open: dict[int, _Line] = {}
        self._past: deque[_Line] = deque(maxlen=MOST)
        self._reached = asyncio.Event()
        if os.geteuid() != 0:
            self.why_not = "only root may look into the network namespace of a box"

    def follow(self, agent: str, pid: int) -> bool:
        """Look at a box from now on, if it can reach the socket; False if it cannot, or cannot be looked at."""
        if self._listener is None or self.why_not or not within_reach(pid, self._listener):
            return False
        try:
            self._here = self._here or Peers(None, self._listener)
            self._boxes[agent] = (root(pid), Peers(pid, self._listener))
        except OSError as error:
            self.why_not = str(error)
            return False
        self._reached.set()
        return True

    async def watch(self) -> None:
        """Look again and again until cancelled, once there is something to look at."""
        await self._reached.wait()
        while True:
            self.look()
            await asyncio.sleep(GLANCE)

    def look(self) -> None:
        """Look now."""
        now = _CLOCK.now()
        seen: dict[int, str] = {}
        for agent, (_, peers) in self._boxes.items():
            try:
                seen |= dict.fromkeys(peers.connected(), agent)
            except OSError:
                continue  # its namespace has ended
        if seen:
            others = self._others()
            for inode, agent in seen.items():
                line = self._open.get(inode)
                if line is None:
                    process = _holder(self._boxes[agent][0], inode)
                    line = self._open[inode] = _Line(agent, now, now, process, others)
                line.last, line.others = now, max(line.others, others)
        for inode in self._open.keys() - seen.keys():
            self._past.append(self._open.pop(inode))

    def at(self, moment: float) -> list[Connection]:
        """Who was connected at that time, seconds since the epoch."""
        return [
            Connection(line.agent, line.first, line.last, line.process, line.others)
            for line in (*self._past, *self._open.values())
            if line.first - SLACK <= moment <= line.last + SLACK
        ]

    def close(self) -> None:
        """Look no more; may be called twice."""
        for _, peers in self._boxes.values():
            peers.close()
        if self._here is not None:
            self._here.close()
        self._boxes.clear()

    def _others(self) -> int:
        """Connections of this namespace's that are not of this process."""
        if self._here is None:
            return 0
        return len(self._here.connected() - _sockets(os.getpid()))


def _holder(box: Root, inode: int) -> dict[str, Any] | None:
    """The process of a box that has a socket; None if it has ended already."""
    for pid in members(box):
        if inode in _sockets(pid):
            return {"pid": pid, **who_runs(pid)}
    return None


def _sockets(pid: int) -> set[int]:
    found = set()
    try:
        for handle in Path(f"/proc/{pid}/fd").iterdir():
            target = str(handle.readlink())
            if target.startswith("socket:["):
                found.add(int(target[8:-1]))
    except OSError:
        pass
    return found
