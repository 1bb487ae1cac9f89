"""Whether two runs are the same story: their events without what belongs to one occasion only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from typing import Any, Final, TypeAlias

import orjson

from sandbox.models.desync import renamed
from sandbox.transcript.event import Event
from sandbox.transcript.kinds import KINDS

__all__ = [
    "PASSING",
    "Difference",
    "Lane",
    "Lanes",
    "beside",
    "first_difference",
    "lane_of",
    "normalise",
    "parted",
    "unlikes",
]

Lane: TypeAlias = tuple[str, ...]
Plain: TypeAlias = Mapping[str, Any]

_OCCASION: Final[Mapping[str, frozenset[str]]] = {
    "run.started": frozenset(
        {"version", "tier", "bus", "durability", "python", "host", "rerun", "forked", "detectors"}
        | {"boxes", "doors", "image", "watch"}
    ),
    "run.resumed": frozenset(
        {"gap", "torn", "version", "tier", "bus", "durability", "python", "host", "detectors"}
        | {"boxes", "doors", "image", "watch"}
    ),
    "run.ended": frozenset({"seconds", "watch"}),
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

PASSING: Final = frozenset({"box.started", "bus.lost", "bus.back", "operator.refused"})
"""Kinds that are of the occasion as a whole."""

_ASIDE: Final = frozenset(
    {"peer.message", "gate.refused", "message.refused"}
    | {"workspace.saved", "workspace.failed", "box.limit", "box.frozen", "box.thawed"}
    | {"door.opened", "door.touched", "door.answered", "service.seen"}
)
"""What comes from a box, or is found there, beside the turns: each agent's in its own order."""

_COUNTED: Final = frozenset({"gate.refused", "message.refused"})
"""Kinds that are one event a second, however often it happened: once is as good as twice."""


TURNS: Final = ("turns",)
OUTSIDE: Final = ("outside",)
"""What the host saw, and the flags that it raised: it comes at its own time, and is not compared."""

_SEEN: Final = frozenset({"box.exec", "witness.failed"}) | {
    kind for kind in KINDS if kind.startswith("host.")
}


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
    data: Plain = _numbered(event, places)
    if event.run:
        data = renamed(data, event.run, "RUN")
    return {
        "kind": event.kind,
        "actor": event.actor,
        "room": event.room,
        "visible_to": event.visible_to,
        "parent": _place_of(event.parent, places),
        "data": data,
    }


def _numbered(event: Event, places: Mapping[int, str]) -> dict[str, Any]:
    """The data of an event as it is compared, but for the run's own id."""
    left_out = _OCCASION.get(event.kind, ())
    data = {key: value for key, value in event.data.items() if key not in left_out}
    if isinstance(calls := data.get("calls"), list | tuple):
        data["calls"] = [_renumbered(call, "id", places) for call in calls]
    if "saw" in data and isinstance(saw := data["saw"], Mapping):
        # The digest is over ids of calls too; who plays a record back compares whole requests.
        data["saw"] = {k: v for k, v in saw.items() if k != "digest"}
    if "call" in data:
        data = _renumbered(data, "call", places)
    return _cited(data, places) if event.kind == "flag" else data


def _place_of(seq: int | None, places: Mapping[int, str]) -> str | int | None:
    return None if seq is None else places.get(seq, seq)


@lru_cache(maxsize=8)
def _written(run: str) -> bytes:
    """A run's id as it stands within a text of JSON."""
    return orjson.dumps(run)[1:-1]


def first_difference(then: Iterable[Event], now: Iterable[Event]) -> Difference | None:
    """The first event in which two runs differ, by the order of ``then``; None if they are the same.

    A record without ``run.ended`` is one of a killed run: it is compared as far as it goes.
    """
    old, new = Lanes(), Lanes()
    old.take(then)
    new.take(now)
    return parted(old, new, killed=not old.ended)


def parted(
    old: Lanes, new: Lanes, *, killed: bool = False, aside: bool | None = None
) -> Difference | None:
    """The first difference between two runs, or two parts of them, by the order of ``old``.

    Args:
        old: what is compared.
        new: what it is compared with.
        killed: what ``old`` lacks at its end does not count.
        aside: only what is beside the turns, or only the turns; both if None.
    """
    found = []
    for lane in dict.fromkeys((*old.rows, *new.rows)):
        if lane == OUTSIDE or aside not in {None, beside(lane)}:
            continue
        for a, b in zip_longest(old.rows.get(lane, ()), new.rows.get(lane, ())):
            if a is None and killed:
                break
            if a is not None and b is not None and old.agrees(a, new, b):
                continue
            unlike = next(unlikes(old.plain(a), new.plain(b)), None)
            if unlike is not None:
                found.append(Difference(a, b, unlike[0], unlike[1:]))
                break
    return min(found, key=_place, default=None)


def _place(difference: Difference) -> int:
    event = difference.then or difference.now
    assert event is not None
    return event.seq


