"""The watch: every detector sees every event as it is recorded, and one that fails says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from sandbox.transcript.event import Event

__all__ = ["Detector", "Finding", "Watch"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is to be recorded: a flag, or that a detector failed."""

    kind: Literal["flag", "detector.failed"]
    data: Mapping[str, Any]


class Detector(Protocol):
    """Looks at a run's events in order. Sans-I/O, O(1) amortised per event.

    The same events give the same flags, live or over an old transcript.
    """

    @property
    def id(self) -> str:
        """What its flags are called, for example ``contact.cross-model``."""

    @property
    def version(self) -> int:
        """Counts up whenever the same events may give other flags."""

    def observe(self, event: Event) -> Sequence[Mapping[str, Any]]:
        """Take in one event; each mapping is a flag: ``title``, ``agent``, ``evidence`` and what else it knows."""


class Watch:
    """Runs the detectors of one run."""

    def __init__(self, detectors: Sequence[Detector]) -> None:
        self._detectors = list(detectors)
        self.names = [f"{d.id}@{d.version}" for d in detectors]

    def observe(self, event: Event) -> list[Finding]:
        """What the detectors find in one event. A detector that raises is recorded and taken off."""
        if not self._detectors or event.kind in ("flag", "detector.failed"):
            return []
        found: list[Finding] = []
        for detector in tuple(self._detectors):
            try:
                flags = detector.observe(event)
            except Exception as error:  # noqa: BLE001  # any failure of a detector is evidence, none may end the run
                self._detectors.remove(detector)
                failed = {"detector": detector.id, "version": detector.version}
                why = {"error": f"{type(error).__name__}: {error}", "at": event.seq}
                found.append(Finding("detector.failed", failed | why))
                continue
            for flag in flags:
                head = {"id": detector.id, "version": detector.version}
                found.append(Finding("flag", head | dict(flag)))
        return found
