"""The last line of defence of the screen: no control character leaves a widget, whoever let it in."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from sandbox.console.neutral import neutralise

__all__ = ["SafeFilter"]


class SafeFilter(LineFilter):
    """Makes the text of every segment neutral before it is written.

    Texts are neutral already where they enter a widget, for their width is measured there. Textual
    itself lets escape codes through, in borders, toasts and tooltips too; this sees all of those.
    """

    def apply(
        self,
        segments: list[Segment],
        background: Color,  # noqa: ARG002  # Textual's signature
    ) -> list[Segment]:
        return [
            segment
            if segment.control or segment.text == (text := neutralise(segment.text, newlines=False))
            else Segment(text, segment.style)
            for segment in segments
        ]
