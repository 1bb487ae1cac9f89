"""What a run serves beside its turns: doors, what listens in boxes, and the operator's look at that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.clock import Clock
from sandbox.engine.budget import Estimate, limits_of, told, used_up
from sandbox.engine.cast import BYTES_PER_TOKEN
from sandbox.engine.core import Core
from sandbox.engine.engine import Input, Observer, Witnessed
from sandbox.engine.inbox import Inbox
from sandbox.engine.peeking import serve_peeks
from sandbox.engine.services import Services
from sandbox.errors import BoxError
from sandbox.isolation.box import Box, BoxFacts, BoxSpec, Tier
from sandbox.models.gateway import Gateway, Outcome
from sandbox.models.prices import price
from sandbox.models.provider import Request
from sandbox.scenario.schema import AgentSpec, Scenario
from sandbox.transcript.event import Event
from sandbox.transcript.kinds import Kind

if TYPE_CHECKING:
    from sandbox.isolation.doors import Doors

__all__ = ["Surroundings", "with_served"]


class Surroundings:
    """Of one run. Without a sealed box there is nothing around an agent that could be left ajar.

    Args:
        core: of the run; asked what is spent.
        gateway: leads to the models behind a door.
        tier: of its boxes.
        folder: of its record; the strings that doors plant are kept there.
        clock: of the run.
        laid: the folder of a run whose planted strings are laid again; None makes new ones, or takes those
            of this run, if it goes on.
    """

    def __init__(
        self,
        core: Core,
        gateway: Gateway,
        tier: Tier,
        folder: Path,
        clock: Clock,
        *,
        laid: Path | None = None,
    ) -> None:
        self._core = core
        self._gateway = gateway
        self._sealed = tier != "none"
        self._folder = folder
        self._laid = laid or folder
        self._clock = clock
        self._inbox: Inbox[Input] | None = None
        self._services: Services | None = None
        self._doors = self._made() if core.scenario.doors is not None and self._sealed else None

    def fit(self, spec: BoxSpec, owner: int | None) -> BoxSpec:
        """Make an agent's doors in its folder, for user ``owner``, and say what its box is to be given."""
        return spec if self._doors is None else self._doors.fit(spec, owner)

    def told(self) -> dict[str, Any]:
        """What the first event says of it; call it once every box has been fitted out."""
        if self._doors is None:
            return {}
        self._doors.canaries.keep(self._folder)
        return {"doors": dict(self._doors.told)}

    def inhabit(self, raised: Mapping[str, BoxFacts | BoxError]) -> None:
        """The agents' boxes have started, those that did."""
        for agent, facts in raised.items():
            if self._doors is not None and isinstance(facts, BoxFacts):
                self._doors.inhabit(agent, facts)

    def heeding(self, observe: Observer) -> Observer:
        """Look on at the record beside another observer."""

        def both(event: Event, line: bytes) -> None:
            observe(event, line)
            if self._services is not None:
                self._services.heed(event)

        return both

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
            try:
                yield
            finally:
                for task in sides:
                    task.cancel()

    def close(self) -> None:
        """Leave nothing open of a run that could not begin; may be called twice."""
        if self._doors is not None:
            self._doors.close()

    # what doors are given --------------------------------------------------------------------

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

    def _made(self) -> Doors:
        from sandbox.isolation.doors import Canaries, Doors  # a run without doors never loads it

        scenario = self._core.scenario
        assert scenario.doors is not None
        return Doors(
            scenario.doors,
            tuple(scenario.agents if scenario.doors.agents is None else scenario.doors.agents),
            behind=self,
            record=self,
            canaries=Canaries.beside(self._laid),
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
