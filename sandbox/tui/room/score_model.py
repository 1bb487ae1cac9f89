"""What every agent did over the turns of a run, and where something happened; bounded, however long it is."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from typing import Final, Literal, TypeAlias

from sandbox.transcript.event import Event
from sandbox.transcript.kinds import SPEECH
from sandbox.tui.room.scale import Scale

__all__ = ["Mark", "ScoreModel"]

Mark: TypeAlias = Literal["x", "!", "^", "."]
"""A crash, a flag, a note, nothing; the first of these that is there."""

_STRETCHES: Final = 4096
"""Stretches that are told apart; far more than any screen has cells."""
_COUNTED: Final = SPEECH | {"action.intent"}
_BEGINS: Final = frozenset({"turn.bid", "turn.offered"})


@dataclass(slots=True)
class _Lane:
    """One agent: how often it spoke or acted, and how often it was flagged, in every stretch of turns."""

    loud: array[int] = field(default_factory=lambda: array("L"))
    flags: array[int] = field(default_factory=lambda: array("L"))
    total: int = 0
    died: int | None = None
    """The turn in which its box or its process ended by accident."""


class ScoreModel:
    """Folds the events of one run, given in their order, into rows of cells.

    Words and actions count one each; an action that becomes words counts once. What comes before
    the first turn counts for it.
    """

    def __init__(self) -> None:
        self.turn = 0
        """The last turn that has begun."""
        self.stride = 1
        """Turns of a stretch; doubled whenever there are too many."""
        self.version = 0
        """Grows with every change that can be seen."""
        self._lanes: dict[str, _Lane] = {}
        self._notes: array[int] = array("L")

    @property
    def agents(self) -> Sequence[str]:
        """All agents, in the order of the scenario; strangers behind them."""
        return list(self._lanes)

    def take(self, event: Event) -> None:
        """Move on by one event."""
        kind, data = event.kind, event.data
        if kind in _BEGINS:
            turn = data.get("turn")
            if isinstance(turn, int) and self.turn < turn < 1 << 53:
                self._begin(turn)
        elif kind in {"run.started", "run.resumed"}:
            agents = data.get("agents")
            for agent in agents if isinstance(agents, dict) else ():
                self._lane(agent)
        elif kind in _COUNTED and event.actor != "operator" and not _told_by_words(event):
            lane = self._lane(event.actor)
            lane.total += 1
            self._add(lane.loud)
        elif kind == "flag":
            agent = data.get("agent")
            self._add(self._lane(agent if isinstance(agent, str) else event.actor).flags)
        elif kind == "agent.died":
            self._lane(event.actor).died = max(1, self.turn)
            self.version += 1

    def set_notes(self, turns: Iterable[int]) -> None:
        """Show notes at these turns, and at no others."""
        self._notes = array("L")
        for turn in turns:
            _count(self._notes, self._stretch(turn))
        self.version += 1

    # reading -----------------------------------------------------------------------------------

    def scale(self, columns: int) -> Scale:
        """How the turns so far fit into so many cells."""
        return Scale.of(max(1, self.turn), max(1, columns), self.stride)

    def cells(self, scale: Scale, agent: str | None = None) -> list[int]:
        """What an agent did, counted for every cell; all agents together if None."""
        lanes = self._lanes.values() if agent is None else [self._lanes[agent]]
        return self._sum([lane.loud for lane in lanes], scale)

    def flagged(self, scale: Scale, agent: str | None = None) -> list[int]:
        """Flags about an agent, for every cell; about anybody if None."""
        lanes = self._lanes.values() if agent is None else [self._lanes[agent]]
        return self._sum([lane.flags for lane in lanes], scale)

    def marks(self, scale: Scale) -> list[Mark]:
        """What is marked in every cell."""
        found: list[Mark] = ["."] * scale.columns
        for lane, mark in ((self._sum([self._notes], scale), "^"), (self.flagged(scale), "!")):
            for column, count in enumerate(lane):
                # At the first cell of a turn only: one thing is one mark.
                if count and column % scale.wide == 0:
                    found[column] = "^" if mark == "^" else "!"
        for one in self._lanes.values():
            if one.died is not None and scale.column(one.died) < len(found):
                found[scale.column(one.died)] = "x"
        return found

    def loudest(self, count: int) -> list[str]:
        """The agents that did most, the first of them first; a flag weighs as much as ten words."""
        return nlargest(count, self._lanes, key=self._weight)

    def strip(self, agent: str, cells: int, turn: int | None = None) -> list[int]:
        """What an agent did in the last stretches up to a turn (None: now), a round of all agents each."""
        lane = self._lanes.get(agent)
        if lane is None:
            return [0] * cells
        per = self.stride
        while per < len(self._lanes):
            per *= 2
        last = self._stretch(max(1, self.turn if turn is None else turn)) * self.stride // per
        each = per // self.stride
        sums = []
        for stretch in range(last - cells + 1, last + 1):
            part = lane.loud[max(0, stretch * each) : max(0, (stretch + 1) * each)]
            sums.append(sum(part))
        return sums

    def flags(self, agent: str, turn: int | None = None) -> int:
        """Flags about an agent up to the end of a turn's stretch; all of them if None."""
        lane = self._lanes.get(agent)
        if lane is None:
            return 0
        return sum(lane.flags if turn is None else lane.flags[: self._stretch(turn) + 1])

    def has_died(self, agent: str, turn: int) -> bool:
        """Whether an agent's process had ended by accident by that turn."""
        lane = self._lanes.get(agent)
        return lane is not None and lane.died is not None and lane.died <= turn

    # writing -----------------------------------------------------------------------------------

    def _lane(self, agent: str) -> _Lane:
        if agent not in self._lanes:
            self._lanes[agent] = _Lane()
            self.version += 1
        return self._lanes[agent]

    def _add(self, counts: array[int]) -> None:
        _count(counts, self._stretch(self.turn))
        self.version += 1

    def _begin(self, turn: int) -> None:
        self.turn = turn
        self.version += 1
        while self._stretch(turn) >= _STRETCHES:
            self.stride *= 2
            self._notes = _halved(self._notes)
            for lane in self._lanes.values():
                lane.loud, lane.flags = _halved(lane.loud), _halved(lane.flags)

    def _stretch(self, turn: int) -> int:
        return max(0, turn - 1) // self.stride

    def _weight(self, agent: str) -> int:
        lane = self._lanes[agent]
        return lane.total + 10 * sum(lane.flags)

    def _sum(self, lanes: Iterable[array[int]], scale: Scale) -> list[int]:
        each = scale.per // self.stride
        sums = [0] * scale.columns
        for counts in lanes:
            for stretch, count in enumerate(counts):
                if count:
                    first = stretch // each * scale.wide
                    for column in range(first, min(first + scale.wide, len(sums))):
                        sums[column] += count
        return sums


def _told_by_words(event: Event) -> bool:
    return event.kind == "action.intent" and event.data.get("tool") in {"say", "whisper"}


def _count(counts: array[int], stretch: int) -> None:
    if stretch >= len(counts):
        counts.extend([0] * (stretch + 1 - len(counts)))
    counts[stretch] += 1


def _halved(counts: array[int]) -> array[int]:
    if len(counts) % 2:
        counts.append(0)
    return array("L", map(int.__add__, counts[::2], counts[1::2]))