class Lanes:
    """A run parted into what happens one after the other: the turns, and each thing beside them.

    ``rows`` are the events of each lane, ``ended`` says whether the last one taken was the run's end.
    """

    def __init__(self) -> None:
        self.rows: dict[Lane, list[Event]] = {}
        self.ended = False
        self._part: Lane = ()
        self._counts: Counter[Lane] = Counter()
        self._places: dict[int, str] = {}
        self._lane_of: dict[int, Lane] = {}

    def take(self, events: Iterable[Event]) -> None:
        """Take in the next events."""
        for event in events:
            if event.kind in PASSING:
                continue
            lane = self._lane_of[event.seq] = lane_of(event, self._lane_of)
            if event.kind in _COUNTED:
                lane = (*lane, str(normalise(event)))
                if lane in self._counts:
                    continue
            part = () if beside(lane) else self._part
            self._places[event.seq] = f"{' '.join((*part, *lane))} {self._counts[lane]}"
            self._counts[lane] += 1
            self.rows.setdefault(lane, []).append(event)
            self.ended = event.kind == "run.ended"

    def begin(self, part: str) -> None:
        """Let go of what was taken, but for what is beside the turns, and count anew from here.

        ``part`` is a name that was not there before: later events may point at any one.
        """
        self._part = (part,)
        for lane in [lane for lane in self.rows if not beside(lane)]:
            del self.rows[lane], self._counts[lane]

    def plain(self, event: Event | None) -> Plain | None:
        """An event as it is compared."""
        return None if event is None else normalise(event, self._places)

    def agrees(self, own: Event, others: Lanes, other: Event) -> bool:
        """Whether two events are the same as they stand; if not, they may still be so without their runs' ids."""
        if (
            own.kind != other.kind
            or own.actor != other.actor
            or own.room != other.room
            or own.visible_to != other.visible_to
            or _place_of(own.parent, self._places) != _place_of(other.parent, others._places)
        ):
            return False
        data = _numbered(own, self._places)
        if data != _numbered(other, others._places):
            return False
        if own.run == other.run:
            return True
        try:
            told = orjson.dumps(data)
            return _written(own.run) not in told and _written(other.run) not in told
        except orjson.JSONEncodeError:
            return False


def beside(lane: Lane) -> bool:
    """Whether what is in a lane comes when it will, whatever turn is played."""
    return lane == OUTSIDE or lane[0] in _ASIDE


def lane_of(event: Event, lanes: Mapping[int, Lane]) -> Lane:
    """The lane of an event, given those of the events before it by their ``seq``."""
    if event.kind in _ASIDE:
        return (event.kind, event.actor)
    if event.kind in _SEEN:
        return OUTSIDE
    if event.kind == "message.held" and event.data.get("kind") == "peer.message":
        return ("peer.message", event.actor)
    if event.kind == "agent.joined":
        return ("joined", event.actor)
    if event.data.get("purpose") == "bid":  # all are asked at once
        return ("bid", event.actor)
    follows = event.kind in ("flag", "budget.warned", "context.trimmed")
    return lanes.get(event.parent or 0, TURNS) if follows else TURNS


def _cited(flag: Plain, places: Mapping[int, str]) -> dict[str, Any]:
    """A flag whose evidence is told by its places; so are the words and the deed that it quotes."""
    data = dict(flag)
    if isinstance(evidence := data.get("evidence"), list | tuple):
        data["evidence"] = [places.get(seq, seq) for seq in evidence if isinstance(seq, int)]
    for name in ("words", "deed"):
        own = data.get(name)
        if isinstance(own, Mapping) and isinstance(seq := own.get("seq"), int):
            data[name] = {**own, "seq": places.get(seq, seq)}
    return data


def _renumbered(value: Any, member: str, places: Mapping[int, str]) -> Any:
    """An object whose member is the id of a call, without the number of the line that it is made of."""
    id = value.get(member) if isinstance(value, Mapping) else None
    if not isinstance(id, str):
        return value
    seq, dash, number = id.removeprefix("c").partition("-")
    if not dash or not seq.isdecimal() or len(seq) > 18 or int(seq) not in places:
        return value
    return {**value, member: f"{places[int(seq)]}-{number}"}


def unlikes(then: Any, now: Any, path: str = "") -> Iterator[tuple[str, object, object]]:
    """The places where two JSON values differ, in order, and what stands there in each."""
    if isinstance(then, list) and isinstance(now, list):
        then, now = dict(enumerate(then)), dict(enumerate(now))
    if not (isinstance(then, Mapping) and isinstance(now, Mapping)):
        if then != now:
            yield path, then, now
        return
    for key in dict.fromkeys((*then, *now)):
        inner = f"{path}.{key}" if path else str(key)
        if (key in then) != (key in now):
            yield inner, then.get(key), now.get(key)
        else:
            yield from unlikes(then[key], now[key], inner)
