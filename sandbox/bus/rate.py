"""How much an agent may do at the gate: sizes, counts, and a rate that is kept by not reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["PAYLOAD", "Allowance", "Limits", "check_payload"]

PAYLOAD: Final = (4 << 20) - 1024
"""Bytes of the largest payload on the bus: with its topic it fits ``Limits.delivery``."""


def check_payload(topic: str, payload: bytes) -> None:
    """Raise ValueError for a payload beyond ``PAYLOAD``: a broker would end our link for it."""
    if len(payload) > PAYLOAD:
        raise ValueError(f"{len(payload)} bytes for {topic!r}; the bus carries {PAYLOAD} at once")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one agent may use. Units: bytes, connections, messages a second.

    An agent that talks sends a few messages a second of a few KiB: the rates leave fifty times that.
    """

    packet: int = 1 << 20
    """From the agent; a larger one ends its connection."""
    delivery: int = 4 << 20
    """To the agent, from the house."""
    unread: int = 8 << 20
    """Held for an agent that does not read; beyond it the connection is cut."""
    links: int = 4
    """Connections at once."""
    filters: int = 64
    """Subscriptions of one connection."""
    messages: float = 200.0
    message_burst: float = 400.0
    volume: float = 4 << 20
    volume_burst: float = 8 << 20


class Allowance:
    """Two buckets, messages and bytes, that fill with time; no clock inside, ``now`` in seconds."""

    __slots__ = ("_bytes", "_limits", "_messages", "_then")

    def __init__(self, limits: Limits, now: float) -> None:
        self._limits = limits
        self._messages = limits.message_burst
        self._bytes = limits.volume_burst
        self._then = now

    def wait(self, now: float, messages: int = 1) -> float:
        """Tell how many seconds from now there is room for so many messages; 0.0 is at once."""
        limits, passed = self._limits, now - self._then
        if passed > 0:
            self._then = now
            self._messages = min(limits.message_burst, self._messages + passed * limits.messages)
            self._bytes = min(limits.volume_burst, self._bytes + passed * limits.volume)
        if self._messages >= messages and self._bytes > 0:
            return 0.0
        return max(
            (messages - self._messages) / limits.messages,
            -self._bytes / limits.volume,
            0.001,  # a rounding error must not become a busy loop
        )

    @property
    def open(self) -> bool:
        """Whether there is room for one message, without looking at the time again."""
        return self._messages >= 1 and self._bytes > 0

    def spend(self, size: int, messages: int = 1) -> None:
        """Take one message of ``size`` bytes out; bytes may go into debt by one packet."""
        self._messages -= messages
        self._bytes -= size
