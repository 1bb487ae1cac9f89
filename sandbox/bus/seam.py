"""The Bus seam: the engine's end of the bus."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol, Self, TypeAlias

__all__ = ["Bus", "Delivery", "Happening", "LinkBack", "LinkLost"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that reached us."""

    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class LinkLost:
    """The link to the broker broke; what was in flight may be lost. ``why`` is one plain sentence."""

    why: str


@dataclass(frozen=True, slots=True)
class LinkBack:
    """The link is up again and every subscription is in place: send again what was not answered."""

    seconds: float


Happening: TypeAlias = Delivery | LinkLost | LinkBack


class Bus(Protocol):
    """Publish, and hear what was subscribed to. Delivery is at most once; the engine repeats what matters.

    An async context manager: entering connects (and subscribes), leaving disconnects. Reconnects by
    itself. Double: ``MemoryBus``; real: ``MqttBus``.
    """

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Hand one message to the broker.

        Raises:
            LinkDown: at once, if the link is down or breaks meanwhile; never hangs on a dead link.
        """

    def happenings(self) -> AsyncIterator[Happening]:
        """Everything that arrives, in order, and the link's own ups and downs. One consumer."""
