"""The retained message of a dead run is taken off a broker that lives on."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from sandbox.bus.control import topic_alive
from sandbox.bus.link import MqttBus
from sandbox.bus.seam import Delivery
from sandbox.bus.upstream import Upstream
from sandbox.errors import BusError

__all__ = ["forget_alive"]

_SECONDS: Final = 3.0
"""For a broker that may be gone as well."""


async def forget_alive(upstream: Upstream, run: str) -> None:
    """Take it off, and wait until the broker has done so; a broker of our own goes with its run anyway."""
    if upstream.kind != "external":
        return
    topic = topic_alive(run)
    with suppress(BusError, TimeoutError):
        async with (
            asyncio.timeout(_SECONDS),
            MqttBus(upstream, client="forget", subscriptions=(topic,)) as bus,
        ):
            # Its echo is waited for: what a closed connection had in flight may be lost.
            await bus.publish(topic, b"", retain=True)
            async for heard in bus.happenings():
                if isinstance(heard, Delivery) and not heard.payload:
                    return
