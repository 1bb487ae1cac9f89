"""What is to be played, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.engine.hurry import HurriedClock
from sandbox.engine.repeat import Repeat
from sandbox.engine.resume import Resumption
from sandbox.ids import RunId
from sandbox.isolation.box import Tier
from sandbox.isolation.hole import HoleKind
from sandbox.isolation.witnesses.seam import Tool
from sandbox.models.provider import Provider
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
    providers: Mapping[str, Provider] = field(default_factory=dict)
    """Who is asked for the models of a provider, instead of the one that the registry makes."""
    clock: HurriedClock | None = None
    """A clock that whoever plays can move on; None is the machine's."""
    started: Mapping[str, Any] = field(default_factory=dict)
    """What ``run.started`` is to say instead of, or beside, what is found."""
    repeat: Repeat | None = None
    """What operators did in an earlier run, to be done again at the same places."""
    resume: Resumption | None = None
    """The run that goes on; None begins a new one."""
    canaries: Path | None = None
    """The folder of the run whose planted strings are laid again; None makes new ones."""
    hole: HoleKind | None = None
    """For tests of the watch: a hole that no scenario can ask for. None is what the scenario says."""
    host_logs: tuple[tuple[Tool, Path], ...] = ()
    """What other systems that watch this machine write, and where."""


@dataclass(frozen=True, slots=True)
class Played:
    """A run that was played: where its record is, why it ended, and the hash to keep elsewhere."""

    run: RunId
    folder: Path
    reason: str
    detail: str
    last_hash: str
    failed_detectors: tuple[str, ...] = ()
    """Those that raised: what they watch for was not seen from then on."""
