"""Who watches the boxes of a run from outside: made for its tier, told of in its record, and kept going."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from sandbox.isolation.box import BoxFacts, BoxSpec
from sandbox.transcript.event import Event

if TYPE_CHECKING:
    from sandbox.isolation.witnesses import Grounds, HostWitness, Records

__all__ = ["Witnessing", "witnesses"]


def witnesses(grounds: Grounds, record: Records) -> list[HostWitness]:
    """Make the witnesses of a run; none where nobody is in a box."""
    if grounds.tier == "none":
        return []
    from sandbox.isolation.witnesses.calls import Calls
    from sandbox.isolation.witnesses.engine_events import engines
    from sandbox.isolation.witnesses.host_logs import HostLogs
    from sandbox.isolation.witnesses.mark import Mark
    from sandbox.isolation.witnesses.processes import Processes
    from sandbox.isolation.witnesses.settings import Settings

    mark = Mark(tuple(grounds.scenario.agents))
    return [
        Calls(grounds.tier, record),
        Processes(grounds.tier, mark, record),
        *engines(grounds, mark, record),
        Settings(record),
        *((HostLogs(grounds.logs, record),) if grounds.logs else ()),
    ]


class Witnessing:
    """Keeps the witnesses of one run going; one that fails is recorded, and ends nothing.

    Args:
        witnesses: who watches.
        record: where they tell what they saw.
    """

    def __init__(self, witnesses: Sequence[HostWitness], record: Records) -> None:
        # A run without boxes loads nothing of it.
        from sandbox.isolation.witnesses.seam import Fits, Heeds, Settles, Totals

        self._witnesses = list(witnesses)
        self._record = record
        self._fitting = [one for one in self._witnesses if isinstance(one, Fits)]
        self._heeding = [(one.name, one) for one in self._witnesses if isinstance(one, Heeds)]
        self._settling = [(one.name, one) for one in self._witnesses if isinstance(one, Settles)]
        self._totalling = [one for one in self._witnesses if isinstance(one, Totals)]
        self._failed: set[str] = set()

    def fit(self, spec: BoxSpec, owner: int | None) -> BoxSpec:
        """Give an agent's box, of user ``owner``, what the witnesses need in it. Raises BoxError."""
        for one in self._fitting:
            spec = one.fit(spec, owner)
        return spec

    def told(self) -> dict[str, Any]:
        """What the first event says: each witness by its name, and what it watches."""
        return {one.name: dict(one.told()) for one in self._witnesses}

    def total(self) -> dict[str, Any]:
        """What the last event says: each witness that counted something which nothing ties to the run."""
        counted = {one.name: dict(one.total()) for one in self._totalling}
        return {name: total for name, total in counted.items() if total}

    def inhabit(self, agent: str, facts: BoxFacts) -> None:
        """An agent's box has started."""
        for one in self._witnesses:
            if one.name not in self._failed:
                self._try(one.name, partial(one.inhabit, agent, facts))

    def heed(self, event: Event) -> None:
        """Show a recorded event to those that look at the record."""
        for name, one in self._heeding:
            if name not in self._failed:
                self._try(name, partial(one.heed, event))

    async def settle(self, agent: str) -> None:
        """Have those that can look once more, after a turn that acted in a box."""
        async with asyncio.TaskGroup() as tasks:
            for name, one in self._settling:
                if name not in self._failed:
                    task = self._guard(name, one.settle(agent))
                    tasks.create_task(task, name=f"witness.{name}.settle")

    async def serve(self) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for one in self._witnesses:
                task = self._guard(one.name, one.watch())
                tasks.create_task(task, name=f"witness.{one.name}")

    def _try(self, name: str, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001  # a witness that fails is evidence, and ends no run
            self.fail(name, error)

    async def _guard(self, name: str, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001  # as above
            self.fail(name, error)

    def fail(self, name: str, error: Exception) -> None:
        """Record that a witness has failed, once; it is asked nothing more."""
        if name in self._failed:
            return
        self._failed.add(name)
        told: Mapping[str, Any] = {
            "witness": name,
            "error": f"{type(error).__name__}: {error}",
            "technique": "sandbox-tamper",
            "level": "tampered",
            "what": f"the witness '{name}' watches no more",
        }
        self._record.soon("witness.failed", "engine", told)
