"""What stands at the head of an export: known only after the run was gone through once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sandbox.console.fields import word
from sandbox.transcript.away import Away
from sandbox.transcript.event import Event
from sandbox.transcript.formats.exporters.source import Placed, Source

__all__ = ["Survey", "evidence", "models", "moment", "survey"]

_SAID: Final = frozenset({"say", "operator.say"})
_CASTS: Final = frozenset({"run.started", "run.resumed"})
_NOBODY: Final = frozenset({"engine", "watch"})


@dataclass(slots=True)
class Survey:
    """A run in short. ``evidence`` gives the flags that rest on an event, both by ``seq``.

    ``models`` are those that played each agent, in their order: a resumed run, or a fork, may change them.
    """

    started: Mapping[str, Any] = field(default_factory=dict)
    ended: Mapping[str, Any] | None = None
    run: str = ""
    began: str = ""
    """ISO 8601; empty where no time is known."""
    last: Event | None = None
    events: int = 0
    turns: int = 0
    said: int = 0
    actors: dict[str, None] = field(default_factory=dict)
    rooms: dict[str, None] = field(default_factory=dict)
    models: dict[str, dict[str, None]] = field(default_factory=dict)
    flags: list[Placed] = field(default_factory=list)
    evidence: dict[int, list[Event]] = field(default_factory=dict)
    away: Away = field(default_factory=Away)

    @property
    def seconds(self) -> float | None:
        """How long it was played, by the clock of the record; None where that is not known."""
        first, last = moment(self.began), moment("" if self.last is None else self.last.ts)
        return None if first is None or last is None else max(last - first - self.away.seconds, 0.0)

    def played(self, agent: str) -> str:
        """The models of an agent, in their order."""
        return ", then ".join(filter(None, self.models.get(agent, ())))

    @property
    def agents(self) -> Mapping[str, Mapping[str, Any]]:
        """The cast: those who were announced, then who else acted, with what is known of each."""
        announced = self.started.get("agents")
        known = announced if isinstance(announced, Mapping) else {}
        names = dict.fromkeys((*known, *(a for a in self.actors if a != "operator")))
        specs = {name: known.get(name) for name in names}
        return {name: spec if isinstance(spec, Mapping) else {} for name, spec in specs.items()}


def survey(source: Source) -> Survey:
    """Go through a run once."""
    found = Survey()
    before = -1
    for placed in source:
        event = placed.event
        found.events += 1
        found.last = event
        found.away.take(event.seq, event.kind, moment(event.ts))
        found.began = found.began or event.ts
        found.said += event.kind in _SAID
        if placed.turn not in (0, before):
            found.turns += 1
            before = placed.turn
        if event.actor not in _NOBODY:
            found.actors.setdefault(event.actor)
        if event.room is not None:
            found.rooms.setdefault(event.room)
        for agent, model in models(event).items():
            found.models.setdefault(agent, {}).setdefault(model)
        if event.kind == "run.started":
            found.started, found.run = event.data, event.run
        elif event.kind in {"run.ended", "run.resumed"}:
            found.ended = event.data if event.kind == "run.ended" else None
        elif event.kind == "flag":
            found.flags.append(placed)
            for seq in evidence(event):
                found.evidence.setdefault(seq, []).append(event)
    return found


def models(event: Event) -> dict[str, str]:
    """Who plays which agent from an event on that says so, by its name; neutral, empty where not known."""
    agents = event.data.get("agents") if event.kind in _CASTS else None
    specs = agents.items() if isinstance(agents, Mapping) else ()
    return {name: word(spec, "model") for name, spec in specs if isinstance(spec, Mapping)}


def evidence(event: Event) -> list[int]:
    """Return the ``seq`` of each event that a flag rests on."""
    seqs = event.data.get("evidence")
    return [seq for seq in seqs if isinstance(seq, int)] if isinstance(seqs, list | tuple) else []


def moment(ts: str) -> float | None:
    """Return a time of the record in seconds since 1970; None where there is none."""
    try:
        return datetime.fromisoformat(ts).timestamp()
    except (ValueError, OverflowError):
        return None
