"""Play a scenario for real: broker, gate, boxes, models, engine; and leave nothing behind."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager, suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Final

from sandbox.bus.broker import EmbeddedBroker
from sandbox.bus.control import new_token, topic_control
from sandbox.bus.gate import Gate
from sandbox.bus.link import MqttBus
from sandbox.bus.rights import Rights
from sandbox.bus.seam import Bus
from sandbox.bus.upstream import Upstream, external, probe
from sandbox.clock import Clock, SystemClock, stamp
from sandbox.detect import detectors
from sandbox.detect.watch import Watch
from sandbox.engine.aftermath import Aftermath
from sandbox.engine.control import Control
from sandbox.engine.core import Core
from sandbox.engine.engine import BoxDown, BoxUp, Engine, Observer, StopAsked, Tick, Watchers
from sandbox.engine.freezing import Freezing
from sandbox.engine.gauging import Gauging
from sandbox.engine.live import Hear
from sandbox.engine.pattern_guard import PatternGuard
from sandbox.engine.plan import Plan, Played
from sandbox.engine.raising import raise_boxes, summary
from sandbox.engine.registry import announce
from sandbox.engine.restoring import Restoring
from sandbox.engine.runtime import RuntimeFolder
from sandbox.engine.started import freeze, started
from sandbox.engine.surroundings import Surroundings, with_served
from sandbox.engine.sweep import sweep
from sandbox.engine.workspaces import Workspaces
from sandbox.errors import BackroomsError, BoxError
from sandbox.finish import finish
from sandbox.ids import AgentId, RunId, run_id
from sandbox.isolation.box import Box, BoxFacts, BoxLimits, BoxSpec, Tier
from sandbox.isolation.layout import UID
from sandbox.isolation.tiers import CONTAINERS, choose, make_box, prepare
from sandbox.isolation.uids import box_uid
from sandbox.isolation.witnesses.seam import Grounds
from sandbox.models.gateway import Gateway
from sandbox.models.known import refuse_retired
from sandbox.models.provider import Provider
from sandbox.models.registry import make_providers
from sandbox.scenario.schema import Scenario
from sandbox.transcript.artifacts import Artifacts
from sandbox.transcript.codec import EVENTS_FILE
from sandbox.transcript.file import FileStore
from sandbox.transcript.record import Record

__all__ = ["play"]

MANY: Final = 4
"""More boxes than this take a moment that somebody may wonder about."""
FAREWELL: Final = 0.5
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
    scenario, clock, resume = plan.scenario, plan.clock or SystemClock(), plan.resume
    await sweep(progress)
    tier = await choose(scenario.least_tier, plan.tier, progress=progress)
    image = await prepare(tier, progress, scenario.isolation.image)
    run, folder = _where(plan, clock)
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
        gateway = Gateway({}, providers)  # who plays is told by the first event, or by the record
        past = None
        if resume is not None:
            past = resume.recall(scenario, gateway.contexts, watch, providers)
        core = Core(scenario, gateway, watch, boxed=tier != "none", past=past, keep_folders=True)
        around = Surroundings(
            core,
            gateway,
            Grounds(run, tier, scenario, folder, runtime.path, plan.host_logs),
            clock,
            laid=plan.canaries,
            hole=plan.hole,
            out=() if past is None else past.out,
        )
        stack.callback(around.close)
        core.look_with(stack.enter_context(closing(PatternGuard())))
        bus = MqttBus(
            upstream, client=f"engine-{run[-4:]}", subscriptions=_topics(run), clock=clock
        )
        await stack.enter_async_context(bus)
        if resume is None or past is None:
            store = FileStore(folder, run, clock, plan.durability)
        else:
            store, torn = resume.open(clock, plan.durability)
            data = resume.resumed(data, past, torn, clock.now())
        stack.callback(_close, store, folder)
        freeze(scenario, folder)
        engine = Engine(
            run,
            core,
            gateway=gateway,
            store=store,
            bus=bus,
            clock=clock,
            watchers=Watchers(around.heeding(observe), hear),
        )
        engine.repeat = plan.repeat
        engine.control = _open_to_operators(runtime, core, upstream, bus, clock, folder)
        if plan.clock is not None:
            plan.clock.moved = lambda: engine.inbox.put_nowait(Tick())
        gate = await stack.enter_async_context(Gate(upstream, notices=engine.inbox.put_nowait))
        boxes = await _boxes(plan, tier, core, runtime, gate, around, progress)
        await stack.enter_async_context(around.laid(bus))
        data |= around.told()
        workspaces = Workspaces(boxes, Artifacts(folder, plan.durability), scenario.isolation.disk)
        _look_after(engine, boxes, workspaces, around, _limits(scenario), clock)
        with _plain_errors():
            async with (
                around.served(engine.inbox, boxes, runtime.path),
                _standing(boxes, tier, progress) as raised,
            ):
                around.inhabit(raised)
                data["boxes"] = summary(raised)
                async with _living(
                    engine, boxes, raised, Restoring(workspaces, past), gate, run, stop
                ):
                    await engine.serve(data)
        return Played(
            run,
            folder,
            core.state.ended or "",
            core.ended_because,
            store.last_hash,
            tuple(watch.failed),
        )


def _where(plan: Plan, clock: Clock) -> tuple[RunId, Path]:
    """The run's id and the folder of its record: new ones, or those of the run that goes on."""
    if plan.resume is not None:
        return plan.resume.run, plan.resume.folder
    run = run_id(stamp=stamp(clock.now()), title=plan.scenario.title, nonce=os.urandom(3))
    return run, plan.root / run


