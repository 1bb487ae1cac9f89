"""The house's half of delivery at least once: repeats offers, drops repeated messages, repeats answers.

Sans-I/O: the time comes in with each call. The guest's half is agents.courier.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from agents.wire import Ack, Body

__all__ = ["FIRST_REPEAT", "Courier", "Outgoing"]

FIRST_REPEAT: Final = 1.0
"""Seconds until an unanswered message is sent again; doubles up to LAST_REPEAT."""
LAST_REPEAT: Final = 5.0
REMEMBERED: Final = 64
"""Ids kept per agent: an agent waits for each answer, so a repeat is never far from its original."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message for one agent."""

    agent: str
    body: Body
    id: str
    re: str | None = None


@dataclass(slots=True)
class _Waiting:
    message: Outgoing
    due: float
    interval: float


class Courier:
    """Delivery to and from one agent."""

    def __init__(self, agent: str) -> None:
        self._agent = agent
        self._count = 0
        self._answers: OrderedDict[str, Outgoing | None] = OrderedDict()
        self._waiting: _Waiting | None = None

    def admit(self, id: str) -> tuple[bool, Outgoing | None]:
        """Take in a message id: (is it new, what to send if it is not)."""
        if id not in self._answers:
            self._answers[id] = None
            if len(self._answers) > REMEMBERED:
                self._answers.popitem(last=False)
            return True, None
        return False, self._answers[id] or Outgoing(self._agent, Ack(), self._next_id(), id)

    def answer(self, id: str, body: Body) -> Outgoing:
        """Make the answer to a message and keep it for repeats."""
        message = Outgoing(self._agent, body, self._next_id(), id)
        if id in self._answers:
            self._answers[id] = message
        return message

    def tell(self, body: Body) -> Outgoing:
        """Make a message that nobody waits for."""
        return Outgoing(self._agent, body, self._next_id())

    def ask(self, body: Body, now: float) -> Outgoing:
        """Make a message that is repeated until ``heard``; it takes the place of an earlier one."""
        message = Outgoing(self._agent, body, self._next_id())
        self._waiting = _Waiting(message, now + FIRST_REPEAT, FIRST_REPEAT)
        return message

    def heard(self, re: str | None, *, ack: bool = False, now: float = 0.0) -> None:
        """An answer came (or only an acknowledgement, which lengthens the wait)."""
        waiting = self._waiting
        if waiting is None or re != waiting.message.id:
            return
        if ack:
            waiting.interval = LAST_REPEAT
            waiting.due = now + LAST_REPEAT
        else:
            self._waiting = None

    def forget(self) -> None:
        """Nothing is waited for any more."""
        self._waiting = None

    def due(self) -> float | None:
        """When ``repeat`` has something to say."""
        return self._waiting.due if self._waiting is not None else None

    def repeat(self, now: float, *, all_of_them: bool = False) -> Outgoing | None:
        """The message to be sent again now; ``all_of_them`` after the link was lost."""
        waiting = self._waiting
        if waiting is None or (now < waiting.due and not all_of_them):
            return None
        waiting.interval = min(waiting.interval * 2, LAST_REPEAT)
        waiting.due = now + waiting.interval
        return waiting.message

    def _next_id(self) -> str:
        self._count += 1
        return f"h{self._count}"
