"""A foreign transcript as events of ours. Pure: no file, no clock, and nothing that is not known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sandbox.models.family import family_of
from sandbox.transcript.event import Event, Visibility
from sandbox.transcript.formats.foreign import Entry, Foreign, Party
from sandbox.transcript.formats.party_ids import ids
from sandbox.transcript.formats.times import has_zone, utc
from sandbox.transcript.kinds import Kind

__all__ = ["events"]

_ROOM: Final = "room"
"""The one room of a transcript that names none."""

_UNSPOKEN: Final = frozenset({"note", "operator"})
"""Kinds that no agent of ours makes: reporters and operators are no agents."""


def events(foreign: Foreign, source: Mapping[str, Any]) -> Iterator[Event]:
    """Make the events of a run, in order.

    Args:
        foreign: what the importer read.
        source: where from: ``source``, ``sha256``, ``bytes``, ``part``, ``parts``, ``oddities``.
    """
    return _Conversion(foreign, source).events()


class _Conversion:
    """Numbers events, opens and closes turns, and knows the ids of names."""

    def __init__(self, foreign: Foreign, source: Mapping[str, Any]) -> None:
        self._foreign = foreign
        self._source = source
        self._parties = _everybody(foreign)
        self._ids = ids((party.name for party in self._parties), "agent")
        rooms = dict.fromkeys(e.room for e in foreign.entries if e.room is not None)
        self._rooms = ids(rooms, "room")
        self._main = next(iter(self._rooms.values()), _ROOM)
        self._seq = 0
        self._turn = 0
        self._speaker: str | None = None
        self._number: int | None = None  # the open turn's in the other system
        self._open: Counter[str] = Counter()  # kinds of entries in the open turn
        self._thinks = 0
        self._calls: dict[str, tuple[str, str]] = {}  # an agent's last call, and its tool
        self._at = ""
        self._totals: Counter[str] = Counter()

    def events(self) -> Iterator[Event]:
        foreign = self._foreign
        self._at = utc(foreign.started)
        yield self._event("run.started", "engine", self._started())
        for agent in self._ids.values():
            yield self._event("agent.joined", agent, {}, visible_to="all")
        for entry in foreign.entries:
            self._at = utc(entry.at)
            yield from self._entry(entry)
        yield from self._end_turn()
        if foreign.ended is not None or foreign.end_reason is not None:
            self._at = utc(foreign.ended)
            yield self._event("run.ended", "engine", self._ended())

    def _started(self) -> dict[str, Any]:
        foreign = self._foreign
        seed = [
            {"agent": self._ids.get(e.who), "text": e.text, **e.more} for e in foreign.seed_context
        ]
        imported = {
            "format": foreign.format,
            **self._source,
            "started": foreign.started,
            "ended": foreign.ended,
            "end_reason": foreign.end_reason,
            "zone": self._zone(),
            "seed_context": seed,
            "more": dict(foreign.more),
        }
        return {
            "title": foreign.title,
            "agents": {self._ids[party.name]: _agent(party) for party in self._parties},
            "rooms": self._members(),
            "scenario": {
                "title": foreign.title,
                "agents": {
                    self._ids[party.name]: {} if party.system is None else {"system": party.system}
                    for party in self._parties
                },
            },
            "imported": {
                key: value for key, value in imported.items() if value not in (None, [], {})
            },
        }

    def _zone(self) -> str | None:
        """Say so where times tell no zone."""
        times = [self._foreign.started, self._foreign.ended, *(e.at for e in self._foreign.entries)]
        return None if all(map(has_zone, times)) else "not told: times are written as if UTC"

    def _members(self) -> dict[str, Any]:
        """Everybody is in the one room; of several, those who spoke there."""
        if len(self._rooms) < 2:
            names = {next(iter(self._rooms), None): dict.fromkeys(self._ids.values())}
        else:
            names = {room: {} for room in self._rooms}
            for entry in self._foreign.entries:
                agent = self._ids.get(entry.who)
                room = names.get(entry.room)
                if agent is not None and room is not None:
                    room[agent] = None
        return {
            self._rooms.get(name or "", self._main): {
                "members": list(members),
                "enter": "invited",
                "about": "",
                **({} if name is None else {"name": name}),
            }
            for name, members in names.items()
        }

    def _entry(self, entry: Entry) -> Iterator[Event]:
        if entry.kind == "note":
            yield self._event(
                "imported.note", self._ids.get(entry.who, "engine"), self._said(entry)
            )
            return
        if entry.kind == "operator":
            yield self._event(
                "operator.say",
                "operator",
                self._said(entry),
                room=self._room(entry),
                visible_to="room",
            )
            return
        agent = self._ids[entry.who]
        if self._begins(agent, entry):
            yield from self._end_turn()
            self._turn += 1
            self._speaker, self._number = agent, entry.turn
            self._open.clear()
            offer = {"turn": self._turn, "agent": agent, "upto": self._seq}
            source = {} if entry.turn is None else {"source_turn": entry.turn}
            yield self._event("turn.offered", agent, offer | source)
        self._open[entry.kind] += 1
        if entry.kind in {"say", "whisper"}:
            yield self._speech(agent, entry)
        elif entry.kind == "thought":
            self._thinks += 1
            self._totals["thinks"] += 1
            yield self._event("think.done", agent, self._thought(entry))
        else:
            yield self._event(*self._action(agent, entry))

    def _begins(self, agent: str, entry: Entry) -> bool:
        """Whether an entry is of a new turn: a turn is one agent's thoughts, actions, then words."""
        if agent != self._speaker:
            # Some formats give a result to the tool's own name: it is still the caller's turn.
            return entry.kind != "result" or self._speaker is None
        numbered = entry.kind in {"thought", "action"} and None not in (entry.turn, self._number)
        if numbered and entry.turn != self._number:
            return True
        if entry.kind == "thought":
            return bool(self._open["say"] or self._open["result"])
        return entry.kind == "say" and self._open["say"] > 0

    def _end_turn(self) -> Iterator[Event]:
        if self._speaker is None:
            return
        reason = "spoke" if self._open.keys() - {"thought"} else "silent"
        data = {"turn": self._turn, "agent": self._speaker, "reason": reason}
        yield self._event("turn.ended", self._speaker, data | {"thinks": self._open["thought"]})
        self._speaker = None

    def _speech(self, agent: str, entry: Entry) -> Event:
        to = [self._ids[name] for name in dict.fromkeys(entry.to)]
        data = self._said(entry) | ({"to": to[0]} if len(to) == 1 else {})
        if entry.kind == "whisper":
            among: Visibility = tuple(dict.fromkeys([agent, *to]))
            if len(to) == 1:
                self._totals["whispers"] += 1
                return self._event("whisper", agent, data, visible_to=among)
            self._totals["says"] += 1
            private = data | {"private": True}
            return self._event("say", agent, private, room=self._room(entry), visible_to=among)
        self._totals["says"] += 1
        return self._event("say", agent, data, room=self._room(entry), visible_to="room")

    def _thought(self, entry: Entry) -> dict[str, Any]:
        data = {"turn": self._turn, "think": self._open["thought"], "purpose": "act", "text": ""}
        words = self._said(entry)
        return data | {"calls": [], "reasoning": words.pop("text"), **words}

    def _action(self, agent: str, entry: Entry) -> tuple[Kind, str, dict[str, Any]]:
        words = self._said(entry)
        text = words.pop("text")
        told = entry.more.get("call")
        data = {"turn": self._turn, **words}
        if entry.kind == "action":
            self._totals["actions"] += 1
            call = told if isinstance(told, str) else f"call-{self._totals['actions']}"
            self._calls[agent] = call, entry.tool or ""
            author = entry.more.get("author", "model")
            intent = {"call": call, "tool": entry.tool or "", "author": author}
            said = {"text": text} if text else {}
            return "action.intent", agent, data | intent | {"args": dict(entry.args)} | said
        last, tool = self._calls.get(agent, ("", ""))
        call = told if isinstance(told, str) else last
        how = {key: entry.more[key] for key in ("ok", "exit") if key in entry.more}
        result = {"call": call, "tool": entry.tool or tool, "output": text, "source": "box"}
        return "action.result", agent, data | result | how

    def _said(self, entry: Entry) -> dict[str, Any]:
        """The text of an entry, and what is told of it that no event of ours has a field for."""
        data: dict[str, Any] = {"text": entry.text}
        if entry.kind in _UNSPOKEN:
            data["who"] = entry.who
        if entry.line is not None:
            data["line"] = entry.line
        if entry.at is not None and not self._at:
            data["at"] = entry.at
        if entry.more:
            data["more"] = dict(entry.more)
        return data

    def _ended(self) -> dict[str, Any]:
        detail = self._foreign.more.get("end")
        lines = detail if isinstance(detail, list) else []
        return {
            "reason": self._foreign.end_reason or "",
            "detail": "\n".join(map(str, lines)),
            "turns": self._turn,
            "totals": {k: self._totals[k] for k in ("thinks", "says", "whispers", "actions")},
        }

    def _room(self, entry: Entry) -> str:
        return self._main if entry.room is None else self._rooms[entry.room]

    def _event(
        self,
        kind: Kind,
        actor: str,
        data: Mapping[str, Any],
        *,
        room: str | None = None,
        visible_to: Visibility = "none",
    ) -> Event:
        self._seq += 1
        return Event(self._seq, kind, actor, data, room, visible_to, ts=self._at)


def _everybody(foreign: Foreign) -> list[Party]:
    """The parties that are agents: those the file names, and whoever else acts or is spoken to."""
    only: dict[str, bool] = {}  # whether all that a name did is what reporters and operators do
    others: dict[str, None] = {}
    for entry in foreign.entries:
        unspoken = entry.kind in _UNSPOKEN
        only[entry.who] = only.get(entry.who, True) and unspoken
        if not unspoken:
            others[entry.who] = None
            others.update(dict.fromkeys(entry.to))
    named = {party.name: party for party in foreign.parties}
    agents = [p for p in named.values() if p.name in others or not only.get(p.name, False)]
    return [*agents, *(Party(name) for name in others if name not in named)]


def _agent(party: Party) -> dict[str, Any]:
    """What is known of an agent, under the names that our own runs use."""
    known = {"system": party.system, "human": party.human or None, "more": dict(party.more) or None}
    return {
        "name": party.name,
        "model": party.model,
        "family": "human"
        if party.human
        else None
        if party.model is None
        else family_of(party.model),
        **{key: value for key, value in known.items() if value is not None},
    }
