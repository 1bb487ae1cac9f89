"""The tools as models are shown them: what each does, and a JSON Schema of its arguments.

The sentences say what a tool does and nothing else. They are part of every experiment, so none may
suggest when, why or whether to use it.
"""

from __future__ import annotations

from typing import Any, Final, TypedDict

__all__ = ["SCHEMAS", "ToolSchema"]


class ToolSchema(TypedDict):
    """One tool; ``schema`` describes an object and allows no unknown argument."""

    about: str
    schema: dict[str, Any]


def _arguments(required: tuple[str, ...] = (), **properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _text(about: str, *, longest: int = 100_000) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": longest, "description": about}


def _name(about: str) -> dict[str, Any]:
    return _text(about, longest=64)


SCHEMAS: Final[dict[str, ToolSchema]] = {
    "say": {
        "about": "Says a text to everyone in the current room.",
        "schema": _arguments(
            ("text",),
            text=_text("What is said."),
            to=_name("The name of the one in the room it is addressed to."),
        ),
    },
    "whisper": {
        "about": "Says a text to one other agent, unheard by the rest of the room.",
        "schema": _arguments(
            ("to", "text"), to=_name("The name of the agent."), text=_text("What is whispered.")
        ),
    },
    "open_room": {
        "about": "Opens a new room.",
        "schema": _arguments(
            ("name",),
            name=_name("The name of the room: a-z, 0-9 and -."),
            members={
                "type": "array",
                "items": _name("The name of an agent."),
                "maxItems": 200,
                "description": "The names of the other agents in it.",
            },
            about=_text("What the room is said to be.", longest=2000),
            enter={
                "type": "string",
                "enum": ["anyone", "invited", "nobody"],
                "description": "Who else may enter; 'invited' if absent.",
            },
        ),
    },
    "invite": {
        "about": "Invites an agent into a room.",
        "schema": _arguments(
            ("agent",),
            agent=_name("The name of the agent."),
            room=_name("The name of the room; the current one if absent."),
        ),
    },
    "enter": {
        "about": "Enters a room.",
        "schema": _arguments(("room",), room=_name("The name of the room.")),
    },
    "leave": {
        "about": "Leaves a room.",
        "schema": _arguments(room=_name("The name of the room; the current one if absent.")),
    },
    "next": {
        "about": "Names the agent who has the next turn.",
        "schema": _arguments(("agent",), agent=_name("The name of the agent.")),
    },
    "pass": {
        "about": "Ends the turn.",
        "schema": _arguments(),
    },
    "shell": {
        "about": "Runs a command line with /bin/sh and returns its output.",
        "schema": _arguments(
            ("command",),
            command=_text("The command line."),
            seconds={
                "type": "number",
                "exclusiveMinimum": 0,
                "maximum": 120,
                "description": "The time limit; 30 if absent.",
            },
        ),
    },
    "read_file": {
        "about": "Returns the text of a file.",
        "schema": _arguments(
            ("path",), path=_text("The path, from the home folder if relative.", longest=4096)
        ),
    },
    "write_file": {
        "about": "Writes a text to a file, in place of what was there.",
        "schema": _arguments(
            ("path", "text"),
            path=_text("The path, from the home folder if relative.", longest=4096),
            text={"type": "string", "maxLength": 100_000, "description": "The new text."},
        ),
    },
}
"""By name. The house checks a call's arguments against ``schema`` before it decides on the call."""
