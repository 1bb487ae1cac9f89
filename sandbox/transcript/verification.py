"""Check that a record is what was written: hash chain, sequence, kinds, both ends, artifacts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.errors import Damaged, TranscriptError
from sandbox.transcript.artifact_check import ArtifactCheck
from sandbox.transcript.codec import NO_HASH, chained, decode, is_event, split
from sandbox.transcript.cut import lines_aside
from sandbox.transcript.event import Event
from sandbox.transcript.kinds import KINDS
from sandbox.transcript.reader import events_path

__all__ = ["Problem", "Report", "verify"]

_NAMED: Final = 100
"""Problems named one by one; the others are counted."""

_CHAINS: Final = 8
"""Hashes that a line may follow from: behind damage, each line in a row adds one that may be meant."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One place where the record is not what was written. ``line`` counts from 1."""

    line: int
    what: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found.

    ``problems`` are damage, the first 100 of ``damaged``. ``notes`` are what a run that was killed,
    still plays, or was written by a newer version shows: nothing that was written is missing.
    """

    path: Path
    run: str
    lines: int
    """Whole lines."""
    readable: int
    """Lines that can be read as events, whether or not they are what was written."""
    sound: int
    """Lines before the first problem: these are what was written."""
    damaged: int
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    torn: int
    """Bytes behind the last newline."""
    ended: bool
    last_hash: str
    spans: tuple[tuple[int, int], ...]
    """What can be read: the first and the last ``seq`` of each stretch, the first 100 of them."""
    artifacts: int
    """Different artifacts that the events name, and the manifests among these."""
    lost: int
    losses: tuple[Problem, ...]
    """Artifacts that are missing or altered, the first 100 of ``lost``, by the line that names them."""

    @property
    def ok(self) -> bool:
        """Whether there is an event, and neither damage nor a lost artifact was found."""
        return self.lines > 0 and not self.damaged and not self.lost


def verify(path: Path, progress: Callable[[float], None] = lambda share: None) -> Report:
    """Check a whole record, given as the run's folder or the file itself, in one pass.

    The chain finds damage and partial edits, not a full rewrite: for that, compare ``last_hash``
    with the one that was printed when the run ended. Each artifact is read once, whole.

    Args:
        path: the run's folder, or the file itself.
        progress: is told from time to time which share of the record has been checked.

    Raises:
        TranscriptError: there is no such record, or it may not be read.
    """
    path = events_path(path)
    check = _Check(ArtifactCheck(path.parent))
    done = 0
    try:
        with path.open("rb", buffering=1 << 18) as file:
            size = os.fstat(file.fileno()).st_size
            for raw in file:
                check.take(raw)
                done += len(raw)
                if check.lines % 4096 == 0:
                    progress(min(done / size, 1.0) if size else 1.0)
        for aside, line in lines_aside(path):
            check.problem(line, f"could not be read and was cut out: it lies in {aside.name}")
    except OSError as error:
        raise TranscriptError(f"cannot read {path}: {os.strerror(error.errno or 0)}") from None
    return check.report(path)


class _Check:
    """The state of one pass: what the next line must follow."""

    def __init__(self, artifacts: ArtifactCheck) -> None:
        self.artifacts = artifacts
        self.spans: list[tuple[int, int]] = []
        self.lines = self.readable = self.damaged = self.torn = self.lost = 0
        # Unknown behind a line that cannot be read: two lines may have become one.
        self.seq_due: int | None = 1
        self.run = ""
        self.sound: int | None = None
        self.problems: list[Problem] = []
        self.losses: list[Problem] = []
        self.unknown: dict[str, int] = {}
        self.last_kind = ""
        self.imported = False
        # After damage to a line's hash alone, the next line still follows from what it should be.
        self.hashes = [NO_HASH]
        self.last_hash = NO_HASH

    def take(self, raw: bytes) -> None:
        if not raw.endswith(b"\n"):
            self.torn = len(raw)
            if is_event(raw[:-1]):
                # A torn line is the beginning of a line; this one goes on behind its end.
                self.problem(self.lines + 1, f"ends in {raw[-1:]!r} instead of a newline")
            return
        self.lines += 1
        found = [*self._event(raw), *self._hash(raw)]
        if found:
            self.problem(self.lines, "; ".join(found))

    def _event(self, raw: bytes) -> Iterator[str]:
        try:
            event = decode(raw)
        except Damaged as error:
            yield str(error)
            self.seq_due = None
            self.last_kind = ""
            return
        self.readable += 1
        self._read(event)
        if self.seq_due is not None and event.seq != self.seq_due:
            yield f"seq {event.seq} where {self.seq_due} was due"
        if self.lines == 1:
            self.run = event.run
            self.imported = "imported" in event.data
            if event.kind != "run.started":
                yield f"the first event is '{event.kind:.40}', not 'run.started'"
        elif event.run != self.run:
            yield f"belongs to run {event.run!r:.80}"
        if event.kind not in KINDS:
            self.unknown.setdefault(event.kind, self.lines)
        self.seq_due = event.seq + 1
        self.last_kind = event.kind

    def _read(self, event: Event) -> None:
        for what in self.artifacts.take(event):
            self.lost += 1
            if len(self.losses) < _NAMED:
                self.losses.append(Problem(self.lines, what))
        if self.spans and self.spans[-1][1] == event.seq - 1:
            self.spans[-1] = (self.spans[-1][0], event.seq)
        elif len(self.spans) < _NAMED:
            self.spans.append((event.seq, event.seq))

    def _hash(self, raw: bytes) -> Iterator[str]:
        try:
            body, written = split(raw)
        except Damaged as error:
            yield str(error)
            self.hashes = []
            return
        due = [chained(previous, body) for previous in self.hashes]
        if self.hashes and written not in due:
            yield "its hash does not fit: this line, or what stood before it, was changed"
        self.hashes = [written] if written in due else [written, *due][:_CHAINS]
        self.last_hash = written

    def problem(self, line: int, what: str) -> None:
        """Take note of damage."""
        self.damaged += 1
        if self.sound is None:
            self.sound = min(line - 1, self.lines)
        if len(self.problems) < _NAMED:
            self.problems.append(Problem(line, what))

    def report(self, path: Path) -> Report:
        ended = self.last_kind == "run.ended"
        notes = [
            f"line {line}: kind '{kind:.40}' is not known to this version"
            for kind, line in self.unknown.items()
        ]
        if self.torn:
            notes.append(
                f"the last line is torn after {self.torn} bytes: it was being written when the "
                "engine was killed, and nothing that was promised to be kept is missing"
            )
        if not ended:
            notes.append(
                "there is no run.ended: nobody told how it ended"
                if self.imported
                else "there is no run.ended: the run was killed or still plays"
            )
        return Report(
            path=path,
            run=self.run,
            lines=self.lines,
            readable=self.readable,
            sound=self.lines if self.sound is None else self.sound,
            damaged=self.damaged,
            problems=tuple(self.problems),
            notes=tuple(notes),
            torn=self.torn,
            ended=ended,
            last_hash=self.last_hash,
            spans=tuple(self.spans),
            artifacts=self.artifacts.named,
            lost=self.lost,
            losses=tuple(self.losses),
        )
