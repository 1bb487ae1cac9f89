"""One flag as a whole: what it says, what would refute it, and its evidence word for word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sandbox.detect import FlagRow
    from sandbox.transcript import Event, Note, Record

__all__ = ["print_flag"]

_SAID: Final = frozenset({"id", "version", "title", "evidence", "words", "deed", "refuted_by"})
"""What stands elsewhere than in the list of fields."""
_QUOTED: Final = 4_000
"""Characters of one event."""


def print_flag(row: FlagRow, note: Note | None, record: Record) -> None:
    """Print it; all of it is hostile."""
    from sandbox.console import neutralise

    for line in _lines(row, note, record):
        print(neutralise(line, newlines=False))


def _lines(row: FlagRow, note: Note | None, record: Record) -> Iterator[str]:
    from sandbox.console.fields import clause

    data = row.data
    yield f"flag {row.seq}, turn {row.turn}: {row.id} (version {row.version})"
    yield f"  {row.title}"
    for name in (name for name in data if name not in _SAID):
        yield f"  {name + ':':<12} {clause(data[name])}"
    if note is not None:
        text = f": {note.text}" if note.text else ""
        yield f"  {'verdict:':<12} {note.verdict} ({note.author}, {note.at[:16]}){text}"
    yield f"  {'refuted by:':<12} {clause(data.get('refuted_by'))}"
    for seq in row.evidence:
        event = record.get(seq)
        if event is None:
            yield f"  event {seq} is not in the record"
            continue
        yield f"  event {seq}, turn {record.turn_of(seq)}: {event.kind} of {event.actor}"
        for line in _words(row, event, record)[:_QUOTED].split("\n"):
            yield f"    | {line}"


def _words(row: FlagRow, event: Event, record: Record) -> str:
    """What an event says, as exactly as can be told of its kind."""
    from sandbox.console.fields import clause

    for name in ("words", "deed"):
        quoted = row.data.get(name)
        if isinstance(quoted, Mapping) and quoted.get("seq") == event.seq:
            return str(quoted.get("text"))
    data = event.data
    if event.kind == "action.intent":
        args = data.get("args") or _planned(event, record)
        return f"{data.get('tool')} {clause(args)}"
    if event.kind == "run.started":
        return "what the scenario tells the agents: `backrooms show` prints it"
    return str(data["text"]) if isinstance(data.get("text"), str) else clause(data)


def _planned(intent: Event, record: Record) -> Any:
    """The arguments of a call, which stand in the thought that planned it."""
    thought = record.get(intent.parent) if intent.parent else None
    calls = thought.data.get("calls") if thought is not None else None
    for call in calls if isinstance(calls, list) else ():
        if isinstance(call, Mapping) and call.get("id") == intent.data.get("call"):
            return call.get("args")
    return None
