"""From what may match to what does: patterns are tried, and words that stand there twice are told once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sandbox.transcript.kinds import SPEECH
from sandbox.transcript.search.document import Document
from sandbox.transcript.search.match import Found, Place, holds
from sandbox.transcript.search.patterns import Patterns
from sandbox.transcript.search.places import Span, marks
from sandbox.transcript.search.query import Query
from sandbox.transcript.search.runfile import RunFile

__all__ = ["Candidate", "Hit", "sift", "unrepeated"]

_BLOCK: Final = 64
"""Texts that patterns are looked for in at once: one at a time, the talk costs more than the looking."""

_NEAR: Final = 50
"""Events between a thought and the words that it became."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document that may match. ``at`` is where its event begins in the record, in bytes."""

    file: RunFile
    document: Document
    place: Place
    at: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that matches, and the places in its text that are to be marked."""

    file: RunFile
    document: Document
    place: Place
    at: int
    marks: Sequence[Span]


def sift(query: Query, candidates: Iterable[Candidate], patterns: Patterns) -> Iterator[Hit]:
    """Let through what matches, in the same order.

    Raises:
        UsageError: a pattern takes too long.
    """
    waiting: list[Candidate] = []
    block = 1  # the first hit is wanted at once
    for candidate in candidates:
        held = holds(query, candidate.document, candidate.place)
        if held is False:
            continue
        if held and not patterns.patterns:
            yield _hit(query, candidate, {})
            continue
        waiting.append(candidate)
        if len(waiting) >= block:
            yield from _try(query, waiting, patterns)
            waiting, block = [], min(block * 2, _BLOCK)
    if waiting:
        yield from _try(query, waiting, patterns)


def _try(query: Query, candidates: Sequence[Candidate], patterns: Patterns) -> Iterator[Hit]:
    found = patterns.find([candidate.document.text for candidate in candidates])
    for candidate, places in zip(candidates, found, strict=True):
        if holds(query, candidate.document, candidate.place, places):
            yield _hit(query, candidate, places)


def _hit(query: Query, found: Candidate, places: Found) -> Hit:
    spans = marks(query, found.document.text, places)
    return Hit(found.file, found.document, found.place, found.at, spans)


def unrepeated(hits: Iterable[Hit]) -> Iterator[Hit]:
    """Leave out a thought, or the call in it, if what it says word for word is a hit as well.

    Most of what an agent says stands in the record twice: as its model wrote it, and as it was said.
    """
    held: deque[Hit] = deque()
    for hit in hits:
        while held and (
            held[0].file != hit.file or hit.document.seq - held[0].document.seq > _NEAR
        ):
            yield held.popleft()
        if hit.document.kind in SPEECH:
            held = deque(each for each in held if not _becomes(each, hit))
        if not held and hit.document.kind != "think.done":
            yield hit
        else:
            held.append(hit)
    yield from held


def _becomes(thought: Hit, speech: Hit) -> bool:
    before, after = thought.document, speech.document
    return (before.kind, before.agent, before.text) == ("think.done", after.agent, after.text)
