"""Flags written down for others: a Markdown file in which nothing of an agent is markup."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from sandbox.clock import Clock, iso
from sandbox.console.ends import count
from sandbox.console.fields import clause
from sandbox.detect.wilson import wilson
from sandbox.transcript.formats.exporters.written import written
from sandbox.tui.flags.noticed import Noticed
from sandbox.tui.flags.whole import Whole, read_whole

__all__ = ["write_report"]

_MOST: Final = 2_000
"""Flags that are written whole; of more the file says how many are missing."""

_CODE: Final = "    "
"""What begins a line of a block of code, out of which no text can lead."""


def write_report(flags: Sequence[Noticed], path: Path, said: str, clock: Clock) -> Path:
    """Write flags with their evidence and verdicts, and how often each detector was right.

    Args:
        flags: in the order in which they are shown.
        path: of the file; an earlier one is replaced.
        said: which flags these are, in a few words.
        clock: tells when it was written.

    Raises:
        OSError: it cannot be written.
    """
    with written(path) as out:
        for line in _lines(flags, said, iso(clock.now())):
            out.write(f"{line}\n".encode())
    return path


def _lines(flags: Sequence[Noticed], said: str, now: str) -> Iterator[str]:
    yield "# Flags"
    yield ""
    yield f"{_CODE}{clause(said)}: {count(len(flags), 'row')}, written {now[:19]}Z"
    yield ""
    yield "## Precision"
    yield ""
    yield from (f"{_CODE}{line}" for line in _precision(flags))
    by_run = groupby(flags[:_MOST], key=lambda flag: flag.folder)
    for number, (folder, of_run) in enumerate(by_run, 1):
        yield ""
        yield f"## Run {number}"
        yield ""
        yield f"{_CODE}{clause(folder.name)}"
        for flag in of_run:
            yield ""
            yield f"### {flag.severity} turn {flag.row.turn:,}, event {flag.row.seq:,}"
            yield ""
            whole = read_whole(folder, flag.row.seq)
            yield from (f"{_CODE}{line}".rstrip() for line in _flag(flag, whole))
    if len(flags) > _MOST:
        yield ""
        yield f"And {len(flags) - _MOST:,} more, which are not written here."


def _precision(flags: Sequence[Noticed]) -> Iterator[str]:
    """Of each id that was judged: how many were real, with Wilson's interval."""
    states: dict[str, list[str]] = {}
    for flag in flags:
        note = flag.note
        states.setdefault(flag.row.id, []).append("" if note is None else note.verdict or "")
    judged = 0
    for id, given in sorted(states.items()):
        real, false = given.count("real"), given.count("false")
        if real + false:
            judged += 1
            share = wilson(real, real + false)
            yield (
                f"{clause(id)}: {real} of {real + false} judged were real "
                f"({share.low:.2f} to {share.high:.2f}, 95 %), {given.count('unsure')} unsure"
            )
    if not judged:
        yield "none of these flags was judged; recall is not known"


def _flag(flag: Noticed, whole: Whole) -> Iterator[str]:
    row, note = flag.row, flag.note
    yield f"{clause(row.id)}, {clause(row.level) or 'contact'}, version {row.version}"
    yield clause(row.title)
    agents = f"{clause(row.agent)} to {clause(row.to)}" if row.to else clause(row.agent)
    yield f"agent: {agents}   elicited: {row.elicited}   reaction: {clause(row.reaction)}"
    if row.count > 1:
        yield f"{row.count:,} like it, up to turn {row.last:,}"
    if note is None or note.verdict is None:
        yield "verdict: none yet"
    else:
        text = f": {clause(note.text)}" if note.text else ""
        yield f"verdict: {note.verdict} ({clause(note.author)}, {clause(note.at)[:16]}){text}"
    if whole.row is None:
        yield clause(whole.fault)
        return
    for name, value in whole.facts:
        yield f"{name}: {value}"
    yield f"refuted by: {whole.refuted or 'the detector does not say'}"
    for quote in whole.quotes:
        yield ""
        yield quote.head
        yield from (f"| {line}" for line in quote.lines)
    if whole.more:
        yield f"and {whole.more:,} more events"
