"""Whose work folder is being kept after a turn, or whose box is being frozen: meanwhile it gets no turn.

Its box lives on and others play on; only the end of the run waits as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sandbox.engine.desk import Desk
from sandbox.engine.step import Bidding, Floor, Noted, Save
from sandbox.engine.stops import Ending

__all__ = ["Keeping"]

AGAIN: Final = 0.05
"""Seconds until bids are looked at again."""
LAST_CHANCE: Final = 1.5
"""Seconds, from the operator's stop on, for all folders together: what a box has not given by then is lost with it."""


class Keeping:
    """What waits for folders to be kept; ``on`` if anybody keeps them."""

    def __init__(self, desk: Desk, *, on: bool) -> None:
        self.busy: set[str] = set()
        self.freezing: set[str] = set()
        self.ending: Ending | None = None
        """Why the run ends as soon as nothing is waited for."""
        self._desk = desk
        self._on = on
        self._turn_waits = False
        self._departed: set[str] = set()
        self._saves: dict[str, Save] = {}
        self._until: float | None = None

    @property
    def waits(self) -> bool:
        """Whether anything is waited for."""
        return bool(self.busy or self.freezing)

    @property
    def due(self) -> float | None:
        """When ``late`` is to be asked; None if what is waited for has all the time that it takes."""
        return self._until if self.waits else None

    def hurry(self, now: float) -> None:
        """The operator has stopped the run, and no box holds up its end."""
        if self._until is None:
            self._until = now + LAST_CHANCE

    def late(self, now: float) -> bool:
        """Record what was not kept in time, and wait for it no more; False if there is time left."""
        if self.due is None or now < self.due:
            return False
        for save in self._saves.values():
            why = f"the run was stopped, and the box did not give it within {LAST_CHANCE:g} s"
            data = {"turn": save.turn, "error": why}
            self._desk.record("workspace.failed", save.agent, data, parent=save.seq)
        self.give_up()
        return True

    def begin(self, floor: Floor, ended: int) -> None:
        """A turn is over (``ended`` is the seq of its end): what it may have changed is to be kept."""
        if self._on and floor.touched:
            save = self._saves[floor.agent] = Save(floor.agent, floor.turn, ended)
            self.busy.add(floor.agent)
            self._desk.step.saves.append(save)

    def holds(self, agent: str) -> bool:
        """Whether the next turn, which is this agent's, must wait; ``done`` says when it need not."""
        self._turn_waits = agent in self.busy or agent in self.freezing
        return self._turn_waits

    def postpones(self, bidding: Bidding, now: float) -> bool:
        """Whether the draw must wait, as somebody wants the floor whose folder is being kept."""
        waits = any(bidding.bids.get(agent) for agent in self.busy | self.freezing)
        if waits:
            bidding.deadline = now + AGAIN
        return waits

    def done(self, save: Save, noted: Sequence[Noted]) -> bool:
        """The box was looked at, and this is to be recorded; True if the next turn waited for it."""
        for one in noted:
            self._desk.record(one.kind, save.agent, one.data, parent=save.seq)
        self.busy.discard(save.agent)
        self._saves.pop(save.agent, None)
        return self._settled(save.agent)

    def frozen(self, agent: str) -> bool:
        """The agent's box stands still; True if the next turn waited for it."""
        self.freezing.discard(agent)
        return self._settled(agent)

    def _settled(self, agent: str) -> bool:
        if agent in self._departed and agent not in self.busy | self.freezing:
            self._departed.discard(agent)
            self._desk.step.departed.append(agent)
        waited, self._turn_waits = self._turn_waits, False
        return waited and self.ending is None

    def depart(self, agent: str) -> None:
        """An agent has left: its box goes, once its folder is kept."""
        if agent in self.busy or agent in self.freezing:
            self._departed.add(agent)
        else:
            self._desk.step.departed.append(agent)

    def give_up(self) -> None:
        """Nobody keeps folders any more."""
        self._on = False
        self._saves.clear()
        self.busy.clear()
        self.freezing.clear()
