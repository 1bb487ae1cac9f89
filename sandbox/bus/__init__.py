"""The message bus: a broker, the gate between it and the boxes, and the engine's own link."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.bus.border import Admitted, FromAgent, admit
    from sandbox.bus.broker import EmbeddedBroker
    from sandbox.bus.gate import Gate
    from sandbox.bus.leftovers import kill_leftover_broker
    from sandbox.bus.link import MqttBus
    from sandbox.bus.memory import MemoryBroker, MemoryBus
    from sandbox.bus.notice import Linked, Notice, Refused, Unlinked
    from sandbox.bus.rate import Limits
    from sandbox.bus.rights import Rights
    from sandbox.bus.seam import Bus, Delivery, Happening, LinkBack, LinkLost
    from sandbox.bus.upstream import Upstream, external, probe

__all__ = [
    "Admitted",
    "Bus",
    "Delivery",
    "EmbeddedBroker",
    "FromAgent",
    "Gate",
    "Happening",
    "Limits",
    "LinkBack",
    "LinkLost",
    "Linked",
    "MemoryBroker",
    "MemoryBus",
    "MqttBus",
    "Notice",
    "Refused",
    "Rights",
    "Unlinked",
    "Upstream",
    "admit",
    "external",
    "kill_leftover_broker",
    "probe",
]

_HOMES = {
    "Admitted": "border",
    "Bus": "seam",
    "Delivery": "seam",
    "EmbeddedBroker": "broker",
    "FromAgent": "border",
    "Gate": "gate",
    "Happening": "seam",
    "Limits": "rate",
    "LinkBack": "seam",
    "LinkLost": "seam",
    "Linked": "notice",
    "MemoryBroker": "memory",
    "MemoryBus": "memory",
    "MqttBus": "link",
    "Notice": "notice",
    "Refused": "notice",
    "Rights": "rights",
    "Unlinked": "notice",
    "Upstream": "upstream",
    "admit": "border",
    "external": "upstream",
    "kill_leftover_broker": "leftovers",
    "probe": "upstream",
}


def __getattr__(name: str) -> object:
    """Import a name when it is first used: the border brings pydantic, the gate asyncio and ssl."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
