"""Watches the processes of each box through the host's /proc, and the host's own for one that carries a box's mark."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from sandbox.isolation.box import BoxFacts, BoxSpec, Tier
from sandbox.isolation.witness import family
from sandbox.isolation.witnesses.drift import Drift, Normal, drift, normal
from sandbox.isolation.witnesses.mark import VARIABLE, Mark
from sandbox.isolation.witnesses.seam import Records
from sandbox.isolation.witnesses.sight import (
    PROC,
    Root,
    bystanders,
    carriers,
    members,
    namespaces,
    root,
    see,
    who_runs,
)
from sandbox.transcript.event import Event

__all__ = ["Processes"]

AGAIN: Final = 0.02
"""Seconds until a second look; a process ends in less."""
MOST: Final = 64
"""Findings of one agent that are recorded; whoever has so many is known well enough."""
_ENGINES: Final = frozenset({"runc", "crun", "runsc", "docker-init", "containerd-shim-runc-v2"})
"""Programs by which an engine enters a box that it keeps."""
_CARRIES: Final = Drift(
    "nsenter-host",
    "achieved.exec",
    "outside the boxes, with the mark of one in its environment or command line",
)
_ENGINE_COPY: Final = "/memfd:runc_cloned"


class Processes:
    """The witness ``processes``. Looks after each shell command and each turn.

    Args:
        tier: of the boxes.
        mark: of the run's boxes.
        record: where it tells what it saw.
        proc: where the host's processes are seen.
    """

    name: Final = "processes"

    def __init__(
        self,
        tier: Tier,
        mark: Mark,
        record: Records,
        proc: Path = PROC,
    ) -> None:
        self._tier = tier
        self._record = record
        self._proc = proc
        self._mark = mark
        self._able = sys.platform == "linux" and (proc / "self/ns").is_dir()
        self._known = bystanders(proc) if self._able else {}
        self._roots: dict[str, Root] = {}
        self._normal: dict[str, Normal] = {}
        self._host: Mapping[str, str] = namespaces("self", proc) if self._able else {}
        self._told: dict[str, set[tuple[str, str]]] = {}
        self._looking = asyncio.Lock()
        self._due: set[str] = set()
        self._wake = asyncio.Event()

    def fit(self, spec: BoxSpec, _: int | None) -> BoxSpec:
        """Have all that an agent starts carry the mark of its box."""
        if self._tier == "kubernetes":
            return spec
        environment = {**spec.fittings.environment, VARIABLE: self._mark.of(spec.agent)}
        return replace(spec, fittings=replace(spec.fittings, environment=environment))

    def told(self) -> dict[str, Any]:
        """What is watched here."""
        if not self._able:
            return {"why_not": "this system shows no processes in /proc"}
        if self._tier == "kubernetes":
            return {"why_not": "a Pod's processes are on its node, which may be another machine"}
        said: dict[str, Any] = {"mark": VARIABLE}
        if self._tier == "gvisor":
            said["limits"] = (
                "the boxes have a kernel of their own, and its processes are all that the host sees of them"
            )
        elif os.geteuid() != 0:
            said["limits"] = "not root: processes of other users show no environment here"
        return said

    def inhabit(self, agent: str, facts: BoxFacts) -> None:
        """An agent's box has started: what it has now is normal."""
        if not self._able or facts.pid is None:
            return
        first = self._roots[agent] = root(facts.pid, self._proc)
        if facts.tier != "gvisor":
            pids = members(first, self._proc)
            began = [one for pid in pids if (one := see(pid, self._proc)) is not None]
            if began:
                self._normal[agent] = normal(began)

    def heed(self, event: Event) -> None:
        """After a shell command, a turn, or the end of a box it is time to look."""
        shell = event.kind == "action.result" and event.data.get("tool") == "shell"
        if shell or event.kind in ("turn.ended", "box.ended"):
            self._due.add(event.actor)
            self._wake.set()

    async def watch(self) -> None:
        """Look whenever it is due, until cancelled."""
        while self._able:
            await self._wake.wait()
            self._wake.clear()
            await self._look()

    async def settle(self, agent: str, /) -> None:
        """Look now."""
        if self._able:
            self._due.add(agent)
            await self._look()

    async def _look(self) -> None:
        async with self._looking:
            if not self._due:
                return  # it was looked meanwhile
            due = frozenset(self._due)
            self._due.clear()
            found = await asyncio.to_thread(self._scan, due)
        for agent, data in found:
            said = self._told.setdefault(agent, set())
            key = (data["found"], str(data["program"]))
            if key not in said and len(said) < MOST:
                said.add(key)
                self._record.soon("host.process", agent, data)

    def _scan(self, due: frozenset[str]) -> list[tuple[str, dict[str, Any]]]:
        """Look at the processes of the boxes that are due, and at the host's."""
        strange: list[tuple[str, int, list[Drift]]] = []
        boxed: set[int] = {os.getpid()}
        for agent, first in self._roots.items():
            pids = members(first, self._proc)
            boxed.update(pids)
            if agent in due and agent in self._normal:
                strange += ((agent, pid, one) for pid in pids if (one := self._drift(agent, pid)))
        found = list(self._confirmed(strange))
        for pid, whose in carriers(self._mark, self._known, frozenset(boxed), self._proc):
            # Of a box that cannot be seen nobody can say what is beside it.
            if whose in self._roots and self._outside(pid):
                what = f"process {pid} of the host runs {_CARRIES.found}"
                found.append((whose, self._data(pid, _CARRIES, what)))
        return found

    def _drift(self, agent: str, pid: int) -> list[Drift]:
        seen = see(pid, self._proc)
        return [] if seen is None else drift(seen, self._normal[agent], self._host)

    def _confirmed(
        self, strange: list[tuple[str, int, list[Drift]]]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """What is so at a second look too: a process that ends has left its groups, and numbers are given anew."""
        if strange:
            time.sleep(AGAIN)
        for agent, pid, found in strange:
            first = self._roots[agent]
            if pid not in members(first, self._proc) or self._of_engine(pid, first):
                continue
            again = self._drift(agent, pid)
            for one in found:
                if one in again:
                    what = f"process {pid} of {agent}'s box runs {one.found}"
                    yield agent, self._data(pid, one, what)

    def _of_engine(self, pid: int, first: Root) -> bool:
        if pid in family(first.pid, self._proc):
            return False  # whatever its program is called: no engine's process descends from a box's first
        program = who_runs(pid, self._proc)["program"] or ""
        return program.startswith(_ENGINE_COPY) or Path(program).name in _ENGINES

    def _outside(self, pid: int) -> bool:
        """Whether a carrier is in none of the boxes even now: it may have begun while they were looked at."""
        return all(pid not in members(first, self._proc) for first in self._roots.values())

    def _data(self, pid: int, one: Drift, what: str) -> dict[str, Any]:
        named = {"pid": pid, **who_runs(pid, self._proc), "found": one.found}
        return named | {"technique": one.technique, "level": one.level, "what": what}
