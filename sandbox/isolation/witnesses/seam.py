"""The seam of whatever watches boxes from outside: what it is given, what it is asked, where it tells what it saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

from sandbox.ids import RunId
from sandbox.isolation.box import BoxFacts, BoxSpec, Tier
from sandbox.scenario.schema import Scenario
from sandbox.transcript.event import Event
from sandbox.transcript.kinds import Kind

__all__ = ["Fits", "Grounds", "Heeds", "HostWitness", "Records", "Settles", "Tool", "Totals"]


Tool: TypeAlias = Literal["auditd", "falco", "tetragon"]
"""Another system that watches a machine, and writes down what it sees."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a witness is to watch: one run, its tier, and its folders.

    ``record`` holds the transcript, ``live`` the sockets that are mounted into boxes: no agent reaches the
    one, and each only its own part of the other. ``logs`` are written by other systems that watch this machine.
    """

    run: RunId
    tier: Tier
    scenario: Scenario
    record: Path
    live: Path
    logs: tuple[tuple[Tool, Path], ...] = ()


class Records(Protocol):
    """Writes down what a witness saw. Neither call fails for what an agent did."""

    async def durable(
        self, kind: Kind, agent: str, data: Mapping[str, Any], parent: int | None
    ) -> int:
        """Record an event; come back with its ``seq`` once it is durable, and never if the run is over."""

    def soon(self, kind: Kind, agent: str, data: Mapping[str, Any]) -> None:
        """Record an event that nobody waits for."""


class HostWitness(Protocol):
    """Watches all boxes of one run from outside. It may also be one that ``Fits``, ``Heeds`` or ``Settles``.

    The event ``host.*`` that it records has ``technique``, ``level`` and ``what``: docs/events.md.
    """

    @property
    def name(self) -> str:
        """What the record calls it."""

    def told(self) -> Mapping[str, Any]:
        """What the first event says: what it watches, or why it cannot here."""

    def inhabit(self, agent: str, facts: BoxFacts) -> None:
        """An agent's box has started."""

    async def watch(self) -> None:
        """Watch until cancelled. An exception is recorded as ``witness.failed`` and ends no run."""


@runtime_checkable
class Fits(Protocol):
    """A witness that gives a box something before it starts."""

    def fit(self, spec: BoxSpec, owner: int | None) -> BoxSpec:
        """What the agent's box is to be started with, as the host's user ``owner`` or our own. Raises BoxError."""


@runtime_checkable
class Heeds(Protocol):
    """A witness that looks at the record."""

    def heed(self, event: Event) -> None:
        """Take notice of an event that was recorded: at once, without waiting for anything."""


@runtime_checkable
class Totals(Protocol):
    """A witness that sees things which nothing ties to the run: they are counted, and no evidence."""

    def total(self) -> Mapping[str, int]:
        """What was counted; nothing if there was nothing."""


@runtime_checkable
class Settles(Protocol):
    """A witness that looks once more after a turn that acted in a box."""

    async def settle(self, agent: str, /) -> None:
        """Look, and give the record what was seen before coming back: the run does not end until then."""
