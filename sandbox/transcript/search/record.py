"""A record read from any place in it, with the place of every line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sandbox.errors import Damaged
from sandbox.transcript.codec import decode
from sandbox.transcript.event import Event
from sandbox.transcript.search.match import Facts

__all__ = ["Line", "event_at", "facts", "is_continued", "lines"]

_BUFFER = 1 << 18
_HASH = 64 + len(b'"}\n')


class Line(NamedTuple):
    """One event, where its line begins, and where the next one does, in bytes."""

    event: Event
    at: int
    end: int


def lines(path: Path, start: int = 0) -> Iterator[Line]:
    """Read the whole lines of a record from the one that begins at ``start``.

    A torn last line is left out: whoever writes it is not through yet, or was killed.

    Raises:
        Damaged: a line cannot be read.
        OSError: the file cannot.
    """
    with path.open("rb", buffering=_BUFFER) as file:
        file.seek(start)
        at = start
        for raw in file:
            if not raw.endswith(b"\n"):
                return
            event = decode(raw)
            if not 0 < event.seq < 1 << 62:
                raise Damaged(f"'seq' is {event.seq}")
            yield Line(event, at, at + len(raw))
            at += len(raw)


def event_at(path: Path, at: int, seq: int) -> Event | None:
    """Read the event whose line begins at ``at``; None if another, or none, is there now."""
    try:
        with path.open("rb") as file:
            file.seek(at)
            event = decode(file.readline())
    except (OSError, Damaged):
        return None
    return event if event.seq == seq else None


def is_continued(path: Path, end: int, tail: str) -> bool:
    """Whether the line that ends at ``end`` is still the one with this hash.

    If it is, the chain makes sure that what stands before it is what stood there, too.
    """
    if end < _HASH:
        return end == 0
    try:
        with path.open("rb") as file:
            file.seek(end - _HASH)
            return file.read(_HASH) == f'{tail}"}}\n'.encode()
    except OSError:
        return False


def facts(run: str, event: Event) -> Facts:
    """What a run's first event says of the whole of it, whatever its data holds."""
    data = event.data
    agents = data.get("agents")
    agents = agents.items() if isinstance(agents, dict) else ()
    models = {name: agent.get("model") for name, agent in agents if isinstance(agent, dict)}
    imported = data.get("imported")
    origin = imported if isinstance(imported, dict) else {}
    return Facts(
        run,
        _text(data.get("title")),
        _text(origin.get("format")),
        {name: model for name, model in models.items() if isinstance(model, str)},
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
