"""Two records read once and set beside each other, with progress, and stopped when nobody waits any more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.engine.align import align
from sandbox.engine.alignment import Alignment
from sandbox.transcript.event import Event
from sandbox.transcript.reader import read
from sandbox.transcript.record import Record
from sandbox.tui.compare.numbers import Numbers
from sandbox.tui.replay.telling import Cues

__all__ = ["Comparison", "Stopped", "compare"]

_EVERY: Final = 500
"""Events between two words about how far it is."""


class Stopped(Exception):  # an order, not an error
    """Nobody waits for the comparison any more."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs compared, the lengths of both records when they were read, and whether they still grow."""

    folders: tuple[Path, Path]
    found: Alignment
    numbers: tuple[Numbers, Numbers]
    lengths: tuple[int, int]
    growing: tuple[bool, bool]
    cues: tuple[tuple[int, ...], tuple[int, ...]]
    """What a teller has to know of each, by index."""


def compare(
    folders: tuple[Path, Path],
    progress: Callable[[int, int], None] = lambda done, of: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Comparison:
    """Compare two runs as they are now.

    Args:
        folders: of both.
        progress: told how many events are read, and of how many in both.
        stopped: whether nobody waits for it any more.

    Raises:
        Stopped: nobody does.
        TranscriptError: one of them cannot be read.
    """
    lengths, growing = [], []
    for folder in folders:
        with Record(folder) as record:
            growing.append(record.held)
            lengths.append(record.last)
    numbers = (Numbers(), Numbers())
    cues: tuple[list[int], list[int]] = ([], [])
    done = 0

    def counted(events: Iterator[Event], side: int) -> Iterator[Event]:
        nonlocal done
        known, own = Cues(), numbers[side]
        for index, event in enumerate(events):
            if index == lengths[side]:
                return  # written since
            if known.take(event):
                cues[side].append(index)
            done += 1
            if done % _EVERY == 0:
                if stopped():
                    raise Stopped
                progress(done, sum(lengths))
            own.take(event)
            yield event

    with read(folders[0]) as then, read(folders[1]) as now:
        found = align(counted(then, 0), counted(now, 1))
    return Comparison(
        folders,
        found,
        numbers,
        (lengths[0], lengths[1]),
        (growing[0], growing[1]),
        (tuple(cues[0]), tuple(cues[1])),
    )
