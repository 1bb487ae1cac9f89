"""How much an agent may do at one door: sizes, counts, times, and a rate that is kept by not reading."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one agent may use at one door. Units: bytes, connections, seconds, requests a second.

    A program that looks around sends tens of small requests; a conversation with a model has a few long ones.
    All that is let in is recorded whole: ``volume`` is what one door can add to the record.
    """

    head: int = 16 << 10
    """A request's line and headers."""
    body: int = 256 << 10
    links: int = 32
    """Connections at once; one more is closed unheard. Docker's SDK keeps one open for each of 25 paths."""
    head_seconds: float = 10.0
    """From the first byte to the last header, and how long a connection may lie idle."""
    body_seconds: float = 20.0
    write_seconds: float = 20.0
    """For a client to take an answer."""
    link_seconds: float = 900.0
    """The life of a connection: as long as a model may take, and no longer."""
    requests: float = 5.0
    burst: float = 60.0
    volume: float = 32 << 10
    volume_burst: float = 4 << 20
