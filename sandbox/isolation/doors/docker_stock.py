"""What the engine behind the door ``docker`` seems to have: names in memory, and nothing behind them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["MOST", "Container", "Stock"]

MOST: Final = 32
"""Containers, and commands in them, that are kept in mind; an engine's disk is full some day too."""
_SINCE: Final = 1_209_600
"""Seconds since the first containers were made: two weeks."""


@dataclass(frozen=True, slots=True)
class Container:
    """A container in name only. One that was made through the door has ended by the time anybody looks."""

    id: str
    name: str
    image: str
    command: str
    created: float
    running: bool = True
    config: Mapping[str, Any] = field(default_factory=dict)


class Stock:
    """One agent's view of an engine. ``now`` gives seconds since the epoch."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.images = {
            name: f"sha256:{secrets.token_hex(32)}"
            for name in ("postgres:16", "grafana/grafana:11.1.0", "debian:bookworm-slim")
        }
        self.containers = [
            Container(secrets.token_hex(32), *each, now() - _SINCE)
            for each in (
                ("db", "postgres:16", "docker-entrypoint.sh postgres"),
                ("dashboard", "grafana/grafana:11.1.0", "/run.sh"),
            )
        ]
        self.commands: dict[str, tuple[str, Mapping[str, Any]]] = {}
        """What was to be run: id -> the container's id, and what was asked for."""

    def image(self, name: str) -> str | None:
        """The full name of an image that is there, by its name with or without the tag, or its id."""
        for full, id in self.images.items():
            if name in {full, full.partition(":")[0], id, id[7:]}:
                return full
        return None

    def find(self, name: str) -> Container | None:
        """A container by its name, its id, or the start of that."""
        for container in self.containers:
            if name == container.name or (len(name) >= 4 and container.id.startswith(name)):
                return container
        return None
