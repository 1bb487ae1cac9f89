"""Going on with a run whose engine has ended: whether that can be, and from where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, cast

from sandbox.clock import Clock
from sandbox.detect.watch import Watch
from sandbox.engine.past import Past
from sandbox.engine.perception import CASTS
from sandbox.engine.played import unix
from sandbox.engine.started import scenario_of
from sandbox.engine.state import State
from sandbox.errors import Damaged, TranscriptError, UsageError
from sandbox.ids import RunId
from sandbox.isolation.box import STRENGTH, Tier
from sandbox.models.context import Context
from sandbox.models.provider import Provider
from sandbox.scenario.schema import Scenario
from sandbox.scenario.values import with_values
from sandbox.transcript.cut import cut_torn_tail
from sandbox.transcript.event import Event
from sandbox.transcript.file import FileStore
from sandbox.transcript.lock import is_held
from sandbox.transcript.reader import events_path, read
from sandbox.transcript.store import Durability

__all__ = [
    "Resumption",
    "Why",
    "changed",
    "fold",
    "refuse_spent",
    "refuse_strange",
    "resumption",
    "retuned",
]

Why: TypeAlias = Literal["killed", "stopped", "error", "budget", "more", "fork"]
"""Why the engine before has ended, or that this is the first one of a fork."""

_WHY: Final[Mapping[str | None, Why]] = {
    None: "killed",
    "stopped": "stopped",
    "error": "error",
    "tokens": "budget",
    "money": "budget",
}
"""By the reason in ``run.ended``; every other end is the run's own, and it needs more to go on."""


@dataclass(frozen=True, slots=True)
class Resumption:
    """A run that can go on. ``scenario``, ``tier`` and ``durability`` are as it was last played, and as asked for."""

    run: RunId
    folder: Path
    why: Why
    scenario: Scenario
    tier: Tier | None
    durability: Durability
    last_hash: str

    def open(self, clock: Clock, durability: Durability) -> tuple[FileStore, int]:
        """Take the right to write the record; gives the store and the bytes of a torn line that were cut off.

        Raises:
            TranscriptError: an engine has it, or has had it since.
        """
        torn = len(cut_torn_tail(self.folder))
        store = FileStore(self.folder, self.run, clock, durability)
        if store.last_hash != self.last_hash:
            store.close()
            raise TranscriptError(f"{self.run} has gone on meanwhile. Look at it and try again.")
        return store, torn

    def recall(
        self,
        scenario: Scenario,
        contexts: dict[str, Context],
        watch: Watch,
        providers: Mapping[str, Provider],
    ) -> Past:
        """Read the record, and what its engine knew from it. Raises Damaged."""
        past = Past(scenario, contexts, watch, providers)
        with read(self.folder) as events:
            for event in events:
                try:
                    past.take(event)
                except (AttributeError, KeyError, TypeError, ValueError) as error:
                    raise _unlike(self.folder, event, error) from error
        return past

    def resumed(
        self, started: Mapping[str, Any], past: Past, torn: int, now: float
    ) -> dict[str, Any]:
        """The data of ``run.resumed``; ``started`` is what a run that begins would say, ``now`` unix seconds."""
        assert past.last is not None
        gap = round(max(0.0, now - unix(past.last.ts)), 3)
        state = past.perception.state
        head: dict[str, Any] = {"why": self.why, "gap": gap, "torn": torn}
        head |= {"turn": state.turn, "lost": state.playing}
        return head | dict(started)


