"""Names of things: agents, rooms, runs; and the one pattern each must match."""

from __future__ import annotations

import re
from typing import Final, NewType

__all__ = ["NAME", "AgentId", "RoomId", "RunId", "Seq", "Turn", "run_id", "slug"]

AgentId = NewType("AgentId", str)
RoomId = NewType("RoomId", str)
RunId = NewType("RunId", str)
Seq = NewType("Seq", int)
Turn = NewType("Turn", int)

NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
"""Agents and rooms. A subset of what MQTT topics, file names, container names and host names allow."""


def slug(title: str) -> str:
    """Turn a title into the readable part of a run id, at most 24 characters of ``[a-z0-9-]``."""
    words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    return words[:24].rstrip("-") or "run"


def run_id(*, stamp: str, title: str, nonce: bytes) -> RunId:
    """Name a run ``YYYYMMDD-HHMMSS-<slug>-<4 base32>``; ``stamp`` is the UTC start, ``nonce`` 3 random bytes."""
    value = int.from_bytes(nonce[:3], "big")
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    tail = "".join(letters[(value >> shift) & 31] for shift in (15, 10, 5, 0))
    return RunId(f"{stamp}-{slug(title)}-{tail}")
