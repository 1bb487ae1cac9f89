"""A comparison written down for others: a Markdown file in which nothing of an agent is markup."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sandbox.console.difference import difference_lines
from sandbox.console.fields import clause
from sandbox.console.lines import Line
from sandbox.errors import Damaged
from sandbox.transcript.formats.exporters.written import written
from sandbox.transcript.replay_record import RecordLog
from sandbox.tui.compare.comparison import Comparison
from sandbox.tui.compare.pairing import pairs
from sandbox.tui.replay.readable import Readable
from sandbox.tui.replay.telling import Telling

__all__ = ["write_report"]


def write_report(found: Comparison) -> Path:
    """Write a comparison beside the first run's folder; an earlier one of the same two is replaced.

    Raises:
        TranscriptError: a record cannot be read.
        OSError: it cannot be written.
    """
    first, second = found.folders
    path = first.with_name(f"{first.name}-against-{second.name}.md")
    text = "\n".join(_lines(found)) + "\n"
    with written(path) as out:
        out.write(text.encode())
    return path


def _lines(found: Comparison) -> Iterator[str]:
    a, b = (clause(side.run) for side in found.found.sides)
    yield f"# {_plain(a)} against {_plain(b)}"
    yield ""
    yield from (f"    {line}" for line in difference_lines(found.found))
    parting = found.found.parting
    if parting is None:
        return
    for name, side in zip("AB", (0, 1), strict=True):
        yield ""
        yield f"## Turn {parting.turn} of {name}"
        yield ""
        told = _told(found, side, parting.turn)
        # Indented by four: a block of code, out of which no text can lead.
        yield from (f"    {line.plain()}" for line in told)


def _told(found: Comparison, side: int, turn: int) -> list[Line]:
    for pair in pairs(found, "turn"):
        part = (pair.a, pair.b)[side]
        if part is not None and part.turn == turn:
            with RecordLog(found.folders[side]) as log:
                telling = Telling(Readable(log))
                telling.learn(found.cues[side])
                try:
                    return telling.lines(part.first, part.last)
                except Damaged:
                    return []
    return []


def _plain(text: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_ ." else "?" for letter in text)
