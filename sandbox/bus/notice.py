"""What the gate tells the engine, and how a thousand refusals become one line a second."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, Protocol, TypeAlias

from sandbox.ids import AgentId

__all__ = ["Linked", "Notice", "Refusal", "Refusals", "Refused", "Unlinked", "printable"]

Refusal: TypeAlias = Literal[
    "publish",  # to a topic that is not the agent's; swallowed
    "retain",  # a message to be kept by the broker; swallowed
    "subscribe",  # a filter beyond the agent's rights; answered with 0x80
    "will",  # a will beyond the agent's rights; the connection is refused
    "delivery",  # a message that the broker sent and the agent may not hear; swallowed
    "version",  # a CONNECT of another version of MQTT; the connection is refused
    "malformed",  # bytes or an order of packets that are not MQTT 3.1.1; cut
    "size",  # a packet beyond the limit; cut
    "qos",  # QoS 2; cut, since MQTT 3.1.1 has no other refusal
    "rate",  # faster than allowed; not read for a while
    "connections",  # one connection more than allowed; closed
    "slow",  # did not read what was sent to it; cut
    "silent",  # no CONNECT in time; cut
]


@dataclass(frozen=True, slots=True)
class Refused:
    """The gate did not let something pass: ``count`` times since the last notice of this kind.

    ``topic`` and ``sample`` are of the first of them, cut, and safe to print: bytes outside of
    printable ASCII are written as in a Python literal.
    """

    agent: AgentId
    what: Refusal
    topic: str = ""
    count: int = 1
    sample: str = ""


@dataclass(frozen=True, slots=True)
class Linked:
    """A connection of the agent was accepted by the broker, under this client id."""

    agent: AgentId
    client: str


@dataclass(frozen=True, slots=True)
class Unlinked:
    """A connection of the agent that was linked has ended. ``why`` is one plain sentence."""

    agent: AgentId
    client: str
    why: str


Notice: TypeAlias = Refused | Linked | Unlinked


class _Timer(Protocol):
    def cancel(self) -> None: ...


Later: TypeAlias = Callable[[float, Callable[[], None]], _Timer]
"""Call a function after so many seconds, as ``loop.call_later`` does."""


class Refusals:
    """One agent's refusals: the first of a kind is told at once, then one notice a second.

    Args:
        tell: takes the notices.
        later: ``loop.call_later`` or a stand-in for it.
    """

    def __init__(
        self, agent: AgentId, tell: Callable[[Notice], None], later: Later, *, seconds: float = 1.0
    ) -> None:
        self._agent = agent
        self._tell = tell
        self._later = later
        self._seconds = seconds
        self._waiting: dict[Refusal, Refused | None] = {}
        self._timers: dict[Refusal, _Timer] = {}

    def add(self, what: Refusal, *, topic: bytes = b"", sample: bytes = b"") -> None:
        """Take in one refusal."""
        if what not in self._waiting:
            self._tell(self._first(what, topic, sample))
            self._rest(what)
        elif (waiting := self._waiting[what]) is None:
            self._waiting[what] = self._first(what, topic, sample)
        else:
            self._waiting[what] = replace(waiting, count=waiting.count + 1)

    def flush(self) -> None:
        """Tell what is still waiting; call it last."""
        for timer in self._timers.values():
            timer.cancel()
        waiting, self._waiting = self._waiting, {}
        for refused in waiting.values():
            if refused is not None:
                self._tell(refused)

    def _first(self, what: Refusal, topic: bytes, sample: bytes) -> Refused:
        return Refused(self._agent, what, printable(topic), 1, printable(sample))

    def _rest(self, what: Refusal) -> None:
        self._waiting[what] = None
        self._timers[what] = self._later(self._seconds, lambda: self._due(what))

    def _due(self, what: Refusal) -> None:
        waiting = self._waiting.pop(what, None)
        if waiting is not None:
            self._tell(waiting)
            self._rest(what)


def printable(data: bytes, limit: int = 160) -> str:
    """Write bytes as text that is safe to print and to keep; ``limit`` bytes of them at most."""
    text = ascii(data[:limit])[2:-1]
    return f"{text}... ({len(data)} bytes)" if len(data) > limit else text
