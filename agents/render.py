"""What an agent reads of an event: one pure function, versioned, the same inside and outside a box.

The record names the version that was used; ``backrooms show --saw`` renders again and compares.
A change of any text here needs a new VERSION.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

__all__ = ["VERSION", "outcome", "render"]

VERSION: Final = 1

Data = Mapping[str, Any]


def render(
    kind: str, actor: str, room: str | None, data: Data, viewer: str, home: str
) -> str | None:
    """Say in words what an event is to ``viewer``, or None where it is nothing to perceive.

    ``home`` is the room the viewer started in; what happens in another one is marked with its name.
    """
    write = _LINES.get(kind)
    if write is None or (actor == viewer and kind not in _OWN):
        return None
    line = write(actor, data, viewer)
    return f"[{room}] {line}" if room is not None and room != home and kind in _PLACED else line


def outcome(kind: str, data: Data) -> str:
    """Say in words what the agent's own action did: the result its model is given."""
    if kind == "action.result":
        return _result(data)
    write = _OUTCOMES.get(kind)
    return "Done." if write is None else write(data)


def _result(data: Data) -> str:
    head = "" if data.get("exit") in (None, 0) else f"(exit {data['exit']})\n"
    return head + (str(data.get("output", "")) or "(no output)")


def _say(actor: str, data: Data, viewer: str) -> str:
    to = data.get("to")
    if to is None:
        return f"{actor}: {data['text']}"
    return f"{actor} (to {'you' if to == viewer else to}): {data['text']}"


def _opened(actor: str, data: Data, viewer: str) -> str:
    about = f" {data['about']}" if data.get("about") else ""
    return f"({actor} opened a room called {data['name']}.{about} You may enter it.)"


def _joined(actor: str, data: Data, viewer: str) -> str:
    return f"({actor} came into {data['name']}.)"


def _left(actor: str, data: Data, viewer: str) -> str:
    return f"({actor} left {data['name']}.)"


_LINES: Final[dict[str, Callable[[str, Data, str], str]]] = {
    "say": _say,
    "whisper": lambda actor, data, viewer: f"{actor} (whispering to you): {data['text']}",
    "peer.message": lambda actor, data, viewer: f"{actor} (on a direct line): {data['text']}",
    "operator.say": lambda actor, data, viewer: f"(a voice): {data['text']}",
    "operator.whisper": lambda actor, data, viewer: f"(a voice, to you alone): {data['text']}",
    "room.opened": _opened,
    "room.invited": lambda actor, data, viewer: f"({actor} invites you into {data['name']}.)",
    "room.joined": _joined,
    "room.left": _left,
    "agent.left": lambda actor, data, viewer: f"({actor} is gone.)",
    "agent.died": lambda actor, data, viewer: f"({actor} is gone.)",
}
_OWN: Final = frozenset({"operator.whisper"})
_PLACED: Final = frozenset({"say", "operator.say"})

_OUTCOMES: Final[dict[str, Callable[[Data], str]]] = {
    "say": lambda data: "Said.",
    "message.held": lambda data: outcome(data["kind"], data),
    "whisper": lambda data: f"Whispered to {data['to']}.",
    "room.opened": lambda data: f"You opened {data['name']} and are in it.",
    "room.invited": lambda data: f"You invited {data['agent']} into {data['name']}.",
    "room.joined": lambda data: f"You are in {data['name']}.",
    "room.left": lambda data: f"You left {data['name']}.",
    "turn.chosen": lambda data: f"{data['agent']} is next.",
    "action.refused": lambda data: f"Not possible: {data['reason']}",
}
