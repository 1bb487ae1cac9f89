"""What a turn consists of for a reader: who spoke, the words, the actions, what came of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Final, Literal, TypeAlias

from sandbox.engine.compare import normalise, unlikes
from sandbox.transcript.event import Event
from sandbox.transcript.kinds import SPEECH

__all__ = ["Aspect", "Unlike", "unlike_parts"]

Aspect: TypeAlias = Literal[
    "setup", "model", "speaker", "order", "words", "action", "outcome", "flag", "thought", "record"
]
"""In which way two turns differ. ``order``: the same things in another order, or who wanted the floor.
``thought``: what a model wrote beside its words and actions. ``record``: anything else."""


@dataclass(frozen=True, slots=True)
class Unlike:
    """One difference: ``where`` names the member, ``values`` stand there in each run, hostile.

    ``actors`` did it, and ``seqs`` are the events; None where one of the runs has none.
    """

    what: Aspect
    where: str
    values: tuple[Any, Any]
    actors: tuple[str | None, str | None] = (None, None)
    seqs: tuple[int | None, int | None] = (None, None)


@dataclass(frozen=True, slots=True)
class _Part:
    event: Event
    told: Mapping[str, Any]


_ASPECTS: Final[tuple[Aspect, ...]] = (
    "speaker",
    "order",
    "words",
    "action",
    "outcome",
    "flag",
    "thought",
)
"""Those that are looked for in events, in the order in which they are told."""

_IDENTITY: Final = frozenset({"kind", "who", "tool", "id"})
"""Members without which two events are not about the same thing: then both are told whole."""

_OUTCOMES: Final = frozenset(
    {
        "action.result", "action.refused", "turn.ended", "turn.lost", "run.ended", "agent.died",
        "agent.left", "think.failed", "think.refused", "think.filtered", "room.opened", "room.joined",
        "room.left", "room.invited", "budget.spent", "operator.stop",
    }
)  # fmt: skip

_NUMBERS: Final = frozenset(
    {"call", "turn", "turns", "think", "thinks", "totals", "seconds", "cut", "tail"}
)
"""What an outcome tells that is in the tally, or says no more than its place does."""


def unlike_parts(then: Iterable[Event], now: Iterable[Event]) -> list[Unlike]:
    """How the events of one turn differ from those of another, each aspect by its first difference."""
    old, new = _parts(then), _parts(now)
    found = (_unlike(aspect, old[aspect], new[aspect]) for aspect in _ASPECTS)
    return [unlike for unlike in found if unlike is not None]


def _unlike(aspect: Aspect, then: Sequence[_Part], now: Sequence[_Part]) -> Unlike | None:
    told = [[part.told for part in parts] for parts in (then, now)]
    if told[0] == told[1]:
        return None
    moved = sorted(map(repr, told[0])) == sorted(map(repr, told[1]))
    for a, b in zip_longest(then, now):
        old, new = (None if part is None else part.told for part in (a, b))
        for where, *values in unlikes(old, new):
            other = where in _IDENTITY
            return Unlike(
                "order" if moved else aspect,
                "" if other else where,
                (old, new) if other else (values[0], values[1]),
                (a.event.actor if a else None, b.event.actor if b else None),
                (a.event.seq if a else None, b.event.seq if b else None),
            )
    return None


def _parts(events: Iterable[Event]) -> dict[Aspect, list[_Part]]:
    parts: dict[Aspect, list[_Part]] = {aspect: [] for aspect in _ASPECTS}
    planned: dict[object, object] = {}
    for event in events:
        data = normalise(event)["data"]
        if event.kind == "think.done":
            planned |= _planned(event.data.get("calls"))
        for aspect, told in _told(event, data, planned):
            parts[aspect].append(_Part(event, told))
    return parts


def _told(
    event: Event, data: Mapping[str, Any], planned: Mapping[object, object]
) -> Iterator[tuple[Aspect, Mapping[str, Any]]]:
    """What an event tells, without numbers of lines, calls and the like."""
    kind = event.kind
    if kind == "turn.offered":
        yield "speaker", {"speaker": event.actor}
    elif kind in {"turn.bid", "turn.chosen"}:
        yield "order", _only(data, "bids", "drawn", "agent")
    elif kind in SPEECH and kind != "peer.message":  # beside the turns
        words = _only(data, "text", "to", "author")
        yield "words", {"kind": kind, "who": event.actor, **words, "room": event.room}
    elif kind == "action.intent":
        args = event.data.get("args", planned.get(str(event.data.get("call"))))
        yield "action", {"who": event.actor, "tool": data.get("tool"), "args": args}
    elif kind in _OUTCOMES:
        came = {k: v for k, v in data.items() if k not in _NUMBERS}
        yield "outcome", {"kind": kind, "who": event.actor, **came}
    elif kind == "flag":
        yield "flag", _only(data, "id", "title", "agent", "level")
    elif kind == "think.done":
        yield "thought", {"who": event.actor, **_only(data, "text", "reasoning", "stop")}


def _only(data: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: data[name] for name in names if name in data}


def _planned(calls: object) -> dict[object, object]:
    """The arguments of an answer's calls, by their ids."""
    listed = calls if isinstance(calls, list | tuple) else ()
    return {
        call["id"]: call.get("args")
        for call in listed
        if isinstance(call, Mapping) and isinstance(call.get("id"), str)
    }
