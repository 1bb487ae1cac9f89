"""What is to be looked at again: runs of ours, and files of other systems, as events in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sandbox.errors import Damaged, NoSuchRun
from sandbox.transcript.codec import NO_HASH, chained, decode, split
from sandbox.transcript.event import Event
from sandbox.transcript.reader import read
from sandbox.transcript.runs import find_run

__all__ = ["Past", "opened"]


@dataclass(frozen=True, slots=True)
class Past:
    """The events of one run. ``trusted`` is whether its chain shows that it is as it was written."""

    name: str
    events: Iterable[Event]
    trusted: bool


@contextmanager
def opened(name: str, root: Path) -> Iterator[list[Past]]:
    """The runs that ``name`` means: one of ours in ``root``, or all of a file that an importer can read.

    Raises:
        NoSuchRun: it is neither.
        TranscriptError: it cannot be read.
    """
    try:
        folder = find_run(root, name)
    except NoSuchRun:
        if not Path(name).is_file():
            raise
        yield list(_of_file(Path(name)))
        return
    with read(folder) as events:
        yield [Past(folder.name, events, _is_whole(_raw(folder)))]


def _raw(folder: Path) -> Iterator[bytes]:
    with read(folder) as reading:
        for _ in reading:
            yield reading.raw


def _of_file(path: Path) -> Iterator[Past]:
    from sandbox.transcript.formats.convert import events
    from sandbox.transcript.formats.detect import formats_of, read_any
    from sandbox.transcript.formats.gather import gather, source_of

    gathered = gather([path])
    source = source_of(gathered.files[0], gathered, all_branches=False)
    _, runs = read_any(source, formats_of(source))
    digest = sha256(source.data).hexdigest()
    for part, foreign in enumerate(runs, 1):
        name = str(path) if len(runs) == 1 else f"{path}, run {part}"
        if foreign.record is not None:
            lines = foreign.record.splitlines(keepends=True)
            yield Past(name, map(decode, lines), _is_whole(lines))
        else:
            facts = {"source": path.name, "sha256": digest, "bytes": len(source.data)}
            yield Past(name, events(foreign, {**facts, "oddities": []}), trusted=False)


def _is_whole(lines: Iterable[bytes]) -> bool:
    """Whether every line follows from the one before; damage is told where the events are read."""
    previous = NO_HASH
    try:
        for line in lines:
            body, written = split(line)
            if chained(previous, body) != written:
                return False
            previous = written
    except Damaged:
        return False
    return True
