"""A recording for ``asciinema play``: the run as a terminal shows it, with markers to jump to.

asciicast v2: a header, then one JSON list a line: seconds, ``o`` and what is written, or ``m`` and the
label of a marker. The only control codes in it are the colours of our own styles and line ends.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO, Final

import orjson
from rich.color import ColorSystem
from rich.console import Console
from rich.text import Text

from sandbox.console.fields import clause, word
from sandbox.console.flag_title import flag_title
from sandbox.console.narrator import Narrator
from sandbox.console.terminal import draw
from sandbox.transcript.event import Event
from sandbox.transcript.formats.exporters.screen import screen
from sandbox.transcript.formats.exporters.source import Placed, Source
from sandbox.transcript.formats.exporters.survey import moment
from sandbox.transcript.pacing import delays

__all__ = ["write"]

WIDTH: Final = 100
HEIGHT: Final = 30
GAP: Final = 2.0
"""Seconds that a longer silence is cut to: a model's minute is nothing to watch."""
_UNTIMED: Final = 0.6
"""Seconds between the lines of a run that has no times (an imported one)."""


def write(source: Source, out: BinaryIO) -> None:
    """Write the recording; it needs one pass and holds one event."""
    console = screen(io.StringIO(), WIDTH)
    narrator = Narrator()
    at, turn = 0.0, 0
    for wait, placed in _paced(source):
        event = placed.event
        if event.kind == "run.started":
            out.write(orjson.dumps(_header(event)) + b"\n")
        at += wait
        marks = [[round(at, 3), "m", label] for label in _labels(placed, turn)]
        out.writelines(orjson.dumps(mark) + b"\n" for mark in marks)
        turn = placed.turn
        lines = narrator.narrate(event)
        if not lines:
            continue
        if not event.ts:
            at += _UNTIMED
        rows = [row for line in lines for row in draw(line, console, WIDTH)]
        text = "".join(f"{_colours(row, console)}\r\n" for row in rows)
        out.write(orjson.dumps([round(at, 3), "o", text]) + b"\n")


def _colours(row: Text, console: Console) -> str:
    """Write a row with its colours; a console's own print lays it out once more, at twice the cost."""
    return "".join(
        segment.text
        if segment.style is None
        else segment.style.render(segment.text, color_system=ColorSystem.STANDARD)
        for segment in row.render(console, end="")
    )


def _paced(source: Source) -> Iterator[tuple[float, Placed]]:
    turns: list[int] = []

    def events() -> Iterator[Event]:
        for turn, event in source:
            turns.append(turn)
            yield event

    for wait, event in delays(events(), 1.0, GAP):
        yield wait, Placed(turns.pop(), event)


def _header(started: Event) -> dict[str, object]:
    header: dict[str, object] = {"version": 2, "width": WIDTH, "height": HEIGHT}
    if (began := moment(started.ts)) is not None:
        header["timestamp"] = int(began)
    return {**header, "title": word(started.data, "title") or clause(started.run)}


def _labels(placed: Placed, before: int) -> Iterator[str]:
    if placed.turn > before:
        yield f"turn {placed.turn}"
    if placed.event.kind == "flag":
        yield f"{word(placed.event.data, 'id')}: {clause(flag_title(placed.event.data))}"
