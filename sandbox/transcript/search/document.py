"""What of an event can be found: its words, and what it is filtered by."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sandbox.transcript.event import Event
from sandbox.transcript.search.query import SILENT

__all__ = ["Document", "documents", "turn_after"]

_DEEPEST: Final = 8
_FIELDS: Final = {
    "say": ("text",),
    "whisper": ("text",),
    "peer.message": ("text",),
    "operator.say": ("text",),
    "operator.whisper": ("text",),
    "operator.edit": ("text",),
    "message.held": ("text",),
    "think.failed": ("text", "error"),
    "action.intent": ("args",),
    "action.refused": ("reason",),
    "action.result": ("output",),
    "flag": ("title", "detail"),
    "agent.joined": ("model",),
}
"""Where the words of a kind are; of every other kind all texts of its data are words."""

_CLASSES: Final = {
    "peer.message": "whisper",
    "action.intent": "action",
    "action.refused": "action",
    "action.result": "result",
}


@dataclass(frozen=True, slots=True)
class Document:
    """One thing that can be found. An event holds one, or several: a thought and each of its calls.

    ``what`` is its class, one of ``CLASSES``, or the event's kind. ``agent`` is who did it, or whom a
    flag is about. ``text`` is hostile.
    """

    seq: int
    ts: str
    kind: str
    what: str
    agent: str
    room: str
    tool: str
    to: tuple[str, ...]
    text: str
    evidence: tuple[int, ...] = ()
    """For a flag: the events that it rests on."""
    flag: str = ""
    """For a flag: its id."""


def turn_after(event: Event, turn: int) -> int:
    """The turn that an event belongs to, from that of the event before it."""
    if event.kind in {"turn.offered", "turn.bid"}:
        begun = event.data.get("turn")
        if isinstance(begun, int) and 0 < begun < 1 << 62:
            return begun
    return turn


def documents(event: Event) -> list[Document]:
    """What can be found of one event, from that event alone, whatever its data holds."""
    kind, data = event.kind, event.data
    if kind in SILENT or (kind == "action.intent" and data.get("author") == "model"):
        return []  # a model's intent is a call of its thought, where the arguments are
    if kind == "think.done":
        return _thought(event)
    if kind == "run.started":
        return [_document(event, "run", "\n".join(_opening(data)))]
    top = kind.partition(".")[0]
    what = top if top in {"operator", "think", "run"} else _CLASSES.get(kind, kind)
    return [_document(event, what, _words(event))]


def _words(event: Event) -> str:
    fields = _FIELDS.get(event.kind)
    values = event.data if fields is None else [event.data.get(field) for field in fields]
    return "\n".join(_texts(values))


def _document(
    event: Event,
    what: str,
    text: str,
    *,
    tool: object = None,
    to: object = None,
) -> Document:
    data = event.data
    agent: object = event.actor
    evidence: tuple[int, ...] = ()
    flag = ""
    if event.kind == "flag":
        agent = data.get("agent")
        flag = _name(data.get("id"))
        rests_on = data.get("evidence")
        if isinstance(rests_on, list):
            evidence = tuple(seq for seq in rests_on if type(seq) is int and 0 < seq < 1 << 62)
    return Document(
        seq=event.seq,
        ts=event.ts,
        kind=event.kind,
        what=what,
        agent=_name(agent),
        room=event.room or "",
        tool=_name(tool or data.get("tool")),
        to=_names(to or data.get("to")),
        text=text,
        evidence=evidence,
        flag=flag,
    )


def _thought(event: Event) -> list[Document]:
    data = event.data
    listed = data.get("calls")
    calls: list[Mapping[str, object]] = (
        [call for call in listed if isinstance(call, dict)] if isinstance(listed, list) else []
    )
    texts = [text for name in ("reasoning", "text") for text in _texts(data.get(name))]
    # An agent that answers in JSON writes its calls into its text.
    thoughts = [text for text in texts if not (calls and _is_object(text))]
    found = [_document(event, "think", text) for text in thoughts]
    for call in calls:
        tool, words = call.get("tool"), call.get("args")
        to = None
        if tool in ("say", "whisper") and isinstance(
            words, dict
        ):  # as in the event that it becomes
            to = words.get("to")
            words = words.get("text")
        found.append(_document(event, "action", "\n".join(_texts(words)), tool=tool, to=to))
    return found


def _is_object(text: str) -> bool:
    if not text.lstrip().startswith("{"):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _opening(data: Mapping[str, Any]) -> Iterator[str]:
    """A run's title, and what its scenario tells the agents; their scripts are found when they are said."""
    scenario = data.get("scenario")
    scenario = scenario if isinstance(scenario, Mapping) else {}
    yield from _texts([data.get("title"), scenario.get("premise"), scenario.get("about")])
    yield from _members(data.get("agents"), "model", "system")
    yield from _members(scenario.get("agents"), "persona", "system")
    yield from _members(data.get("rooms"), "about")


def _members(table: object, *fields: str) -> Iterator[str]:
    """Some fields of every object in an object of objects, behind its name."""
    for name, member in table.items() if isinstance(table, Mapping) else ():
        if isinstance(member, Mapping):
            for text in _texts([member.get(field) for field in fields]):
                yield f"{name}: {text}"


def _texts(value: object, depth: int = 0) -> Iterator[str]:
    """Every text in a value, in its order; keys are the house's words, not theirs."""
    if isinstance(value, str):
        if value:
            yield value
    elif isinstance(value, Mapping | list | tuple) and depth < _DEEPEST:
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(item, depth + 1)


def _name(value: object) -> str:
    return value if isinstance(value, str) else ""


def _names(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(name for name in value if isinstance(name, str)) if isinstance(value, list) else ()
