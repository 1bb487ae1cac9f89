"""A run once more without any model: its answers come from its record, everything else happens anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import islice
from pathlib import Path
from typing import Final, cast

import orjson

from sandbox.engine.exchange import Exchange
from sandbox.engine.hurry import HurriedClock
from sandbox.engine.plan import Plan
from sandbox.engine.played import unix
from sandbox.engine.repeat import Repeat
from sandbox.engine.started import scenario_of
from sandbox.engine.surroundings import with_served
from sandbox.isolation.box import Tier
from sandbox.models.at_doors import AtDoors
from sandbox.models.chat_body import messages
from sandbox.models.desync import Desync
from sandbox.models.player import Player
from sandbox.models.provider import Mode, Part, Request
from sandbox.models.recording import Recording
from sandbox.transcript.codec import decode
from sandbox.transcript.event import Event
from sandbox.transcript.reader import read
from sandbox.transcript.store import Durability

__all__ = ["Rerun", "StandIn"]

SETTLE: Final = 1.0
"""Seconds that bids on their way get before time moves on to the end of the bidding. One takes some
milliseconds, and nothing is recorded of it until all are in."""


class StandIn:
    """Takes the place of the provider ``name``: gives each agent's recorded answers, and those at doors."""

    def __init__(
        self, name: str, recording: Recording, players: dict[str, Player], doors: AtDoors
    ) -> None:
        self.name = name
        self._recording = recording
        self._players = players
        self._doors = doors

    def family(self, model: str) -> str:
        return next(
            (m.family for m in self._recording.cast.values() if m.model_name == model), model
        )

    def mode(self, model: str, *, acts: bool) -> Mode:  # noqa: ARG002 - the seam's arguments
        modes = [m.mode for m in self._recording.cast.values() if m.model_name == model]
        return modes[0] if modes else "tools"

    def body(self, request: Request) -> bytes:
        """The request as it is compared; nothing goes over a wire."""
        return orjson.dumps(messages(request.system, request.turns))

    async def ready(self, model: str) -> None:  # noqa: ARG002 - as above
        return

    async def stream(self, request: Request) -> AsyncIterator[Part]:
        player = self._players.get(request.agent)
        if player is None:  # no agent asks, but whoever found a door
            for part in self._doors.play(self.name, request):
                yield part
            return
        async for part in player.play(request):
            yield part

    async def close(self) -> None:
        self._recording.close()


class Rerun:
    """One run to be repeated: what to play, and the hand that stops it where it was stopped then.

    Give ``plan`` and ``stop`` to ``play`` and every event to ``observe``. The run ends at once where
    a request parts from the record, and where the record of a killed run ends. A run that was resumed,
    or is a fork, is repeated as far as its first engine went.

    Args:
        folder: of the run to be repeated.
        root: where the new record goes.
        tier: another kind of box than then.

    Raises:
        TranscriptError: the record cannot be read.
        Damaged: the scenario in it cannot.
    """

    def __init__(self, folder: Path, root: Path, tier: Tier | None = None) -> None:
        recording = Recording(folder, unbroken=True)
        started = recording.started
        self.clock = HurriedClock()
        self.stop = asyncio.Event()
        self.desync: Desync | None = None
        """The first place where a request parted from the record."""
        self._recording = recording
        self._began: float | None = None
        self._stop_after, self.upto = _extent(folder)
        """After the last event that counts the run was resumed; None if it was not."""
        self._players = {
            agent: Player(recording, agent, sent=True, happened=self._happened)
            for agent in recording.cast
        }
        scenario, doors = scenario_of(started), AtDoors(folder)
        asked = with_served(scenario).agents.values()
        names = dict.fromkeys(spec.model.partition("/")[0] for spec in asked)
        self.plan = Plan(
            scenario,
            root,
            tier or cast("Tier", started["tier"]),
            durability=cast("Durability", started["durability"]),
            providers={name: StandIn(name, recording, self._players, doors) for name in names},
            clock=self.clock,
            repeat=Repeat(islice(read(folder), self.upto)),
            started={"agents": started["agents"], "rerun": recording.run},
            canaries=folder,
        )

    def observe(self, event: Event, raw: bytes) -> None:
        """Take note of an event of the new run; ``raw`` is its line."""
        if event.kind == "run.started":
            for player in self._players.values():
                player.begin(decode(raw).run)
        if self._began is None and event.kind in ("turn.offered", "think.request"):
            self._began = self.clock.monotonic()
        if event.seq == self._stop_after:
            self.stop.set()

    def _happened(self, what: Exchange | Desync) -> None:
        if isinstance(what, Desync):
            self.desync = self.desync or what
            self.stop.set()
        elif what.answer is not None:
            exchange, answer = what, what.answer
            waited = unix(answer.ts) - unix(exchange.asked.ts)
            age = self._recording.ages[answer.seq]
            if exchange.request.purpose == "bid":
                asyncio.get_running_loop().call_later(SETTLE, self._move_on, age, waited)
            else:
                self._move_on(age, waited)

    def _move_on(self, age: float, waited: float) -> None:
        """Go to the run's age at which a think was cut off then, so that what cut it off comes now."""
        began = self.clock.monotonic() if self._began is None else self._began
        self.clock.hurry(max(age - (self.clock.monotonic() - began), waited))


def _extent(folder: Path) -> tuple[int | None, int | None]:
    """After which event the run is stopped since its record breaks off, and after which it was resumed."""
    last = None
    with read(folder) as events:
        for event in events:
            if event.kind == "run.resumed":
                ended = last is not None and last.kind == "run.ended"
                return None if ended else event.seq - 1, event.seq - 1
            last = event
    return None if last is None or last.kind == "run.ended" else last.seq, None
