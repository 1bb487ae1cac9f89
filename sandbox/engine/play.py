"""Play a scenario for real: broker, gate, boxes, models, engine; and leave nothing behind."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Final

from sandbox.bus.broker import EmbeddedBroker
from sandbox.bus.gate import Gate
from sandbox.bus.link import MqttBus
from sandbox.bus.rights import Rights
from sandbox.bus.upstream import Upstream, external, probe
from sandbox.clock import SystemClock, stamp
from sandbox.detect import detectors
from sandbox.detect.watch import Watch
from sandbox.engine.cast import cast_of
from sandbox.engine.core import Core
from sandbox.engine.engine import BoxDown, BoxUp, Engine, Observer, StopAsked, Tick, Watchers
from sandbox.engine.live import Hear
from sandbox.engine.plan import Plan, Played
from sandbox.engine.runtime import RuntimeFolder
from sandbox.engine.started import started
from sandbox.engine.surroundings import Surroundings, with_served
from sandbox.engine.sweep import sweep
from sandbox.errors import BackroomsError, BoxError
from sandbox.ids import AgentId, RunId, run_id
from sandbox.isolation.box import Box, BoxLimits, BoxSpec, Tier
from sandbox.isolation.layout import UID
from sandbox.isolation.tiers import CONTAINERS, choose, make_box, prepare
from sandbox.isolation.uids import box_uid
from sandbox.models.gateway import Gateway
from sandbox.models.known import refuse_retired
from sandbox.models.provider import Provider
from sandbox.models.registry import make_providers
from sandbox.scenario.canonical import canonical
from sandbox.transcript.file import FileStore

__all__ = ["play"]

FAREWELL: Final = 2.0
"""Seconds that agents' processes get to end by themselves once the run is over."""


async def play(
    plan: Plan,
    *,
    observe: Observer,
    progress: Callable[[str], None],
    stop: asyncio.Event | None = None,
    hear: Hear | None = None,
) -> Played:
    """Play one run to its end.

    Args:
        plan: what is to be played.
        observe: sees each event once it is durable.
        progress: takes plain sentences about long preparations.
        stop: set it to end the run at once, but in order.
        hear: takes the words of a model as they come, before the answer is whole.

    Raises:
        BackroomsError: the run could not begin. What it had begun is undone.
    """
    scenario, clock = plan.scenario, plan.clock or SystemClock()
    await sweep(progress)
    tier = await choose(scenario.least_tier, plan.tier, progress=progress)
    image = await prepare(tier, progress, scenario.isolation.image)
    run = run_id(stamp=stamp(clock.now()), title=scenario.title, nonce=os.urandom(3))
    folder = plan.root / run
    async with AsyncExitStack() as stack:
        providers = await _ready_models(plan, stack, progress)
        runtime = RuntimeFolder.make(run)
        stack.callback(runtime.remove)
        upstream = await stack.enter_async_context(_broker(plan.bus, runtime.path / "broker"))
        watch = Watch(detectors())
        data = started(
            scenario,
            providers,
            tier=tier,
            durability=plan.durability,
            detectors=watch.names,
            bus={"kind": upstream.kind, "version": upstream.version, "url": upstream.address},
        )
        data |= plan.started
        if image is not None:
            data["image"] = asdict(image)
        gateway = Gateway(cast_of(data), providers)
        core = Core(scenario, gateway, watch, boxed=tier != "none")
        around = Surroundings(core, gateway, tier, folder, clock, laid=plan.canaries)
        stack.callback(around.close)
        topics = (f"br/{run}/out/+", f"br/{run}/peer/+/+")
        bus = MqttBus(upstream, client=f"engine-{run[-4:]}", subscriptions=topics, clock=clock)
        await stack.enter_async_context(bus)
        store = FileStore(folder, run, clock, plan.durability)
        stack.callback(store.close)
        (folder / "scenario.yaml").write_text(canonical(scenario), encoding="utf-8")
        engine = Engine(
            run,
            core,
            gateway=gateway,
            store=store,
            bus=bus,
            clock=clock,
            watchers=Watchers(around.heeding(observe), hear),
        )
        if plan.clock is not None:
            plan.clock.moved = lambda: engine.inbox.put_nowait(Tick())
        gate = await stack.enter_async_context(Gate(upstream, notices=engine.inbox.put_nowait))
        boxes = await _boxes(plan, tier, run, runtime, gate, around, progress)
        data |= around.told()
        with _plain_errors():
            async with (
                around.served(engine.inbox, boxes, runtime.path),
                _living(engine, boxes, around, gate, run, stop),
            ):
                await engine.serve(data)
        return Played(
            run,
            folder,
            core.state.ended or "",
            core.ended_because,
            store.last_hash,
        )


@asynccontextmanager
async def _broker(url: str | None, folder: Path) -> AsyncIterator[Upstream]:
    """The broker at ``url``, or one of our own while the body runs."""
    if url is None:
        async with EmbeddedBroker(folder) as broker:
            yield broker.upstream
        return
    upstream = external(url)
    await probe(upstream, client="backrooms-probe")
    yield upstream


