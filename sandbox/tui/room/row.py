"""One row of cells out of styled spans, for widgets that draw themselves line by line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from sandbox.console.lines import Span
from sandbox.console.styles import STYLES

__all__ = ["row"]

_LOOKS = {name: Style.parse(look) for name, look in STYLES.items()}
_NONE = Style.null()


def row(spans: Sequence[Span], width: int, base: Style) -> Strip:
    """Lay spans side by side on ``base``, cut or filled to exactly ``width`` cells.

    Neighbours of one style become one segment: a terminal is told a style in some 40 bytes.
    """
    segments = [
        Segment("".join(span.text for span in same), base + _LOOKS.get(style, _NONE))
        for style, same in groupby(spans, key=attrgetter("style"))
    ]
    return Strip(segments).crop_extend(0, width, base)
