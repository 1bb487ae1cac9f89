"""A search as a page shows it: hits as they come, how far it is, and what kept it from finding more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Final

from sandbox.console.fields import clause
from sandbox.console.lines import Span
from sandbox.console.neutral import neutralise
from sandbox.errors import QueryError, UsageError
from sandbox.transcript.search import Hit, Search, parse, snippet, write
from sandbox.transcript.search.query import And, Query

__all__ = ["MOST", "Found", "Progress", "find", "hit_spans"]

MOST: Final = 1000
"""Hits shown of one search: nobody reads more, and another word finds fewer."""

_BATCH: Final = 50
_COUNTED: Final = 100
"""Hits counted without a word, to tell which one excludes most."""

_ONE: Final = Lock()
"""One search at a time: another one's writing would keep the index from this one."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How many runs are read, and of how many."""

    done: int
    of: int


@dataclass(frozen=True, slots=True)
class Found:
    """Some hits more; ``over`` with the last of them, and then ``sentences`` are what is left to say."""

    hits: tuple[Hit, ...] = ()
    over: bool = False
    runs: int = 0
    """Those that were searched."""
    sentences: tuple[str, ...] = field(default=())
    problem: bool = False
    """The search could not be read, or took too long."""


class _Stopped(Exception):  # nobody sees it
    """The reader has stopped the search, or looks for something else."""


def find(
    root: Path,
    typed: str,
    tell: Callable[[Found | Progress], None],
    stopped: Callable[[], bool],
) -> None:
    """Search all runs of a folder, in a thread of its own; ends early if ``stopped``.

    Args:
        root: the folder.
        typed: what the reader looks for.
        tell: is given hits and progress as they come; the last ``Found`` says it is over.
        stopped: whether nobody waits for it any more.
    """

    def tick(done: int, of: int) -> None:
        if stopped():
            raise _Stopped
        tell(Progress(done, of))

    try:
        with _ONE:
            query = parse(typed)
            _all(root, query, tell, tick, stopped)
    except QueryError as error:
        tell(Found(over=True, sentences=(f"{error} (at character {error.at + 1})",), problem=True))
    except UsageError as error:
        tell(Found(over=True, sentences=(str(error),), problem=True))
    except _Stopped:
        tell(Found(over=True, sentences=("Stopped.",)))


def _all(
    root: Path,
    query: Query,
    tell: Callable[[Found | Progress], None],
    tick: Callable[[int, int], None],
    stopped: Callable[[], bool],
) -> None:
    search = Search(root, query, progress=tick)
    batch: list[Hit] = []
    count = 0
    try:
        for hit in islice(search, MOST + 1):
            if stopped():
                raise _Stopped
            count += 1
            if count > MOST:
                break
            batch.append(hit)
            if len(batch) == _BATCH or count == 1:
                tell(Found(tuple(batch)))
                batch = []
    finally:
        search.close()
    sentences = list(search.notes)
    if count > MOST:
        sentences.append(f"The first {MOST:,} are shown: another word finds fewer.")
    elif not count:
        sentences.append(_nothing(root, query, search.runs, tick))
    tell(Found(tuple(batch), over=True, runs=search.runs, sentences=tuple(sentences)))


def _nothing(root: Path, query: Query, runs: int, tick: Callable[[int, int], None]) -> str:
    """Say that nothing is found, and without which word something would be."""
    said = f"Nothing in {runs:,} run{'s' * (runs != 1)} matches."
    if not isinstance(query, And):
        return said
    counts = []
    for number, part in enumerate(query.parts):
        rest = [*query.parts[:number], *query.parts[number + 1 :]]
        without = rest[0] if len(rest) == 1 else And(tuple(rest))
        search = Search(root, without, progress=tick)
        counts.append((sum(1 for _ in islice(search, _COUNTED)), write(part)))
        search.close()
    most, word = max(counts)
    if not most:
        return said
    more = f"{most} or more" if most == _COUNTED else str(most)
    return f"{said} {word} leaves 0 of {more}."


def hit_spans(hit: Hit, width: int) -> Iterator[Span]:
    """Lay a hit out for a width in cells: run, turn, who, and what was found, marked."""
    head = f"{_short(hit.file.id):<9} "
    who = clause(hit.document.agent or "engine")[:12]
    lead = f"{head}{hit.place.turn:>5} "
    yield Span(lead, "note")
    yield Span(f"{who:<8} ", "title")
    room = max(10, width - len(lead) - max(9, len(who) + 1))
    text, marks = snippet(hit.document.text, hit.marks, room)
    at = 0
    for start, end in marks:
        yield Span(_safe(text[at:start]))
        yield Span(_safe(text[start:end]), "flag")
        at = end
    yield Span(_safe(text[at:]))


def _short(run: str) -> str:
    """A run's day and its last letters, which tell it from all others to the eye."""
    day, _, rest = run.partition("-")
    return clause(f"{day[4:]}·{rest[-4:]}" if rest else run[:9])


def _safe(text: str) -> str:
    return neutralise(text.replace("\n", " "), newlines=False)