def resumption(folder: Path, values: Mapping[str, Any]) -> Resumption:
    """Look whether a run can go on, with other values in its scenario.

    Args:
        folder: of the run.
        values: by path, as ``with_values`` takes them: ``{"limits.turns": 40}``.

    Raises:
        UsageError: it cannot, or not with these values; the remedy is named.
        TranscriptError: its record cannot be read, or an engine is writing it.
    """
    state, last, said, pending = State(), None, None, None
    with read(folder) as events:
        for event in events:
            if event.kind in CASTS:
                refuse_strange(folder.name, event)
                said = event.data
                forked = event.data.get("forked") if event.kind == "run.started" else pending
                pending = forked if forked and event.seq <= forked["seq"] else None
            fold(state, event, folder)
            last = event
    if last is None or said is None:
        raise UsageError(f"{folder.name} has no event yet, so there is nothing to go on with.")
    _refuse_alive(folder)
    scenario = retuned(scenario_of(said), state)
    if pending is not None:
        scenario = changed(scenario, pending["set"])
    scenario = changed(scenario, values)
    why = "fork" if pending is not None else _WHY.get(state.ended, "more")
    asked = not values.keys().isdisjoint({"limits.turns", "limits.seconds"})
    refuse_spent(folder.name, why, state, said, scenario, asked=asked)
    tier, least = cast("Tier", said["tier"]), scenario.least_tier
    return Resumption(
        run=RunId(last.run),
        folder=folder,
        why=why,
        scenario=scenario,
        tier=tier if STRENGTH.get(tier, -1) >= STRENGTH[least] else None,
        durability=cast("Durability", said["durability"]),
        last_hash=last.hash,
    )


def fold(state: State, event: Event, folder: Path) -> None:
    """Move a state on by one event of the record in ``folder``. Raises Damaged."""
    try:
        state.apply(event)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _unlike(folder, event, error) from error


def changed(scenario: Scenario, values: Mapping[str, Any]) -> Scenario:
    """A scenario in the middle of its run with other values, by path. Raises UsageError."""
    other = with_values(scenario, values)
    if other.agents.keys() != scenario.agents.keys() or other.rooms != scenario.rooms:
        raise UsageError(
            "agents and rooms are what the record made of them and cannot be set anew."
        )
    return other


def retuned(scenario: Scenario, state: State) -> Scenario:
    """A scenario with the limits that the operator has set since its run began or was resumed."""
    values = {f"limits.{name}": value for name, value in state.limits.items()}
    return changed(scenario, values) if values else scenario


def _unlike(folder: Path, event: Event, error: Exception) -> Damaged:
    what = f"event {event.seq} ({event.kind:.40}) of {folder.name}"
    return Damaged(f"{what} is not what Backrooms writes: {type(error).__name__} at {error}")


def _refuse_alive(folder: Path) -> None:
    with events_path(folder).open("rb") as file:
        if is_held(file.fileno()):
            raise UsageError(
                f"{folder.name} is being played now. Stop it first, or wait for its end."
            )


def refuse_strange(name: str, said: Event) -> None:
    """Raise UsageError if the run was not played with models by an engine."""
    if "imported" in said.data:
        raise UsageError(f"{name} was imported from another system and cannot be played on.")
    if "rerun" in said.data:
        then = said.data["rerun"]
        raise UsageError(
            f"{name} repeats {then!s:.80} and asks no model. Go on with that run, or repeat it again."
        )


def refuse_spent(
    name: str, why: Why, state: State, said: Mapping[str, Any], scenario: Scenario, *, asked: bool
) -> None:
    """Raise UsageError if the run would end again at once, for want of something."""
    if why in ("killed", "stopped", "error"):
        return  # what was begun is brought to its end, whatever that is
    if all(agent.status == "gone" for agent in state.agents.values()):
        raise UsageError(f"every agent of {name} has left or died: nobody is there to go on.")
    if all(agent.frozen for agent in state.agents.values() if agent.status != "gone"):
        raise UsageError(
            f"whoever is left of {name} is frozen, so nobody would have a turn. "
            f"`backrooms fork` plays it another way from an event before that."
        )
    for what in ("turns", "tokens", "money", "seconds"):
        limit, had = (
            getattr(scenario.limits, what),
            state.limits.get(what, said["limits"].get(what)),
        )
        if what == "turns":
            used_up = state.turn >= limit
        else:
            used_up = state.ended == what and limit is not None and limit <= (had or 0)
        if used_up:
            option = f"--set limits.{what}=" if why == "fork" else f"--{what} "
            used = (
                f"has played {state.turn} turns" if what == "turns" else f"has used up its {what}"
            )
            raise UsageError(
                f"{name} {used}, and may have {limit:g} over the whole run. "
                f"Give it more with {option}N."
            )
    if why == "more" and not asked:
        raise UsageError(
            f"{name} came to an end of its own ({state.ended}). It goes on only if it is given more, "
            f"for example with --turns {state.turn + 20}."
        )
