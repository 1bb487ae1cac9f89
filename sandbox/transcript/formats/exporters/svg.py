"""One screen of a run as a picture, for a page or a slide."""

from __future__ import annotations

import io
import re
from typing import BinaryIO, Final

from rich.text import Text

from sandbox.console.fields import word
from sandbox.console.narrator import Narrator
from sandbox.console.terminal import draw
from sandbox.transcript.formats.exporters.screen import screen
from sandbox.transcript.formats.exporters.source import Source

__all__ = ["write"]

_WIDTH: Final = 100
_ROWS: Final = 36
_WEB_FONT: Final = re.compile(r"@font-face\s*\{.*?\}\s*", re.DOTALL)
_NO_XML: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(source: Source, out: BinaryIO) -> None:
    """Draw the first screen of the part that is exported: of a moment, or of the whole run."""
    from sandbox.tui.looks import SIXTEEN  # brings Textual, which no other format needs

    console = screen(io.StringIO(), _WIDTH, record=True)
    narrator, rows, title = Narrator(), list[Text](), ""
    for turn, event in source:
        lines = narrator.narrate(event)
        if event.kind == "run.started":
            title = word(event.data, "title")
            if source.part.first:
                continue  # a moment begins with itself, not with the cast
        if turn >= (source.part.first or 0):
            rows += [row for line in lines for row in draw(line, console, _WIDTH)]
        if len(rows) > _ROWS:
            break
    for row in rows[:_ROWS]:
        console.print(row, soft_wrap=True)
    svg = console.export_svg(title=title or "backrooms", theme=SIXTEEN, unique_id="backrooms")
    # Rich names fonts that a viewer would fetch from the web.
    out.write(_NO_XML.sub("\ufffd", _WEB_FONT.sub("", svg)).encode())