def _close(store: FileStore, folder: Path) -> None:
    """Close the record; that of a run which was cut short before its first event is taken away."""
    store.close()
    with suppress(OSError):
        if not (folder / EVENTS_FILE).stat().st_size:
            shutil.rmtree(folder)


def _topics(run: str) -> tuple[str, ...]:
    """What the engine hears."""
    return (f"br/{run}/out/+", f"br/{run}/peer/+/+", topic_control(run))


def _open_to_operators(
    runtime: RuntimeFolder, core: Core, upstream: Upstream, bus: Bus, clock: Clock, folder: Path
) -> Control:
    """Say how the run can be reached, and serve whoever knows."""
    token = new_token()
    title = core.scenario.title
    announce(runtime, title=title, folder=folder, upstream=upstream, token=token)
    past = partial(Record, folder)
    return Control(runtime.run, token, core, bus=bus, clock=clock, past=past)


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
    core: Core,
    runtime: RuntimeFolder,
    gate: Gate,
    around: Surroundings,
    progress: Callable[[str], None],
) -> dict[str, Box]:
    """Make the folder, the socket and the box of every agent that is not gone; nothing runs yet."""
    limits = _limits(plan.scenario)
    run, agents = runtime.run, core.state.agents
    here = {
        agent
        for agent in plan.scenario.agents
        if agent not in agents or agents[agent].status != "gone"
    }
    boxes: dict[str, Box] = {}
    for index, agent in enumerate(plan.scenario.agents):
        if agent not in here:
            continue
        folder, image = runtime.agent(agent), plan.scenario.isolation.image
        spec = BoxSpec(run, AgentId(agent), folder, limits, index, image=image)
        rights, owner = _rights(run, agent, here), _owner(tier, spec)
        await gate.open(spec.agent, spec.folder, rights, owner_uid=owner)
        boxes[agent] = make_box(tier, around.fit(spec, owner), progress=progress)
    return boxes


def _look_after(
    engine: Engine,
    boxes: Mapping[str, Box],
    workspaces: Workspaces,
    around: Surroundings,
    limits: BoxLimits,
    clock: Clock,
) -> None:
    """Say who looks at boxes after turns, who freezes them, and who reads what they use."""
    if engine.control is not None:
        engine.control.gauging = Gauging(boxes, limits, clock)
    freezing = engine.freezer = Freezing(boxes, workspaces)
    look = Aftermath(boxes, workspaces, limits).look
    engine.keep = around.settling(freezing.sparing(look))


def _limits(scenario: Scenario) -> BoxLimits:
    wanted = scenario.isolation
    return BoxLimits(wanted.memory, wanted.cpu, wanted.pids, wanted.disk, noexec=wanted.noexec)


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
async def _standing(
    boxes: Mapping[str, Box], tier: Tier, progress: Callable[[str], None]
) -> AsyncIterator[dict[str, BoxFacts | BoxError]]:
    """Start every box, and look at it, before the body runs; afterwards all are gone, whatever happened."""
    if len(boxes) > MANY:
        progress(f"Starting {len(boxes)} boxes (tier '{tier}').")
    try:
        yield await raise_boxes(boxes)
    finally:
        await finish(_stop_all(boxes), name="boxes.stop")


@asynccontextmanager
async def _living(
    engine: Engine,
    boxes: Mapping[str, Box],
    raised: Mapping[str, BoxFacts | BoxError],
    restoring: Restoring,
    gate: Gate,
    run: RunId,
    stop: asyncio.Event | None,
) -> AsyncIterator[None]:
    """Tell the engine of the boxes, and of how they end, while the body runs."""
    lives: list[asyncio.Task[None]] = []
    async with asyncio.TaskGroup() as tasks:
        for agent, box in boxes.items():
            life = _live(engine, agent, box, raised[agent], restoring)
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


async def _live(
    engine: Engine, agent: str, box: Box, raised: BoxFacts | BoxError, restoring: Restoring
) -> None:
    happened: BoxUp | BoxDown
    if isinstance(raised, BoxError):
        happened = BoxDown(agent, reason=f"its box did not start: {raised}")
    else:
        happened = BoxUp(agent, raised)
    engine.inbox.put_nowait(happened)
    kept = await restoring.put_back(agent, box=isinstance(happened, BoxUp))
    if kept is not None:
        engine.inbox.put_nowait(kept)
    if isinstance(happened, BoxUp):
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
