"""A few words around what was found."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.transcript.search.places import Span

__all__ = ["snippet"]


def snippet(text: str, marks: Sequence[Span], width: int) -> tuple[str, list[Span]]:
    """Cut a text around its first mark to about ``width`` characters; the marks are moved along.

    What is left out before and behind is told by ``…``.
    """
    first, last = marks[0] if marks else (0, 0)
    # A third before the mark: what follows tells more.
    before = max(0, width - (last - first)) // 3
    start = max(0, min(first - before, len(text) - width))
    if start:
        space = text.find(" ", start, first)
        start = space + 1 if space >= 0 else start
    end = min(len(text), max(start + width, min(last, start + 4 * width)))
    lead = "…" if start else ""
    moved = [
        (max(a, start) - start + len(lead), min(b, end) - start + len(lead))
        for a, b in marks
        if a < end and b > start
    ]
    return f"{lead}{text[start:end]}{'…' if end < len(text) else ''}", moved
