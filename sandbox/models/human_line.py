"""What a person types, read as an answer: a plain line is said, a line with a slash is an action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sandbox.models.provider import Part, TextDelta, ToolCall, ToolSpec

__all__ = ["Unclear", "help_text", "read_bid", "read_line"]

_FORMS: Final = {"string": "TEXT", "number": "NUMBER", "integer": "NUMBER", "array": "NAMES"}


class Unclear(ValueError):
    """A line that is no answer; the message says to the person why."""


def read_line(line: str, tools: Sequence[ToolSpec], call: str) -> list[Part]:
    """Read one line: words, or ``/ACTION`` with its arguments; nothing typed is ``/pass``.

    Arguments that an action needs are single words, but for the last, which is the rest of the line.
    ``//`` begins a line that is said with one slash. ``call`` becomes the id of the action.

    Raises:
        Unclear: no such action, or an argument is missing.
    """
    line = line.strip()
    if line.startswith("//"):
        return [TextDelta(line[1:])]
    if line and not line.startswith("/"):
        return [TextDelta(line)]
    name, _, rest = (line or "/pass")[1:].partition(" ")
    spec = next((tool for tool in tools if tool.name == name), None)
    if spec is None:
        if not line:
            return []
        raise Unclear(f"There is no action {name!r:.40}. {_listed(tools)}")
    return [ToolCall(call, name, _arguments(spec, rest.strip()))]


def read_bid(line: str) -> list[Part]:
    """Read whether somebody wants the floor: nothing typed is no."""
    return [TextDelta(line.strip() or "no")]


def help_text(tools: Sequence[ToolSpec]) -> str:
    """Every way to answer, a line each."""
    lines = ["TEXT  says it to everyone in the room", "an empty line  passes"]
    lines += [f"{_form(tool)}  {tool.about}" for tool in tools]
    return "\n".join([*lines, "//TEXT  says a text that begins with a slash", "Ctrl+D  leaves"])


def _arguments(spec: ToolSpec, rest: str) -> Mapping[str, Any]:
    names = list(_taken(spec))
    values = rest.split(None, len(names) - 1) if rest and names else []
    if rest and not names:
        raise Unclear(f"/{spec.name} takes nothing more.")
    if len(values) < len(spec.schema.get("required", ())):
        raise Unclear(f"It is written {_form(spec)}.")
    kinds = spec.schema.get("properties", {})
    return {name: _value(v, kinds[name]) for name, v in zip(names, values, strict=False)}


def _taken(spec: ToolSpec) -> Sequence[str]:
    """The arguments that can be typed: those that are needed, else the one that may be given."""
    needed = spec.schema.get("required", ())
    return needed or list(spec.schema.get("properties", {}))[:1]


def _value(text: str, schema: Mapping[str, Any]) -> Any:
    return text.split() if schema.get("type") == "array" else text


def _form(spec: ToolSpec) -> str:
    kinds, needed = spec.schema.get("properties", {}), spec.schema.get("required", ())
    words = [f"/{spec.name}"]
    for name in _taken(spec):
        word = name.upper() if name != "to" else "NAME"
        word = _FORMS[kinds[name]["type"]] if name == "text" else word
        words.append(word if name in needed else f"[{word}]")
    return " ".join(words)


def _listed(tools: Sequence[ToolSpec]) -> str:
    names = ", ".join(f"/{tool.name}" for tool in tools) or "none"
    return f"There are: {names}."
