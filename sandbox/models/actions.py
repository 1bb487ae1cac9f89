"""Actions as JSON, for models without tool calls: the schema, the reading, the check of any call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import orjson

from sandbox.models.provider import ToolCall, ToolSpec

__all__ = ["Malformed", "action_schema", "check_call", "parse_action"]

Schema: TypeAlias = Mapping[str, Any]

LONGEST_BOUND: Final = 64
"""llama.cpp turns a bound into that many grammar rules; larger ones are left to ``check_call``."""

AGENT_KEYS: Final = frozenset({"agent", "to"})
"""Arguments that name an agent, in every tool that has them."""

DEEPEST: Final = 32
"""Nesting that is looked at; no tool's schema has more than three levels."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """A text that is no action; ``reason`` is half a sentence that the model is told."""

    reason: str


def action_schema(tools: Sequence[ToolSpec], names: Sequence[str] = ()) -> dict[str, Any]:
    """Describe one action as a JSON Schema: ``{"action": name}`` and the arguments of that tool.

    One alternative per tool, ``action`` first, so that a model constrained by it chooses before it
    fills in. Descriptions and large bounds are left out: they only make a grammar slow. Where
    ``names`` is given, only these may be written where the name of an agent is due.
    """
    return {"anyOf": [_alternative(tool, names) for tool in tools]}


def _alternative(tool: ToolSpec, names: Sequence[str]) -> dict[str, Any]:
    schema = _plain(tool.schema)
    properties = schema.get("properties", {})
    if names:
        who = {"type": "string", "enum": [*names]}
        properties |= {key: who for key in properties if key in AGENT_KEYS}
        if "members" in properties:
            properties["members"] |= {"items": who}
    return {
        "type": "object",
        "properties": {"action": {"const": tool.name}, **properties},
        "required": ["action", *schema.get("required", ())],
        "additionalProperties": False,
    }


def _plain(schema: Schema) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "properties":
            plain[key] = {name: _plain(part) for name, part in value.items()}
        elif key == "items":
            plain[key] = _plain(value)
        elif key in {"maxLength", "maxItems"} and value > LONGEST_BOUND:
            continue
        elif key != "description":
            plain[key] = value
    return plain


def parse_action(text: str, tools: Sequence[ToolSpec]) -> ToolCall | Malformed:
    """Read the action in what a model wrote, whatever stands around the JSON object.

    The arguments are not checked (``check_call`` does that). Never raises.
    """
    try:
        read = orjson.loads(text)
    except ValueError:
        inner = text[text.find("{") : text.rfind("}") + 1]
        if not inner:
            return Malformed("there is no whole JSON object in it")
        try:
            read = orjson.loads(inner)
        except ValueError:
            return Malformed("its JSON cannot be read")
    if not isinstance(read, dict):
        return Malformed("an action is one JSON object")
    name = read.pop("action", None)
    if not isinstance(name, str):
        return Malformed("the key 'action' must be there and be the name of an action")
    if all(tool.name != name for tool in tools):
        return Malformed(_unknown(name, tools))
    return ToolCall("json", name, read)


def check_call(call: ToolCall, tools: Sequence[ToolSpec]) -> str | None:
    """Say in one sentence, for the model, what is wrong with a call; None if it fits its tool."""
    spec = next((tool for tool in tools if tool.name == call.tool), None)
    if spec is None:
        return _sentence(_unknown(call.tool, tools))
    if isinstance(call.args, str):
        return f"The arguments of {call.tool} must be one JSON object."
    wrong = _object(call.args, spec.schema, call.tool, 0)
    return None if wrong is None else _sentence(wrong)


def _unknown(name: str, tools: Sequence[ToolSpec]) -> str:
    known = ", ".join(tool.name for tool in tools) or "none"
    return f"there is no action {name!r:.60}; the actions are: {known}"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _object(value: Schema, schema: Schema, where: str, depth: int) -> str | None:
    properties: Schema = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            return f"{where} needs {name!r}"
    for name, part in value.items():
        if name in properties:
            wrong = _value(part, properties[name], f"{name!r} of {where}", depth)
            if wrong is not None:
                return wrong
        elif schema.get("additionalProperties") is False:
            takes = f"it takes {', '.join(properties)}" if properties else "it takes no arguments"
            return f"{where} does not take {name!r:.60}; {takes}"
    return None


def _value(value: object, schema: Schema, where: str, depth: int) -> str | None:
    if depth > DEEPEST:
        return f"{where} is nested too deeply"
    kind = schema.get("type")
    if kind is not None and not _is(value, kind):
        return f"{where} must be {_KINDS.get(kind, kind)}, not {_named(value)}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{where} must be one of {', '.join(map(repr, schema['enum']))}"
    match value:
        case str():
            return _text(value, schema, where)
        case list():
            return _list(value, schema, where, depth)
        case dict():
            return _object(value, schema, where, depth + 1)
        case int() | float():
            return _number(value, schema, where)
        case _:
            return None


def _text(value: str, schema: Schema, where: str) -> str | None:
    if len(value) < schema.get("minLength", 0):
        return f"{where} must not be empty" if not value else f"{where} is too short"
    longest = schema.get("maxLength")
    if longest is not None and len(value) > longest:
        return f"{where} has {len(value):,} characters; at most {longest:,} are allowed"
    return None


def _list(value: list[object], schema: Schema, where: str, depth: int) -> str | None:
    longest = schema.get("maxItems")
    if longest is not None and len(value) > longest:
        return f"{where} has {len(value):,} items; at most {longest:,} are allowed"
    parts = (_value(v, schema.get("items", {}), f"an item of {where}", depth + 1) for v in value)
    return next((wrong for wrong in parts if wrong is not None), None)


def _number(value: float, schema: Schema, where: str) -> str | None:
    if "minimum" in schema and not value >= schema["minimum"]:
        return f"{where} must be at least {schema['minimum']:g}"
    if "exclusiveMinimum" in schema and not value > schema["exclusiveMinimum"]:
        return f"{where} must be above {schema['exclusiveMinimum']:g}"
    if "maximum" in schema and not value <= schema["maximum"]:
        return f"{where} must be at most {schema['maximum']:g}"
    return None


def _is(value: object, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES.get(kind, object))


def _named(value: object) -> str:
    return next((_KINDS[kind] for kind in _KINDS if _is(value, kind)), "nothing")


_TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}

_KINDS: Final[Mapping[str, str]] = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
