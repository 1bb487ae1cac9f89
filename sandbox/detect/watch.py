"""The watch: every detector sees every event as it is recorded, and one that fails says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from sandbox.detect.reaction import reaction, wanted
from sandbox.transcript.codec import dumps
from sandbox.transcript.event import Event

__all__ = ["Detector", "Finding", "Watch"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is to be recorded: a flag, or that a detector failed."""

    kind: Literal["flag", "detector.failed"]
    data: Mapping[str, Any]


class Detector(Protocol):
    """Looks at a run's events in order. Sans-I/O, O(1) amortised per event.

    The same events give the same flags, live or over an old transcript. docs/detectors.md shows one.
    """

    @property
    def id(self) -> str:
        """What its flags are called, for example ``contact``; a flag may have an ``id`` of its own."""

    @property
    def version(self) -> int:
        """Counts up whenever the same events may give other flags."""

    def observe(self, event: Event) -> Sequence[Mapping[str, Any]]:
        """Take in one event; each mapping is a flag: ``title``, ``agent``, ``evidence`` and what else it knows."""


class Watch:
    """Runs the detectors of one run.

    A flag says under ``reaction`` what the scenario wants done about it, if that is more than a line in the
    record.
    """

    def __init__(self, detectors: Sequence[Detector]) -> None:
        self._detectors = list(detectors)
        self._wanted: Mapping[str, str] = {}
        self.names = [f"{d.id}@{d.version}" for d in detectors]
        self.failed: list[str] = []
        """Detectors that are off, since they raised."""

    def observe(self, event: Event) -> list[Finding]:
        """What the detectors find in one event. A detector that raises is recorded and taken off."""
        if event.kind in ("flag", "detector.failed"):
            return []
        if event.kind in ("run.started", "run.resumed"):
            self._wanted = wanted(event.data)
        found: list[Finding] = []
        for detector in tuple(self._detectors):
            try:
                found += [self._flag(detector, flag) for flag in detector.observe(event)]
            except Exception as error:  # noqa: BLE001  # any failure of a detector is evidence, none may end the run
                self._detectors.remove(detector)
                self.failed.append(detector.id)
                failed = {"detector": detector.id, "version": detector.version}
                why = {"error": f"{type(error).__name__}: {error}", "at": event.seq}
                found.append(Finding("detector.failed", failed | why))
        return found

    def _flag(self, detector: Detector, flag: Mapping[str, Any]) -> Finding:
        """A flag as it is recorded. Raises whatever one raises that could not be."""
        data = {"id": detector.id, "version": detector.version, **flag}
        missing = [name for name in ("title", "agent", "evidence") if name not in data]
        if missing:
            raise ValueError(f"its flag has no {missing[0]}")
        what = reaction(data, self._wanted)
        if what != "log":
            data["reaction"] = what
        dumps(data)  # here, where it takes down its detector and not the run
        return Finding("flag", data)
