"""Whether two runs are the same story: their events without what belongs to one occasion only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Final, TypeAlias

from sandbox.models.desync import renamed
from sandbox.transcript.event import Event

__all__ = ["Difference", "first_difference", "normalise"]

Lane: TypeAlias = tuple[str, ...]
Plain: TypeAlias = Mapping[str, Any]

_OCCASION: Final[Mapping[str, frozenset[str]]] = {
    "run.started": frozenset(
        {"version", "tier", "bus", "durability", "python", "host", "rerun", "detectors", "doors"}
        | {"image"}
    ),
    "run.ended": frozenset({"seconds"}),
    "agent.joined": frozenset({"python", "pid"}),
    "turn.offered": frozenset({"upto"}),
    "think.request": frozenset({"upto"}),
    "think.retried": frozenset({"wait"}),
    "think.done": frozenset({"ms"}),
    "action.result": frozenset({"seconds"}),
    "door.touched": frozenset({"by", "count", "headers", "path", "sample"}),
    "door.answered": frozenset({"body", "bytes"}),
    "service.seen": frozenset({"pid"}),
    "gate.refused": frozenset({"count", "sample"}),
    "message.refused": frozenset({"count", "sample"}),
}
"""What an event holds of its occasion: places, processes, durations, versions, numbers of lines."""

_PASSING: Final = frozenset({"box.started", "bus.lost", "bus.back"})
"""Kinds that are of the occasion as a whole."""

_ASIDE: Final = frozenset(
    {"peer.message", "gate.refused", "message.refused"}
    | {"door.opened", "door.touched", "door.answered", "service.seen"}
)
"""What comes from a box when it will, beside the turns: each agent's in its own order."""

_COUNTED: Final = frozenset({"gate.refused", "message.refused"})
"""Kinds that are one event a second, however often it happened: once is as good as twice."""


TURNS: Final = ("turns",)


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place where two runs differ; None for the event where one of them has none.

    ``where`` names the member, as in ``data.text``, and ``values`` are what stands there; an event that
    is missing is a difference in no member.
    """

    then: Event | None
    now: Event | None
    where: str = ""
    values: tuple[object, object] = (None, None)


def normalise(event: Event, places: Mapping[int, str] | None = None) -> Plain:
    """What an event tells that holds for every repetition of its run.

    ``places`` gives the place of an event by its ``seq``; line numbers, and the ids of calls that are
    made of them, are told by it, since what happens at the same time may be recorded in any order.
    """
    places = {} if places is None else places
    left_out = _OCCASION.get(event.kind, frozenset())
    data = {key: value for key, value in event.data.items() if key not in left_out}
    if event.kind == "think.done":
        data["calls"] = [{**call, "id": _call(call["id"], places)} for call in data["calls"]]
        # The digest is over ids of calls too; who plays a record back compares whole requests.
        data["saw"] = {k: v for k, v in data["saw"].items() if k != "digest"}
    elif "call" in data:
        data["call"] = _call(data["call"], places)
    elif event.kind == "flag":
        data["evidence"] = [places.get(seq, seq) for seq in data["evidence"]]
    if event.run:
        data = renamed(data, event.run, "RUN")
    return {
        "kind": event.kind,
        "actor": event.actor,
        "room": event.room,
        "visible_to": event.visible_to,
        "parent": None if event.parent is None else places.get(event.parent, event.parent),
        "data": data,
    }


def first_difference(then: Iterable[Event], now: Iterable[Event]) -> Difference | None:
    """The first event in which two runs differ, by the order of ``then``; None if they are the same.

    A record without ``run.ended`` is one of a killed run: it is compared as far as it goes.
    """
    old, new = _Lanes(then), _Lanes(now)
    found = []
    for lane in dict.fromkeys((*old.lanes, *new.lanes)):
        for a, b in zip_longest(old.lanes.get(lane, ()), new.lanes.get(lane, ())):
            if a is None and not old.ended:
                break
            unlike = _unlike(old.plain(a), new.plain(b))
            if unlike is not None:
                found.append(Difference(a, b, unlike[0], unlike[1:]))
                break
    return min(found, key=_place, default=None)


def _place(difference: Difference) -> int:
    event = difference.then or difference.now
    assert event is not None
    return event.seq


class _Lanes:
    """A run parted into what happens one after the other: the turns, and each thing beside them."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.lanes: dict[Lane, list[Event]] = {}
        self.ended = False
        self._places: dict[int, str] = {}
        lane_of: dict[int, Lane] = {}
        for event in events:
            if event.kind in _PASSING:
                continue
            lane = lane_of[event.seq] = _lane(event, lane_of)
            if event.kind in _COUNTED:
                lane = (*lane, str(normalise(event)))
                if lane in self.lanes:
                    continue
            row = self.lanes.setdefault(lane, [])
            self._places[event.seq] = f"{' '.join(lane)} {len(row)}"
            row.append(event)
            self.ended = event.kind == "run.ended"

    def plain(self, event: Event | None) -> Plain | None:
        return None if event is None else normalise(event, self._places)


def _lane(event: Event, lane_of: Mapping[int, Lane]) -> Lane:
    if event.kind in _ASIDE:
        return (event.kind, event.actor)
    if event.kind == "agent.joined":
        return ("joined", event.actor)
    if event.data.get("purpose") == "bid":  # all are asked at once
        return ("bid", event.actor)
    follows = event.kind in ("flag", "budget.warned", "context.trimmed")
    return lane_of.get(event.parent or 0, TURNS) if follows else TURNS


def _call(id: str, places: Mapping[int, str]) -> str:
    """The id of a call without the number of the line that it is made of."""
    seq, dash, number = id.removeprefix("c").partition("-")
    if not dash or not seq.isdecimal() or int(seq) not in places:
        return id
    return f"{places[int(seq)]}-{number}"


def _unlike(then: Any, now: Any, path: str = "") -> tuple[str, object, object] | None:
    """The first place where two JSON values differ, and what stands there in each."""
    if isinstance(then, list) and isinstance(now, list):
        then, now = dict(enumerate(then)), dict(enumerate(now))
    if not (isinstance(then, Mapping) and isinstance(now, Mapping)):
        return None if then == now else (path, then, now)
    for key in dict.fromkeys((*then, *now)):
        inner = f"{path}.{key}" if path else str(key)
        if (key in then) != (key in now):
            return inner, then.get(key), now.get(key)
        if (found := _unlike(then[key], now[key], inner)) is not None:
            return found
    return None
