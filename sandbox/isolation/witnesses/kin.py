"""Which box a process or a container's id is of, for as long after its end as another system may still tell of it."""

from __future__ import annotations

import re
from typing import Final

from sandbox.clock import Clock, SystemClock
from sandbox.isolation.witnesses.sight import Root, members, root, see

__all__ = ["Kin"]

REMEMBERED: Final = 60.0
"""Seconds for which a process that has ended is known: far less than a number needs to come again."""
_ID: Final = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
SHORTEST: Final = 12
"""Letters of a container's id that systems print at least."""


class Kin:
    """The processes and containers of a run's boxes. ``clock`` tells how long ago a process was seen."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._roots: dict[str, Root] = {}
        self._containers: dict[str, str] = {}
        self._seen: dict[int, tuple[str, float]] = {}

    def add(self, agent: str, pid: int) -> None:
        """A box has started; ``pid`` is its first process."""
        first = self._roots[agent] = root(pid)
        process = see(pid)
        if process is not None and first.group is not None:
            for group in process.groups.values():
                self._containers |= dict.fromkeys(_ID.findall(group), agent)
        self.look()

    def look(self) -> None:
        """See which processes there are now."""
        now = self._clock.monotonic()
        for agent, first in self._roots.items():
            self._seen |= dict.fromkeys(members(first), (agent, now))
        old = [pid for pid, (_, last) in self._seen.items() if now - last > REMEMBERED]
        for pid in old:
            del self._seen[pid]

    def of_process(self, pid: int | None) -> str | None:
        """The agent whose box has, or just had, this process."""
        found = None if pid is None else self._seen.get(pid)
        return None if found is None else found[0]

    def of_container(self, id: str) -> str | None:
        """The agent whose box is the container with this id, or with an id that begins so."""
        if len(id) < SHORTEST:
            return None
        return next(
            (agent for whole, agent in self._containers.items() if whole.startswith(id)), None
        )
