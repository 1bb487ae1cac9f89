"""How often flags were right: of those that people judged, by detector; and what another threshold would give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sandbox.detect.folding import FlagRow, row, rows
from sandbox.detect.levels import at_least
from sandbox.detect.rescan import rescan
from sandbox.detect.verdicts import verdicts
from sandbox.detect.wilson import Share, wilson
from sandbox.transcript.event import Event
from sandbox.transcript.record import Record

__all__ = ["Backtest", "Precision", "backtest", "precision"]


@dataclass(frozen=True, slots=True)
class Precision:
    """Of one kind of flag by one version of its detector: how many there are, and what people said of them.

    ``share`` is of those judged real among those judged real or false.
    """

    id: str
    version: int
    flags: int
    real: int
    false: int
    unsure: int
    share: Share


def precision(folders: Iterable[Path]) -> list[Precision]:
    """Measure over runs, each flag counted once. Raises Damaged, TranscriptError."""
    flags: Counter[tuple[str, int]] = Counter()
    said: Counter[tuple[str, int, str]] = Counter()
    for folder in folders:
        held = verdicts(folder)
        with Record(folder) as record:
            for each in rows(record):
                key = each.id, each.version
                flags[key] += 1
                note = held.get(each.seq)
                if note is not None and note.verdict is not None:
                    said[*key, note.verdict] += 1
    return [
        Precision(
            *key,
            flags=count,
            real=said[*key, "real"],
            false=said[*key, "false"],
            unsure=said[*key, "unsure"],
            share=wilson(said[*key, "real"], said[*key, "real"] + said[*key, "false"]),
        )
        for key, count in sorted(flags.items())
    ]


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a detector would have flagged in runs, from one level on: the flags of each run, in order."""

    detector: str
    threshold: str
    hits: tuple[tuple[FlagRow, ...], ...]

    @property
    def runs_hit(self) -> Share:
        """In how many of the runs there is a hit."""
        return wilson(sum(1 for hits in self.hits if hits), len(self.hits))


def backtest(detector_id: str, threshold: str, logs: Iterable[Iterable[Event]]) -> Backtest:
    """Run one detector over runs and keep its flags that are as high as ``threshold`` (a level).

    Args:
        detector_id: of a detector (``escape``) or of one of its flags (``escape.docker-sock``).
        threshold: as ``at_least`` takes it.
        logs: the events of each run, of records that can be trusted.

    Raises:
        UsageError: there is no such detector.
    """
    hits = []
    for events in logs:
        found = (row(one.event, one.turn) for one in rescan(events, only=detector_id).flags)
        hits.append(tuple(each for each in found if at_least(each.level, threshold)))
    return Backtest(detector_id, threshold, tuple(hits))
