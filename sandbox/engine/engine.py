"""The engine: the shell around the core. It records, makes durable, delivers, asks, in this order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, Final, Protocol, TypeAlias

import orjson

from agents.wire import encode, topic_in
from sandbox.bus.border import admit
from sandbox.bus.control import topic_alive
from sandbox.bus.notice import Linked, Notice, Refused, Unlinked
from sandbox.bus.seam import Bus, Delivery, Happening, LinkBack, LinkLost
from sandbox.clock import Clock
from sandbox.engine.control import Control
from sandbox.engine.core import Core
from sandbox.engine.inbox import Inbox
from sandbox.engine.live import Hear, Live
from sandbox.engine.repeat import Repeat
from sandbox.engine.step import Freeze, Frozen, Noted, Save, Step, Think
from sandbox.errors import BorderError, LinkDown, TranscriptError
from sandbox.ids import RunId
from sandbox.isolation.box import BoxExit, BoxFacts
from sandbox.models.gateway import Gateway, Outcome, Retrying
from sandbox.transcript.event import Event
from sandbox.transcript.kinds import Kind
from sandbox.transcript.store import Store

__all__ = ["Engine", "Freezer", "Keep", "Observer", "Watchers"]

_MARKS: Final = frozenset({"run.started", "run.resumed", "turn.ended", "run.ended"})

Observer: TypeAlias = Callable[[Event, bytes], None]
"""Sees every event once it is durable, with its line in the record."""


class Freezer(Protocol):
    """Makes boxes stand still. Neither call raises for what a box does."""

    async def freeze(self, agent: str, turn: int) -> Frozen:
        """Keep the box's work folder and make all in it stand still."""

    async def thaw(self, agent: str) -> str:
        """Let all in it go on; why it could not, or nothing."""


Keep: TypeAlias = Callable[[str, int], Awaitable[Sequence[Noted]]]
"""Keeps an agent's work folder after a turn; what is to be recorded of it, None if it is as it was."""


@dataclass(frozen=True, slots=True)
class Watchers:
    """Who looks on in this process: ``observe`` at the record, ``hear`` at words as they come."""

    observe: Observer
    hear: Hear | None = None


EVENTS_BYTES: Final = 256 * 1024
"""The most that one message to watchers carries; brokers take 1 MiB at least."""


@dataclass(frozen=True, slots=True)
class BoxUp:
    """A box has started."""

    agent: str
    facts: BoxFacts


@dataclass(frozen=True, slots=True)
class BoxDown:
    """A box has ended, or has not come up (``reason``)."""

    agent: str
    end: BoxExit | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """A model has answered."""

    think: Think
    outcome: Outcome
    ms: float


@dataclass(frozen=True, slots=True)
class Retried:
    """A model failed in passing and will be asked again."""

    think: Think
    retry: Retrying


@dataclass(frozen=True, slots=True)
class Kept:
    """An agent's box was looked at after its turn."""

    save: Save
    noted: Sequence[Noted]


@dataclass(frozen=True, slots=True)
class Froze:
    """An agent's box stands still, or could not be made to."""

    freeze: Freeze
    done: Frozen


@dataclass(frozen=True, slots=True)
class Witnessed:
    """Something was seen beside the turns, at a door or in a box, and is to be recorded.

    ``recorded`` is called with its ``seq`` once it is durable; never, if the run is over.
    """

    kind: Kind
    agent: str
    data: Mapping[str, Any]
    parent: int | None = None
    recorded: Callable[[int], None] | None = None


