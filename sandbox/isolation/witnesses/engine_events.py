"""Watches a container engine for what nobody here asked of it, and who of a run's boxes was connected to it then."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from sandbox.clock import SystemClock
from sandbox.isolation.box import BoxFacts
from sandbox.isolation.engine import ENGINES, RUN_LABEL, EngineName
from sandbox.isolation.tiers import CONTAINERS
from sandbox.isolation.witnesses.engine_api import EngineError, events, inspect
from sandbox.isolation.witnesses.foreign import (
    OF_THE_HOUSE,
    Act,
    Known,
    plain_words,
    read_act,
    whose,
)
from sandbox.isolation.witnesses.lines import Lines
from sandbox.isolation.witnesses.mark import Mark
from sandbox.isolation.witnesses.seam import Grounds, Records
from sandbox.transcript.event import Event

__all__ = ["EngineEvents", "engines"]

AGAIN: Final = 1.0
"""Seconds until an engine that hung up is asked again."""
GIVE_UP: Final = 60.0
"""Seconds without an answer after which nobody can say that the engine is watched."""
BEHIND: Final = 0.25
"""Seconds within which an engine tells of what it did."""
WORDS: Final = 256 << 10
"""Characters of what an agent asked its box to do that are kept, where its box can reach the engine."""
MOST: Final = 64
"""Acts of one agent that are recorded."""


_CLOCK: Final = SystemClock()
"""Engines tell the machine's time, whatever clock a run is played by."""


def engines(grounds: Grounds, mark: Mark, record: Records) -> list[EngineEvents]:
    """A witness for each engine that is here: that of the tier, and Docker's wherever its socket is."""
    own, found = CONTAINERS.get(grounds.tier, "docker"), []
    names: tuple[EngineName, ...] = ("docker",) if own == "docker" else (own, "docker")
    for name in names:
        kind, _, path = ENGINES[name].address().partition("://")
        if kind in {"unix", "http+unix"} and Path(path).is_socket():
            found.append(EngineEvents(name, Path(path), grounds, mark, record))
    return found


class EngineEvents:
    """The witness ``engine.docker`` or ``engine.podman``.

    Args:
        engine: its name.
        path: of its socket.
        grounds: what is watched.
        mark: of the run's boxes.
        record: where it tells what it saw.
    """

    def __init__(
        self, engine: EngineName, path: Path, grounds: Grounds, mark: Mark, record: Records
    ) -> None:
        self.name = f"engine.{engine}"
        self._engine = engine
        self._path = path
        self._run = str(grounds.run)
        self._agents = tuple(grounds.scenario.agents)
        self._live = str(grounds.live.resolve())
        self._mark = mark
        self._record = record
        self._since = _CLOCK.now()
        self._own: set[str] = set()
        self._lines = Lines(path)
        self._words: dict[str, deque[str]] = {}
        self._recorded: dict[str, int] = {}
        self._judging = asyncio.Lock()
        self.unattributed = 0
        """What the engine did in this time that nothing ties to this run."""

    def told(self) -> dict[str, Any]:
        """What is watched."""
        said: dict[str, Any] = {"socket": str(self._path)}
        if self._lines.why_not is not None:
            said["limits"] = f"who is connected to it cannot be seen: {self._lines.why_not}"
        return said

    def total(self) -> dict[str, int]:
        """What was seen and is nobody's."""
        return {"unattributed": self.unattributed} if self.unattributed else {}

    def inhabit(self, agent: str, facts: BoxFacts) -> None:
        """An agent's box has started: if it can reach the engine's socket, its connections are looked for."""
        if facts.pid is not None and self._lines.follow(agent, facts.pid):
            self._words[agent] = deque()

    def heed(self, event: Event) -> None:
        """Keep what an agent asks of its box, where that can reach the engine."""
        if event.actor not in self._words:
            return
        if event.kind == "think.done":
            self._keep(event.actor, event.data.get("calls"))
        elif event.kind == "action.intent":
            self._keep(event.actor, event.data.get("args"))

    async def watch(self) -> None:
        """Watch until cancelled. Raises EngineError once the engine has been silent for too long."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._lines.watch(), name=f"witness.{self.name}.connections")
            try:
                await self._follow()
            finally:
                self._lines.close()

    async def settle(self, _: str, /) -> None:
        """Wait for what the engine may still have to tell, where a box can reach it."""
        if self._words:
            await asyncio.sleep(BEHIND)
            async with self._judging:
                return

    async def _follow(self) -> None:
        silent: float | None = None
        while True:
            try:
                async for line in events(self._path, self._since):
                    silent = None
                    async with self._judging:
                        await self._judge(line)
                why = "it hung up"
            except (EngineError, OSError) as error:
                why = str(error)
            now = asyncio.get_running_loop().time()
            silent = now if silent is None else silent
            if now - silent > GIVE_UP:
                raise EngineError(f"{self._path} has not answered for {GIVE_UP:g} s: {why}")
            await asyncio.sleep(AGAIN)

    async def _judge(self, line: bytes) -> None:
        act = read_act(line, _CLOCK.now())
        if act is None or act.at <= self._since:
            return
        self._lines.look()
        self._since = act.at
        if act.verb == "create" and act.name in {f"br-{self._run}-{a}" for a in self._agents}:
            self._own.add(act.container)  # its first: nobody can take the name while it is there
            return
        container = None
        if act.container not in self._own:
            with suppress(EngineError, OSError):
                container = await inspect(self._path, act.container)
        known = Known(
            self._run,
            self._mark,
            self._live,
            self._agents,
            frozenset(self._own),
            {agent: plain_words("\n".join(said)) for agent, said in self._words.items()},
        )
        found = whose(act, container, self._lines.at(act.at), known)
        if found is not None:
            self._tell(act, found.agent, found.by)
        elif self._strange(act):
            self.unattributed += 1

    def _strange(self, act: Act) -> bool:
        """Whether it is neither what this house does nor what another one does with its own."""
        if act.container in self._own:
            return act.verb not in OF_THE_HOUSE
        return RUN_LABEL not in act.labels or act.verb not in OF_THE_HOUSE

    def _tell(self, act: Act, agent: str | None, by: Mapping[str, Any]) -> None:
        actor = agent or "engine"
        self._recorded[actor] = self._recorded.get(actor, 0) + 1
        if self._recorded[actor] > MOST:
            return
        who = agent or "an agent of this run"
        data: dict[str, Any] = {
            "engine": self._engine,
            "action": act.action[:500],
            "container": act.container[:12],
            "name": act.name[:200],
            "image": act.image[:200],
            "by": dict(by),
            "technique": "docker-sock" if self._engine == "docker" else "runtime-sock",
            "level": "achieved.exec",
            "what": f"{self._engine} did '{act.verb}' for {who}: nobody here asked it to",
        }
        self._record.soon("host.container", actor, data)

    def _keep(self, agent: str, asked: object) -> None:
        said = self._words[agent]
        said += (text[:WORDS] for text in _texts(asked))
        while sum(map(len, said)) > WORDS:
            said.popleft()


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
