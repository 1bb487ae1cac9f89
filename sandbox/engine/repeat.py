"""What operators did in a run, to be done again at the same places when it is repeated."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from sandbox.engine import operator_acts as acts
from sandbox.engine.compare import PASSING, Lane, beside, lane_of
from sandbox.transcript.event import Event

__all__ = ["Again", "Repeat"]


@dataclass(frozen=True, slots=True)
class Again:
    """An act to be done again; ``author`` is None where time had run out."""

    act: acts.Act
    author: str | None


class Repeat:
    """The operators' acts of a run, each behind as many events as came before it then.

    What comes from boxes beside the turns is not counted: it comes when it will.

    Args:
        events: of the run that is repeated.
    """

    def __init__(self, events: Iterable[Event]) -> None:
        counting = _Counting()
        self._acts: deque[tuple[int, Again]] = deque()
        for event in events:
            again = _again(event)
            if again is not None:
                self._acts.append((counting.count, again))
            counting.take(event)
        self._counting = _Counting()
        self._frozen: set[str] = set()

    def take(self, events: Sequence[Event]) -> Again | None:
        """Take in the next events of the new run; gives what is to be done right behind them."""
        for event in events:
            self._counting.take(event)
            if event.kind == "box.frozen":
                self._frozen.add(event.actor)
        if not self._acts or self._counting.count < self._acts[0][0]:
            return None
        act = self._acts[0][1].act
        if isinstance(act, acts.Thaw) and act.agent not in self._frozen:
            return None  # a box is frozen when it comes to it, beside the turns
        return self._acts.popleft()[1]


class _Counting:
    """Counts events that come in the same order whenever a run is repeated."""

    def __init__(self) -> None:
        self.count = 0
        self._lanes: dict[int, Lane] = {}

    def take(self, event: Event) -> None:
        if event.kind not in PASSING:
            lane = self._lanes[event.seq] = lane_of(event, self._lanes)
            self.count += not beside(lane)


def _again(event: Event) -> Again | None:
    """What an operator did, if the event is that."""
    data = event.data
    if event.kind == "box.thawed":
        return Again(acts.Thaw(agent=event.actor), data.get("author"))
    shape = _SHAPES.get(event.kind)
    if shape is None or (event.actor != "operator" and data.get("why") != acts.TOO_LATE):
        return None
    told: dict[str, Any] = dict(data)
    if event.kind == "operator.say":
        told["room"] = event.room
    elif event.kind == "operator.whisper":
        told["agent"] = data["to"]
    elif event.kind == "operator.limit":
        told["value"] = data["new"]
    fields = {name: told[name] for name in shape.model_fields if name in told}
    return Again(shape(**fields), data.get("author"))


_SHAPES: Final[dict[str, type[acts.Act]]] = {
    f"operator.{shape.model_fields['verb'].default}": shape for shape in get_args(acts.Act)
}
