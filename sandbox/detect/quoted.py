"""What an event says, word for word, as the evidence of a flag."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.console.fields import clause
from sandbox.detect.folding import FlagRow
from sandbox.transcript.event import Event
from sandbox.transcript.record import Record

__all__ = ["quoted"]


def quoted(row: FlagRow, event: Event, record: Record) -> str:
    """What an event of a flag's evidence says, as exactly as can be told of its kind; hostile, of many lines.

    Raises:
        Damaged: the event that it continues cannot be read.
    """
    for name in ("words", "deed"):
        own = row.data.get(name)
        if isinstance(own, Mapping) and own.get("seq") == event.seq:
            return str(own.get("text"))
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
