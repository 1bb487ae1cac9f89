"""Whether a document is what was looked for: no index, no file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from sandbox.transcript.search.document import Document
from sandbox.transcript.search.fold import fold
from sandbox.transcript.search.places import Span, places
from sandbox.transcript.search.query import And, Field, Not, Or, Phrase, Query, Regex, Turns, Word

__all__ = ["Facts", "Found", "Place", "about_run", "holds"]

Found: TypeAlias = Mapping[str, Sequence[Span]]
"""Where each pattern was found in one text."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a run's first event says of the whole of it. ``models`` are by agent."""

    id: str
    title: str = ""
    format: str = ""
    models: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """What a document does not know of itself. ``flags`` are ids of those that rest on its event."""

    run: Facts
    turn: int = 0
    flags: tuple[str, ...] = ()


def holds(
    query: Query, document: Document, place: Place, found: Found | None = None
) -> bool | None:
    """Decide whether a document matches.

    Returns:
        None where it hangs on a pattern, and ``found`` does not say where the patterns are.
    """
    return _Judge(document, place, found).holds(query)


def about_run(condition: Field, run: Facts) -> bool | None:
    """Decide on a field that is the same for a whole run; None if it is another field."""
    match condition.name:
        case "run":
            return run.id.startswith(condition.value)
        case "title":
            return fold(condition.value) in fold(run.title)
        case "format":
            return fold(condition.value) in fold(run.format)
    return None


class _Judge:
    """One document, and its folded text once it is needed."""

    def __init__(self, document: Document, place: Place, found: Found | None) -> None:
        self.document = document
        self.place = place
        self.found = found
        self._folded: str | None = None

    def holds(self, query: Query) -> bool | None:
        match query:
            case Word() | Phrase():
                if self._folded is None:
                    self._folded = fold(self.document.text)
                return next(places(query, self._folded), None) is not None
            case Regex(pattern):
                return None if self.found is None else bool(self.found.get(pattern))
            case Turns(first, last):
                turn = self.place.turn
                return (first is None or first <= turn) and (last is None or turn <= last)
            case Field():
                return self.has(query)
            case Not(part):
                held = self.holds(part)
                return None if held is None else not held
            case And(parts):
                return _first(False, map(self.holds, parts))
            case Or(parts):
                return _first(True, map(self.holds, parts))

    def has(self, condition: Field) -> bool:
        of_run = about_run(condition, self.place.run)
        if of_run is not None:
            return of_run
        document, value = self.document, condition.value
        match condition.name:
            case "agent" | "room" | "tool":
                return bool(getattr(document, condition.name) == value.lower())
            case "to":
                return value.lower() in document.to
            case "kind":
                return value in {document.what, document.kind}
            case "flag":
                return any(flag.startswith(value) for flag in (document.flag, *self.place.flags))
            case "model":
                model = self.place.run.models.get(document.agent)
                return model is not None and fold(value) in fold(model)
            case "after":
                return document.ts >= value
        return document.ts < value


def _first(decisive: bool, answers: Iterable[bool | None]) -> bool | None:  # noqa: FBT001  # private
    """The decisive answer if it is among them; else None if one is unknown; else its opposite."""
    unknown = False
    for answer in answers:
        if answer is decisive:
            return decisive
        unknown = unknown or answer is None
    return None if unknown else not decisive
