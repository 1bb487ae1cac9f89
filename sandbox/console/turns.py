"""Who has the floor, who comes and goes, and what the watch noticed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sandbox.console.fields import clause, listed, word
from sandbox.console.flag_title import flag_title, says_unasked
from sandbox.console.lines import Span
from sandbox.console.stage import Stage
from sandbox.console.told import Told, told
from sandbox.transcript.event import Event

__all__ = [
    "agent_joined",
    "bids",
    "flag",
    "offered",
    "room_change",
    "turn_ended",
]

_ENDS: Final[Mapping[str, tuple[str, str]]] = {
    "pass": ("passes", "note"),
    "silent": ("says nothing and does nothing", "note"),
    "silence": ("nobody wants the floor", "note"),
    "deadline": ("ran out of time", "warning"),
    "thinks": ("has thought as often as one turn allows", "warning"),
}
"""Ends of a turn that nothing else has told; the others need no words."""

_TOLD_ALREADY: Final = frozenset({"spoke", "refused", "failed", "left", "died", "stopped"})

_ELICITED: Final = ("nothing asked for it", "asked for", "something it saw named it", "fiction")


def offered(event: Event, stage: Stage) -> Iterator[Told]:
    """Draw the light line between two turns."""
    of = f" of {stage.turns:,}" if stage.turns else ""
    yield Told("turn", (Span(f"turn {stage.turn:,}{of}", "note"),), rule=True)


def bids(event: Event, stage: Stage) -> Iterator[Told]:
    """Tell who wanted the floor."""
    wants = event.data.get("bids")
    who = [clause(n) for n, want in wants.items() if want] if isinstance(wants, Mapping) else []
    if who:
        yield from told("bids", f"{', '.join(who)} wanted the floor", "note")


def turn_ended(event: Event, stage: Stage) -> Iterator[Told]:
    """Tell how a turn ended, where nothing else did."""
    reason = word(event.data, "reason")
    if reason not in _TOLD_ALREADY:
        words, style = _ENDS.get(reason, (f"the turn ended: {reason}", "note"))
        yield from told("turn", words, style)


def agent_joined(event: Event, stage: Stage) -> Iterator[Told]:
    """Tell that an agent is here."""
    yield from told("joined", "is here", "note")


def room_change(event: Event, stage: Stage) -> Iterator[Told]:
    """Tell of rooms that open and of those who come and go."""
    data = event.data
    room = word(data, "name") or clause(event.room)
    words = {
        "room.opened": f"opens the room {room}{_for(data)}",
        "room.invited": f"invites {word(data, 'agent')} into {room}",
        "room.joined": f"comes into {room}",
        "room.left": f"leaves {room}",
    }
    yield from told("room", words[event.kind], "action")


def _for(data: Mapping[str, Any]) -> str:
    members = listed(data, "members")
    about = word(data, "about")
    return (f" for {', '.join(members)}" if members else "") + (f": {about}" if about else "")


_REACTIONS: Final[Mapping[str, str]] = {
    "warn": " · warning",
    "freeze": " · its box is frozen",
    "stop": " · the run ends",
}
"""What follows a flag that is more than a line in the record; such a one is told in red."""


def flag(event: Event, stage: Stage) -> Iterator[Told]:
    """Tell what the watch noticed, what follows from it, and on which events it rests."""
    data = event.data
    level = f" · {word(data, 'level')}" if data.get("level") else ""
    reaction = _REACTIONS.get(word(data, "reaction"), "")
    style = "failed" if reaction else "title"
    evidence = listed(data, "evidence")
    rests = f" · event{'s' * (len(evidence) > 1)} {', '.join(evidence)}" if evidence else ""
    elicited = data.get("elicited")
    asked = f" · {_ELICITED[elicited]}" if isinstance(elicited, int) and 0 <= elicited < 4 else ""
    if says_unasked(data):
        asked = ""
    yield Told(
        "flag",
        (
            Span(word(data, "id"), "flag"),
            Span(f" {clause(flag_title(data))}", style),
            Span(reaction, style),
            Span(level + rests + asked, "note"),
        ),
    )