@dataclass(frozen=True, slots=True)
class StopAsked:
    """The operator wants the run to end."""

    reason: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Time to look at deadlines."""


Input: TypeAlias = (
    Happening
    | Notice
    | BoxUp
    | BoxDown
    | Answered
    | Retried
    | Kept
    | Froze
    | Witnessed
    | StopAsked
    | Tick
)


class Engine:
    """Runs one core against a bus, a store and models."""

    def __init__(
        self,
        run: RunId,
        core: Core,
        *,
        gateway: Gateway,
        store: Store,
        bus: Bus,
        clock: Clock,
        watchers: Watchers,
    ) -> None:
        self.inbox: Inbox[Input] = Inbox()
        self.departed: Inbox[str] = Inbox()
        """Agents that have left or died: their boxes can go."""
        self.keep: Keep | None = None
        """Must be set before ``serve`` if the core keeps folders."""
        self.freezer: Freezer | None = None
        """Makes boxes stand still after flags that ask for it; must be set before ``serve``."""
        self.control: Control | None = None
        """Serves operators and watchers elsewhere."""
        self.repeat: Repeat | None = None
        """The operator's acts of an earlier run, to be done again."""
        self._run = run
        self._core = core
        self._gateway = gateway
        self._store = store
        self._bus = bus
        self._clock = clock
        self._observe = watchers.observe
        self._live = Live(run, bus, clock, watchers.hear)
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._looking: set[asyncio.Task[None]] = set()
        """At boxes. Whoever is not waited for at the end has no answer any more."""
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at: float | None = None
        self._durable = core.state.seq
        """The last event that is on disk."""

    async def serve(self, started: dict[str, Any]) -> None:
        """Play the run to its end. If the house itself fails, the record says so before it is raised."""
        try:
            await self._serve(started)
        except Exception as error:  # whatever it was, it is raised again below
            cause: BaseException = error
            while isinstance(cause, BaseExceptionGroup):
                cause = cause.exceptions[0]
            step = self._core.fail(f"{type(cause).__name__}: {cause}", self._clock.monotonic())
            # It may be the record itself that has failed.
            with suppress(TranscriptError, AssertionError):
                recorded = [(event, self._store.append(event)) for event in step.events]
                await self._store.commit()
                for event, line in recorded:
                    self._observe(event, line)
            raise

    async def _serve(self, started: dict[str, Any]) -> None:
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(self._listen(), name="engine.listen")
            aside = [listening, tasks.create_task(self._live.publish(), name="engine.live")]
            if self.control is not None:
                aside.append(tasks.create_task(self.control.serve(), name="engine.control"))
            now = self._clock.monotonic()
            ended = await self._do(self._repeated(self._core.begin(started, now), now), tasks)
            while not ended:
                self._set_alarm()
                batch = await self.inbox.take()
                now = self._clock.monotonic()
                steps = [s for i in batch for s in self._repeated(self._take_in(i, now), now)]
                ended = await self._do(steps, tasks)
            for task in aside:
                task.cancel()
            for task in (*self._asking.values(), *self._looking):
                task.cancel()
            self._clear_alarm()

    def _repeated(self, step: Step, now: float) -> list[Step]:
        """A step, what follows its flags, and what the operator did behind it in the run that is repeated."""
        steps = [*self._with_reaction(step, now)]
        new = steps
        while self.repeat is not None:
            again = self.repeat.take([event for one in new for event in one.events])
            if again is None:
                break
            done, answer = self._core.operate(again.act, again.author, now)
            new = [*self._with_reaction(done, now)]
            steps += new
            if not answer.done and self._core.state.ended is None:
                verb = again.act.verb
                why = f"the operator's {verb!r} cannot be done again here: {answer.text}"
                steps.append(self._core.stop(why, now))
        return steps

    def _with_reaction(self, step: Step, now: float) -> Iterator[Step]:
        yield step
        reaction = self._core.react(now)
        if reaction is not None:
            yield reaction

    async def _listen(self) -> None:
        async for happening in self._bus.happenings():
            await self.inbox.put(happening)

    # in --------------------------------------------------------------------------------------

    def _take_in(self, item: Input, now: float) -> Step:
        core = self._core
        match item:
            case Delivery():
                return self._delivery(item, now)
            case Answered():
                return core.answer(item.think, item.outcome, item.ms, now)
            case Retried():
                return core.retried(item.think, asdict(item.retry))
            case Tick():
                self._alarm_at = None
                return core.tick(now)
            case Refused() | Linked() | Unlinked() | Witnessed():
                return self._notice(item)
            case LinkLost() | LinkBack():
                return self._link(item, now)
            case BoxUp():
                up = item.facts
                facts = {"tier": up.tier, "pid": up.pid, "uid": up.uid, **up.facts}
                return core.note("box.started", item.agent, facts)
            case BoxDown():
                return core.gone(item.agent, _death(item), now, box=_end(item))
            case Kept():
                return core.kept(item.save, item.noted, now)
            case Froze():
                return core.froze(item.freeze, item.done, now)
            case StopAsked():
                return core.stop(item.reason, now)

    def _link(self, item: LinkLost | LinkBack, now: float) -> Step:
        if isinstance(item, LinkLost):
            return self._core.link_lost(item.why, now)
        return self._core.link_back(now)

    def _notice(self, item: Notice | Witnessed) -> Step:
        if isinstance(item, Witnessed):
            step = self._core.note(item.kind, item.agent, item.data, item.parent)
            step.recorded = item.recorded
            return step
        if not isinstance(item, Refused):
            return Step()
        data = asdict(item)
        return self._core.note("gate.refused", data.pop("agent"), data)

    def _delivery(self, item: Delivery, now: float) -> Step:
        levels = item.topic.split("/")
        if len(levels) == 3 and levels[2] == "control":
            return Step() if self.control is None else self.control.take(item.payload, now)
        channel, agent = (levels[2], levels[3]) if len(levels) > 3 else ("", "")
        if agent not in self._core.state.agents:
            return Step()  # on a shared broker anybody may write to our topics
        if channel == "peer":
            return self._core.peer(agent, levels[4], _peer_text(item.payload), now)
        try:
            admitted = admit(item.payload)
        except BorderError as error:
            sample = item.payload[:200].decode("utf-8", "backslashreplace")
            self._core.refuse(agent, str(error), sample, now)
            return Step()
        envelope = admitted.envelope
        return self._core.message(agent, envelope.id, envelope.re, admitted.body, now)

    # out -------------------------------------------------------------------------------------

    async def _do(self, steps: Sequence[Step], tasks: asyncio.TaskGroup) -> bool:
        """Carry out the steps of one batch: one commit for all; True once the run has ended."""
        recorded = [(e, self._store.append(e)) for step in steps for e in step.events]
        if recorded:
            await self._store.commit()
            self._durable = recorded[-1][0].seq
            for event, line in recorded:
                self._observe(event, line)
        for step in steps:
            if step.recorded is not None and step.events:
                step.recorded(step.events[0].seq)
            await self._follow(step, tasks)
        if self.control is not None:
            await self.control.answer(self._durable)
        if recorded:
            await self._publish_events([line for _, line in recorded])
            if any(event.kind in _MARKS for event, _ in recorded):
                await self._publish_totals()
        return any(step.ended for step in steps)

    async def _follow(self, step: Step, tasks: asyncio.TaskGroup) -> None:
        """Do what a step asks for, now that its events are durable."""
        for message in step.messages:
            payload = encode(message.body, id=message.id, re=message.re, ts=self._clock.now())
            await self._publish(topic_in(self._run, message.agent), payload)
        for agent in step.cancels:
            if (task := self._asking.pop(agent, None)) is not None:
                task.cancel()
        for think in step.thinks:
            self._ask(think, tasks)
        for save in step.saves:
            self._look(self._kept(save), f"keep.{save.agent}.{save.turn}", tasks)
        for freeze in step.freezes:
            self._look(self._froze(freeze), f"freeze.{freeze.agent}", tasks)
        for agent in step.thaws:
            self._look(self._thawed(agent), f"thaw.{agent}", tasks)
        for agent in step.departed:
            self.departed.put_nowait(agent)

    async def _publish(self, topic: str, payload: bytes) -> None:
        try:
            await self._bus.publish(topic, payload)
        except LinkDown:
            return  # whoever waits for it asks again, and offers are repeated when the link is back

    async def _publish_events(self, lines: Sequence[bytes]) -> None:
        """For watchers: recorded events in order; one that is too large is announced by its size."""
        topic, size = f"br/{self._run}/events", 0
        block: list[bytes] = []
        for recorded in lines:
            line = recorded
            if len(line) > EVENTS_BYTES:
                line = recorded[: recorded.index(b",")] + b',"bytes":%d}\n' % len(recorded)
            if size + len(line) > EVENTS_BYTES:
                await self._publish(topic, b"".join(block))
                block, size = [], 0
            block.append(line)
            size += len(line)
        await self._publish(topic, b"".join(block))

    async def _publish_totals(self) -> None:
        """How far the run is and what it has cost, for whoever looks for live runs; nothing once it is over."""
        state = self._core.state
        totals = {"run": self._run, "title": self._core.scenario.title, "turn": state.turn}
        totals |= {"speaker": state.speaker, "totals": asdict(state.totals)}
        payload = b"" if state.ended is not None else orjson.dumps(totals)
        try:
            await self._bus.publish(topic_alive(self._run), payload, retain=True)
        except LinkDown:
            return  # the next turn's end says it again

    def _ask(self, think: Think, tasks: asyncio.TaskGroup) -> None:
        if think.given is not None:
            self.inbox.put_nowait(Answered(think, Outcome(text=think.given, stop="given"), 0.0))
            return
        name = f"think.{think.agent}.{think.turn}"
        self._asking[think.agent] = tasks.create_task(self._asked(think), name=name)

    async def _asked(self, think: Think) -> None:
        start = self._clock.monotonic()
        outcome = await self._gateway.ask(
            think.request,
            words=lambda text: self._live.words(think.agent, text),
            retrying=lambda retry: self.inbox.put_nowait(Retried(think, retry)),
        )
        ms = (self._clock.monotonic() - start) * 1000
        self.inbox.put_nowait(Answered(think, outcome, ms))

    def _look(self, work: Coroutine[Any, Any, None], name: str, tasks: asyncio.TaskGroup) -> None:
        task = tasks.create_task(work, name=name)
        self._looking.add(task)
        task.add_done_callback(self._looking.discard)

    async def _kept(self, save: Save) -> None:
        assert self.keep is not None, "a core that keeps folders needs somebody who does"
        self.inbox.put_nowait(Kept(save, await self.keep(save.agent, save.turn)))

    async def _froze(self, freeze: Freeze) -> None:
        assert self.freezer is not None, "whoever plays in boxes can freeze them"
        self.inbox.put_nowait(Froze(freeze, await self.freezer.freeze(freeze.agent, freeze.turn)))

    async def _thawed(self, agent: str) -> None:
        assert self.freezer is not None
        failed = await self.freezer.thaw(agent)
        if failed:
            why = f"it could not be thawed: {failed}"
            self.inbox.put_nowait(Witnessed("box.frozen", agent, {"why": why}))

    # time ------------------------------------------------------------------------------------

    def _set_alarm(self) -> None:
        due = self._core.due()
        if due is None or (self._alarm_at is not None and self._alarm_at <= due):
            return  # an alarm that comes too early finds nothing to do, and sets the next one
        self._clear_alarm()
        wait = max(0.0, due - self._clock.monotonic())
        loop = asyncio.get_running_loop()
        self._alarm = loop.call_later(wait, self.inbox.put_nowait, Tick())
        self._alarm_at = due

    def _clear_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm, self._alarm_at = None, None


def _death(item: BoxDown) -> dict[str, Any]:
    if item.end is None:
        return {"reason": item.reason, "code": None}
    end = item.end
    how = f"signal {end.signal}" if end.signal is not None else f"exit code {end.code}"
    reason = "out of memory" if end.oom else f"its process ended ({how})"
    data: dict[str, Any] = {"reason": reason, "code": end.code, "signal": end.signal}
    return data | {"tail": end.tail} if end.tail else data


def _end(item: BoxDown) -> dict[str, Any] | None:
    """How the box itself ended, if it ever was."""
    end = item.end
    if end is None:
        return None
    return {"code": end.code, "signal": end.signal, "oom": end.oom, "tail": end.tail}


def _peer_text(payload: bytes) -> str:
    """The words of a message on a direct line: of our own protocol, or whatever bytes were sent."""
    try:
        body = admit(payload).body
        if (text := getattr(body, "text", None)) is not None:
            return str(text)
    except BorderError:
        pass
    return payload[:65536].decode("utf-8", "replace")
