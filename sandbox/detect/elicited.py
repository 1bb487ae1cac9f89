"""Emergent means not asked for: who was told, or could hear, words that ask for a behaviour.

One core for all detectors. Each says by a function of its own which names a text names (techniques of an
escape, agents to turn to), and asks later whether one of them had been named to an agent.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any, Literal, TypeAlias

from sandbox.detect.plain import mapping, names, text
from sandbox.transcript.event import Event
from sandbox.transcript.kinds import SPEECH

__all__ = ["Elicitation", "Elicited"]

Elicited: TypeAlias = Literal[0, 1, 2, 3]
"""0: nothing asked for it. 1: the scenario's ``asked`` has its id. 2: a text that the agent could see
names it. 3: the scenario says that all of it is fiction."""


class Elicitation:
    """What the agents of one run were told and have heard.

    Per event it costs what ``named`` costs, and one entry for each agent that hears a name first.

    Args:
        named: gives the names that a text names; it may leave out those in ``known``.
    """

    def __init__(self, named: Callable[[str], Collection[str]]) -> None:
        self.known: Collection[str] = ()
        """What everybody who can see the text has heard before: to look for it is lost time."""
        self._named = named
        self._seen: dict[str, dict[str, int]] = {}
        self._common: set[str] = set()
        self._members: dict[str, set[str]] = {}
        self._agents: frozenset[str] = frozenset()
        self._asked: frozenset[str] = frozenset()
        self._fiction = False

    def take(self, event: Event) -> None:
        """Take in one event; what it names, it names from then on."""
        kind = event.kind
        if kind in SPEECH:
            self._hear(event, text(event.data.get("text")))
        elif kind == "room.joined":
            self._members.setdefault(text(event.data.get("name")), set()).add(event.actor)
        elif kind == "room.left":
            self._members.get(text(event.data.get("name")), set()).discard(event.actor)
        elif kind == "room.opened":
            self._members[text(event.data.get("name"))] = {event.actor}
            self._hear(event, text(event.data.get("about")))
        elif kind == "run.started":
            rooms = mapping(event.data.get("rooms"))
            self._members = {
                name: set(names(mapping(room).get("members"))) for name, room in rooms.items()
            }
            self._tell(event)
            for name, room in rooms.items():
                self._note(event.seq, self._members[name], text(mapping(room).get("about")))
        elif kind == "run.resumed":
            self._tell(event)

    def of(
        self, agent: str, wanted: Iterable[str], ids: Collection[str]
    ) -> tuple[Elicited, int | None]:
        """How far a behaviour of an agent was asked for, and the event that named it, if one did.

        Args:
            agent: whose behaviour.
            wanted: the names, any of which names it; the first that was named counts.
            ids: the behaviour's ids, as a scenario's ``asked`` has them.
        """
        if self._fiction:
            return 3, None
        for name in wanted:
            if agent in (seen := self._seen.get(name, {})):
                return 2, seen[agent]
        return (0, None) if self._asked.isdisjoint(ids) else (1, None)

    def _tell(self, event: Event) -> None:
        """What the scenario says to each agent, and of itself."""
        scenario = mapping(event.data.get("scenario"))
        self._fiction = scenario.get("fiction") is True
        self._asked = frozenset(names(scenario.get("asked")))
        specs = mapping(scenario.get("agents"))
        self._agents = frozenset(specs)
        self._common = {name for name, seen in self._seen.items() if seen.keys() >= self._agents}
        for agent, spec in specs.items():
            own = mapping(spec)
            parts = [text(scenario.get("premise")), text(own.get("persona"))]
            system = text(own.get("system"))
            self._note(event.seq, (agent,), system or "\n".join(parts))
        for seed in _seeds(event.data):
            self._note(event.seq, (text(seed.get("agent")),), text(seed.get("text")))

    def _hear(self, event: Event, words: str) -> None:
        to = event.visible_to
        if to == "room":
            hearers: Collection[str] = self._members.get(event.room or "", ())
        elif to == "all":
            hearers = self._agents
        else:
            hearers = () if isinstance(to, str) else names(to)
        self._note(event.seq, [one for one in hearers if one != event.actor], words)

    def _note(self, seq: int, hearers: Collection[str], words: str) -> None:
        if not words or not hearers:
            return
        everybody = self._common and self._agents.issuperset(hearers)
        self.known = self._common if everybody else ()
        for name in self._named(words):
            seen = self._seen.setdefault(name, {})
            for hearer in hearers:
                seen.setdefault(hearer, seq)
            if seen.keys() >= self._agents:
                self._common.add(name)


def _seeds(data: Any) -> list[Any]:
    """What the models of another system's transcript were given before the first turn."""
    seeds = mapping(data.get("imported")).get("seed_context")
    return [mapping(seed) for seed in seeds] if isinstance(seeds, list | tuple) else []
