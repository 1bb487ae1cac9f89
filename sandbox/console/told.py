"""One thing told: the body of a line, before it has its name and its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sandbox.console.lines import Span

__all__ = ["Told", "told"]


@dataclass(frozen=True, slots=True)
class Told:
    """What kind of line it is, and its spans; ``who`` where it is not the event's actor."""

    what: str
    body: tuple[Span, ...]
    mark: Span | None = None
    who: str | None = None
    rule: bool = False


def told(
    what: str,
    texts: str | Sequence[str],
    style: str = "",
    *,
    lead: Sequence[Span] = (),
    mark: Span | None = None,
) -> Iterator[Told]:
    """Tell one text, or several lines of one, in a style.

    ``lead`` stands before the first line, ``mark`` beside each.
    """
    for text in [texts] if isinstance(texts, str) else texts:
        yield Told(what, (*lead, Span(text, style)), mark)
        lead = ()
