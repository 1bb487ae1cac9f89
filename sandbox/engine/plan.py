"""What is to be played, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sandbox.ids import RunId
from sandbox.isolation.box import Tier
from sandbox.scenario.schema import Scenario
from sandbox.transcript.store import Durability

__all__ = ["Plan", "Played"]


@dataclass(frozen=True, slots=True)
class Plan:
    """One run to be played. ``root`` is the folder of transcripts; ``tier`` None is the best at hand."""

    scenario: Scenario
    root: Path
    tier: Tier | None = None
    bus: str | None = None
    """URL of an MQTT broker; None starts one."""
    durability: Durability = "power"


@dataclass(frozen=True, slots=True)
class Played:
    """A run that was played: where its record is, why it ended, and the hash to keep elsewhere."""

    run: RunId
    folder: Path
    reason: str
    detail: str
    last_hash: str
