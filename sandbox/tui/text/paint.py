"""Told lines as Textual draws them: the console's looks, as strips and texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.strip import Strip

from sandbox.console.lines import Line, Span
from sandbox.console.styles import STYLES
from sandbox.tui.text.lay import Laid

__all__ = ["HIT", "strips", "text"]

_LOOKS: Final = {name: Style.parse(look) for name, look in STYLES.items()}
_PLAIN: Final = Style.null()
HIT: Final = Style(reverse=True)
"""What was found; it is seen without colours too."""


def strips(line: Line, laid: Laid, width: int, base: Style, needle: str = "") -> list[Strip]:
    """Draw one line, one strip a row.

    Args:
        line: neutral.
        laid: its layout for this width.
        width: cells.
        base: the look of what has none of its own.
        needle: in lower case; where it stands in the line is marked.
    """
    if line.rule:
        return [_rule(line, width, base, needle)]
    body = _marked(line.body, needle)
    head = _fit(_marked(line.head, needle), laid.margin)
    mark = () if line.mark is None else (_segment(line.mark),)
    drawn = []
    for start, end in laid.rows:
        drawn.append([*head, *mark, *_cut(body, start, end)])
        head = (Segment(" " * laid.margin),)
        if line.mark is not None and not line.mark.text.startswith("│"):
            mark = (
                Segment(" " * cell_len(line.mark.text)),
            )  # a prompt stands once, a bar each row
    if laid.hidden:
        more = f"… {laid.hidden:,} more lines (enter)"
        drawn.append([*head, *mark, Segment(more, _LOOKS["note"])])
    return [Strip(Segment.apply_style(row, base)) for row in drawn]


def text(spans: Sequence[Span]) -> Text:
    """Put spans together in the looks of their styles."""
    return Text.assemble(*((span.text, _LOOKS.get(span.style, "")) for span in spans))


def _segment(span: Span) -> Segment:
    return Segment(span.text, _LOOKS.get(span.style, _PLAIN))


def _rule(line: Line, width: int, base: Style, needle: str) -> Strip:
    words = list(_marked((*line.head, *line.body), needle))
    strip = Strip(words)
    if strip.cell_length >= width:
        strip = Strip(_fit(words, width, end="…"))
    else:
        rest = " " + "─" * (width - strip.cell_length - 1)
        strip = Strip([*words, Segment(rest, _LOOKS["note"])])
    return strip.apply_style(base) if base else strip


def _fit(segments: Sequence[Segment], width: int, end: str = " ") -> tuple[Segment, ...]:
    """Fill a column: cut with an ellipsis, or pad; one blank stays free at its end."""
    strip = Strip(segments)
    room = width - 1
    if strip.cell_length > room:
        cut = list(strip.crop(0, max(room - (end == " "), 0)))
        return (*cut, Segment("…" + end if end == " " and room > 0 else end[:width]))
    return (*segments, Segment(" " * (width - strip.cell_length)))


def _marked(spans: Iterable[Span], needle: str) -> tuple[Segment, ...]:
    """Segments of spans, with what was found in a look of its own."""
    segments = tuple(map(_segment, spans))
    if not needle:
        return segments
    words = "".join(segment.text for segment in segments)
    lower = words.lower()
    if needle not in lower or len(lower) != len(words):
        return segments
    found = []
    at = 0
    while (hit := lower.find(needle, at)) >= 0:
        found += [*_cut(segments, at, hit)]
        at = hit + len(needle)
        found += [
            Segment(part.text, (part.style or _PLAIN) + HIT) for part in _cut(segments, hit, at)
        ]
    return (*found, *_cut(segments, at, len(words)))


def _cut(segments: Iterable[Segment], start: int, end: int) -> Iterator[Segment]:
    """The characters from ``start`` up to ``end``."""
    at = 0
    for segment in segments:
        after = at + len(segment.text)
        if after > start and at < end:
            part = segment.text[max(start - at, 0) : end - at]
            yield Segment(part, segment.style)
        at = after
        if at >= end:
            return
