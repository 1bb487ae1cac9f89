"""What a run serves beside its turns: doors, what listens in boxes, and the operator's look at that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.bus.seam import Bus
from sandbox.clock import Clock
from sandbox.engine.budget import Estimate, limits_of, told, used_up
from sandbox.engine.cast import BYTES_PER_TOKEN
from sandbox.engine.core import Core
from sandbox.engine.engine import Input, Keep, Observer, Witnessed
from sandbox.engine.inbox import Inbox
from sandbox.engine.peeking import serve_peeks
from sandbox.engine.services import Services
from sandbox.engine.step import Noted
from sandbox.engine.witnessing import Witnessing, witnesses
from sandbox.errors import BoxError
from sandbox.isolation.box import Box, BoxFacts, BoxSpec
from sandbox.isolation.hole import HoleKind
from sandbox.models.gateway import Gateway, Outcome
from sandbox.models.prices import price
from sandbox.models.provider import Request
from sandbox.scenario.schema import AgentSpec, Scenario
from sandbox.transcript.event import Event
from sandbox.transcript.kinds import Kind

if TYPE_CHECKING:
    from sandbox.isolation.doors import Canaries, Doors
    from sandbox.isolation.witnesses.canaries import CanaryWatch
    from sandbox.isolation.witnesses.seam import Grounds

__all__ = ["Surroundings", "with_served"]


class Surroundings:
    """Of one run. Without a sealed box there is nothing around an agent that could be left ajar.

    Args:
        core: of the run; asked what is spent.
        gateway: leads to the models behind a door.
        grounds: what is watched; the strings that doors plant are kept in the record's folder.
        clock: of the run.
        laid: the folder of a run whose planted strings are laid again; None makes new ones, or takes those
            of this run, if it goes on.
        hole: one that the boxes have for a test; None is what the scenario says.
        out: ids of canaries that this run has brought to light before it goes on.
    """

    def __init__(
        self,
        core: Core,
        gateway: Gateway,
        grounds: Grounds,
        clock: Clock,
        *,
        laid: Path | None = None,
        hole: HoleKind | None = None,
        out: Collection[str] = (),
    ) -> None:
        self._core = core
        self._gateway = gateway
        self._sealed = grounds.tier != "none"
        self._folder = grounds.record
        self._laid = laid or grounds.record
        self._clock = clock
        self._inbox: Inbox[Input] | None = None
        self._services: Services | None = None
        self._canaries = self._strings() if self._sealed else None
        self._outside: CanaryWatch | None = None
        self._doors = self._made() if core.scenario.doors is not None and self._sealed else None
        self._witnessing = self._watched(grounds, hole, out) if self._sealed else None
        core.watch_with(self.seek, self.total)

    def fit(self, spec: BoxSpec, owner: int | None) -> BoxSpec:
        """Make an agent's doors in its folder, for user ``owner``, and say what its box is to be given.

        Raises BoxError.
        """
        if self._doors is not None:
            spec = self._doors.fit(spec, owner)
        return spec if self._witnessing is None else self._witnessing.fit(spec, owner)

    def told(self) -> dict[str, Any]:
        """What the first event says of it; call it once every box has been fitted out."""
        said: dict[str, Any] = {}
        if self._canaries is not None:
            self._canaries.keep(self._folder)
        if self._doors is not None:
            said["doors"] = dict(self._doors.told)
        if self._witnessing is not None:
            said["watch"] = self._witnessing.told()
        return said

    def total(self) -> dict[str, Any]:
        """What the last event says: what the witnesses saw and nothing ties to this run."""
        return {} if self._witnessing is None else self._witnessing.total()

    @asynccontextmanager
    async def laid(self, bus: Bus) -> AsyncIterator[None]:
        """Lay what lies outside the boxes, once all are fitted out, and prove by a drill that it is watched.

        Raises BoxError or DrillFailed: the run must not begin.
        """
        if self._outside is None:
            yield
            return
        async with self._outside.laid(bus):
            yield

    def inhabit(self, raised: Mapping[str, BoxFacts | BoxError]) -> None:
        """The agents' boxes have started, those that did."""
        for agent, facts in raised.items():
            if isinstance(facts, BoxError):
                continue
            if self._doors is not None:
                self._doors.inhabit(agent, facts)
            if self._witnessing is not None:
                self._witnessing.inhabit(agent, facts)

    def heeding(self, observe: Observer) -> Observer:
        """Look on at the record beside another observer."""

        def both(event: Event, line: bytes) -> None:
            observe(event, line)
            if self._services is not None:
                self._services.heed(event)
            if self._witnessing is not None:
                self._witnessing.heed(event)

        return both

    def seek(self, event: Event) -> list[Noted]:
        """What is found in an event, as it is recorded, by whoever knows what lies outside."""
        if self._outside is None:
            return []
        try:
            return [Noted("host.canary", seen.data) for seen in self._outside.seek(event)]
        except Exception as error:  # noqa: BLE001  # a witness that fails is evidence, and ends no run
            self._blind(error)
            return []

    def settling(self, keep: Keep) -> Keep:
        """Have the witnesses look once more whenever a box is looked at after a turn."""

        async def both(agent: str, turn: int) -> Sequence[Noted]:
            if self._witnessing is not None:
                await self._witnessing.settle(agent)
            noted = await keep(agent, turn)
            return [*noted, *await self._in_folder(agent, noted)]

        return both

    async def _in_folder(self, agent: str, noted: Sequence[Noted]) -> list[Noted]:
        """What lies outside and has got into the folder that was kept."""
        saved = [one.data["manifest"] for one in noted if one.kind == "workspace.saved"]
        if self._outside is None or not saved:
            return []
        try:
            found = await self._outside.kept(agent, saved[0])
        except Exception as error:  # noqa: BLE001  # as above
            self._blind(error)
            return []
        return [Noted("host.canary", seen.data) for seen in found]

    def _blind(self, error: Exception) -> None:
        """Nobody looks for what lies outside any more; the record says so."""
        if self._outside is not None and self._witnessing is not None:
            self._witnessing.fail(self._outside.name, error)
            self._outside = None

    @asynccontextmanager
    async def served(
        self, inbox: Inbox[Input], boxes: Mapping[str, Box], runtime: Path
    ) -> AsyncIterator[None]:
        """Serve all of it while the body runs; what is to be recorded goes to ``inbox``."""
        self._inbox = inbox
        if not self._sealed:
            yield
            return
        self._services = Services(boxes, self._tell)
        peeks = serve_peeks(runtime, self._folder, boxes, self._clock)
        async with asyncio.TaskGroup() as tasks:
            sides = [
                tasks.create_task(self._services.watch(), name="services"),
                tasks.create_task(peeks, name="operator.peeks"),
            ]
            if self._doors is not None:
                sides.append(tasks.create_task(self._doors.serve(), name="doors"))
            if self._witnessing is not None:
                sides.append(tasks.create_task(self._witnessing.serve(), name="witnesses"))
            try:
                yield
            finally:
                for task in sides:
                    task.cancel()

    def close(self) -> None:
        """Leave nothing open of a run that could not begin; may be called twice."""
        if self._doors is not None:
            self._doors.close()
        if self._outside is not None:
            self._outside.close()

    # what doors and witnesses are given ------------------------------------------------------

    async def durable(
        self, kind: Kind, agent: str, data: Mapping[str, Any], parent: int | None
    ) -> int:
        assert self._inbox is not None, "nobody is let in before the run is served"
        recorded: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def tell(seq: int) -> None:
            if not recorded.done():
                recorded.set_result(seq)

        await self._inbox.put(Witnessed(kind, agent, data, parent, tell))
        return await recorded

    def soon(self, kind: Kind, agent: str, data: Mapping[str, Any]) -> None:
        self._tell(Witnessed(kind, agent, data))

    async def ask(self, model: str, request: Request) -> Outcome:
        return await self._gateway.ask_model(model, request)

    def spent(self, agent: str, model: str, sent_bytes: int) -> str | None:
        known, tokens = price(model), sent_bytes / BYTES_PER_TOKEN
        money = 0.0 if known is None else tokens * known.input / 1_000_000
        state = self._core.state
        limits = limits_of(self._core.scenario)
        limit = used_up(limits, state, agent, Estimate(tokens, money))
        return None if limit is None else str(told(state, limit)["detail"])

    def _tell(self, item: Witnessed) -> None:
        assert self._inbox is not None
        self._inbox.put_nowait(item)

    def _strings(self) -> Canaries:
        from sandbox.isolation.doors import Canaries  # a run without boxes never loads it

        return Canaries.beside(self._laid)

    def _watched(self, grounds: Grounds, hole: HoleKind | None, out: Collection[str]) -> Witnessing:
        from sandbox.isolation.witnesses.canaries import CanaryWatch

        assert self._canaries is not None
        hole = hole or grounds.scenario.isolation.planted_hole_for_demonstration
        self._outside = CanaryWatch(grounds, self, self._canaries, hole=hole, out=out)
        return Witnessing([*witnesses(grounds, self), self._outside], self)

    def _made(self) -> Doors:
        from sandbox.isolation.doors import Doors  # a run without doors never loads it

        scenario = self._core.scenario
        assert scenario.doors is not None
        assert self._canaries is not None
        return Doors(
            scenario.doors,
            tuple(scenario.agents if scenario.doors.agents is None else scenario.doors.agents),
            behind=self,
            record=self,
            canaries=self._canaries,
            now=self._clock.now,
        )


def with_served(scenario: Scenario) -> Scenario:
    """The scenario with the models behind its door as if they were agents, for whoever makes models ready."""
    if scenario.doors is None or scenario.doors.models is None:
        return scenario
    from sandbox.isolation.doors import served

    specs = {one.model: one for one in scenario.doors.models.serve}
    more = {
        each.asker: AgentSpec(
            model=each.model,
            base_url=specs[each.model].base_url,
            script=specs[each.model].script,
            after_script="loop",
        )
        for each in served(scenario.doors).values()
    }
    return scenario.model_copy(update={"agents": {**scenario.agents, **more}})