async def _ready_models(
    plan: Plan, stack: AsyncExitStack, progress: Callable[[str], None]
) -> Mapping[str, Provider]:
    scenario = with_served(plan.scenario)
    providers = make_providers(scenario, plan.providers, root=plan.root)
    for provider in providers.values():
        stack.push_async_callback(provider.close)
    for model in dict.fromkeys(spec.model for spec in scenario.agents.values()):
        name, _, rest = model.partition("/")
        if name not in plan.providers:
            refuse_retired(model)
            if name == "local":
                progress(f"Loading {model}.")
        await providers[name].ready(rest)
    return providers


async def _boxes(
    plan: Plan,
    tier: Tier,
    run: RunId,
    runtime: RuntimeFolder,
    gate: Gate,
    around: Surroundings,
    progress: Callable[[str], None],
) -> dict[str, Box]:
    """Make every agent's folder, its socket and its box; nothing runs yet."""
    wanted = plan.scenario.isolation
    limits = BoxLimits(
        wanted.memory, wanted.cpu, wanted.pids, wanted.disk, noexec=wanted.noexec
    )
    boxes: dict[str, Box] = {}
    for index, agent in enumerate(plan.scenario.agents):
        folder = runtime.agent(agent)
        spec = BoxSpec(run, AgentId(agent), folder, limits, index, image=wanted.image)
        rights = _rights(run, agent, plan.scenario.agents)
        owner = _owner(tier, spec)
        await gate.open(spec.agent, spec.folder, rights, owner_uid=owner)
        boxes[agent] = make_box(tier, around.fit(spec, owner), progress=progress)
    return boxes


def _owner(tier: Tier, spec: BoxSpec) -> int | None:
    """The host's uid of whoever is in the box; None for our own."""
    if tier in CONTAINERS:
        return UID
    return box_uid(spec.run, spec.index) if tier == "bubblewrap" and os.geteuid() == 0 else None


def _rights(run: str, agent: str, others: Mapping[str, object] | set[str]) -> Rights:
    """What the agent may publish and hear: its own two topics, and a direct line to each other one."""
    lines = tuple(f"br/{run}/peer/{agent}/{other}" for other in others if other != agent)
    return Rights((f"br/{run}/out/{agent}", *lines), (f"br/{run}/in/{agent}",))


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Raise the error that people can act on, if a group of errors holds one."""
    try:
        yield
    except BaseExceptionGroup as group:
        raise next(_leaves(group), group) from group


def _leaves(error: BaseException) -> Iterator[BackroomsError | OSError]:
    if isinstance(error, BackroomsError | OSError):
        yield error
    elif isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _leaves(part)


@asynccontextmanager
async def _living(
    engine: Engine,
    boxes: Mapping[str, Box],
    around: Surroundings,
    gate: Gate,
    run: RunId,
    stop: asyncio.Event | None,
) -> AsyncIterator[None]:
    """Keep the boxes running while the body runs; afterwards every one is gone, whatever happened."""
    lives: list[asyncio.Task[None]] = []
    try:
        async with asyncio.TaskGroup() as tasks:
            for agent, box in boxes.items():
                life = _live(engine, agent, box, around)
                lives.append(tasks.create_task(life, name=f"box.{agent}"))
            side = [
                tasks.create_task(_bury(engine, boxes, gate, run), name="box.departed"),
            ]
            if stop is not None:
                side.append(tasks.create_task(_heed(engine, stop), name="operator.stop"))
            yield
            await asyncio.wait(lives, timeout=FAREWELL)
            for task in (*lives, *side):
                task.cancel()
    finally:
        await asyncio.shield(_stop_all(boxes))


async def _live(engine: Engine, agent: str, box: Box, around: Surroundings) -> None:
    try:
        facts = await box.start()
    except BoxError as error:
        engine.inbox.put_nowait(BoxDown(agent, reason=f"its box did not start: {error}"))
        return
    engine.inbox.put_nowait(BoxUp(agent, facts))
    around.inhabit(agent, facts)
    engine.inbox.put_nowait(BoxDown(agent, await box.wait()))


async def _bury(engine: Engine, boxes: Mapping[str, Box], gate: Gate, run: RunId) -> None:
    """Close the door behind agents that left or died, and their direct lines."""
    here = set(boxes)
    while True:
        for agent in await engine.departed.take():
            here.discard(agent)
            await gate.close(AgentId(agent))
            await boxes[agent].stop()
        for agent in here:
            gate.grant(AgentId(agent), _rights(run, agent, here))


async def _heed(engine: Engine, stop: asyncio.Event) -> None:
    await stop.wait()
    engine.inbox.put_nowait(StopAsked("stopped by the operator"))


async def _stop_all(boxes: Mapping[str, Box]) -> None:
    async with asyncio.TaskGroup() as tasks:
        for agent, box in boxes.items():
            tasks.create_task(box.stop(), name=f"box.{agent}.stop")
