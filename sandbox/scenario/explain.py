"""What pydantic finds wrong, in plain words and with places."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sandbox.scenario.node import Node
from sandbox.scenario.place import MOST, Place, Problem, shown
from sandbox.scenario.schema import (
    BEHAVIOUR,
    FILLED,
    NAME,
    PLANTED,
    TITLE,
    URL,
    WORD,
    AgentSpec,
    Budget,
    CanarySpec,
    DoorSpec,
    DoorsSpec,
    IsolationSpec,
    Limits,
    MetadataDoor,
    ModelsDoor,
    OrderSpec,
    Part,
    RoomSpec,
    Scenario,
    ScriptLine,
    ServedSpec,
    StopRules,
    WatchSpec,
    When,
)
from sandbox.scenario.suggest import remedy

__all__ = ["explained", "validated"]

Steps: TypeAlias = tuple[int | str, ...]


def validated(tree: Node) -> tuple[Scenario | None, list[Problem]]:
    """Check a tree against the schema."""
    try:
        return Scenario.model_validate(tree.plain()), []
    except ValidationError as error:
        errors = error.errors(include_url=False, include_context=True)[: MOST + 1]
        return None, [_problem(tree, each) for each in errors]


def explained(error: ErrorDetails) -> tuple[str, str]:
    """Say what is wrong, with the value, and what to do."""
    path = _path(error)
    kind, value, about = error["type"], error["input"], error.get("ctx", {})
    label = _label(path)
    if kind == "extra_forbidden":
        part, inside = _part(path[:-1])
        known = [*part.model_fields, *(["include"] if part is Scenario else [])]
        return f"unknown key {shown(path[-1])}{inside}", remedy(str(path[-1]), known, "Known keys")
    if kind == "missing":
        return f"{label} is missing", _EXAMPLES.get(str(path[-1]), "Add it.")
    if kind in _WANTED:
        return _wrong_type(kind, label, value, str(path[-1]))
    if kind == "literal_error":
        known = re.findall(r"'([^']*)'", about["expected"])
        tool = "do" in path or "tools" in path
        what = f"there is no tool {shown(value)}" if tool else f"{label} cannot be {shown(value)}"
        return what, remedy(value if isinstance(value, str) else "", known, "Choose one of")
    if kind == "string_pattern_mismatch":
        return _wrong_form(str(value), str(about["pattern"]), label)
    return _out_of_bounds(kind, label, value, about, str(path[-1]))


def _path(error: ErrorDetails) -> Steps:
    """The keys that lead to the value, without the steps that pydantic adds."""
    path = error["loc"]
    if path[0] == "rooms" and path[2:3] == ("enter",):
        return path[:3] + path[4:]
    return path[:-1] if path[-1] == "[key]" and error["type"] != "extra_forbidden" else path


def _problem(tree: Node, error: ErrorDetails) -> Problem:
    written = tree.find(error["loc"]).value
    if isinstance(written, str) and error["type"] in _BOUNDS:
        error["input"] = written  # as it stands in the file: 1MB, not 1000000
    return Problem(_place(tree, error), *explained(error))


def _place(tree: Node, error: ErrorDetails) -> Place:
    path = _path(error)
    if error["type"] != "extra_forbidden" and error["loc"][-1] != "[key]":
        return tree.find(path).place
    parent = tree.find(path[:-1])
    return parent.keys.get(str(path[-1]), parent.place)


def _part(path: Steps) -> tuple[type[Part], str]:
    """The model that describes the mapping at a path, and words for where that is."""
    match path:
        case ():
            return Scenario, ""
        case ("agents", name):
            return AgentSpec, f" in agent {shown(name)}"
        case ("agents", name, "budget"):
            return Budget, f" in the budget of {shown(name)}"
        case ("agents", name, "script", int(at)):
            return ScriptLine, f" in line {at + 1} of the script of {shown(name)}"
        case ("agents", _, "script", _, "when"):
            return When, " in 'when'"
        case ("rooms", name):
            return RoomSpec, f" in room {shown(name)}"
        case ("doors", *below):
            return _door(tuple(below))
    return _PARTS[str(path[0])], f" in '{path[0]}'"


def _door(path: Steps) -> tuple[type[Part], str]:
    match path:
        case ():
            return DoorsSpec, " in 'doors'"
        case ("models", "serve", int(at), "script", int(line), *rest):
            part = When if rest else ScriptLine
            return part, f" in line {line + 1} of the script of model {at + 1}"
        case ("models", "serve", int(at)):
            return ServedSpec, f" in model {at + 1} of 'serve'"
        case ("canaries", int(at)):
            return CanarySpec, f" in item {at + 1} of 'canaries'"
    return _DOORS.get(str(path[0]), DoorSpec), f" in door '{path[0]}'"


_DOORS: Final[Mapping[str, type[Part]]] = {"models": ModelsDoor, "metadata": MetadataDoor}
_PARTS: Final[Mapping[str, type[Part]]] = {
    "order": OrderSpec,
    "limits": Limits,
    "stop": StopRules,
    "isolation": IsolationSpec,
    "watch": WatchSpec,
}


def _label(path: Steps) -> str:
    match path:
        case ("agents", name):
            return f"agent {shown(name)}"
        case ("rooms", name):
            return f"room {shown(name)}"
        case (*_, str(key), int(at)):
            return f"item {at + 1} of '{key}'"
        case (*_, key):
            return shown(key)
    return "the scenario"


_EXAMPLES: Final = {
    "title": "Add for example 'title: Two strangers'.",
    "agents": "Add 'agents:' and below it, indented, at least one name.",
}
_WANTED: Final = {
    "string_type": ("a text", "Put quotes around it."),
    "int_type": ("a whole number", "Write digits only, for example 20."),
    "float_type": ("a number", "Write digits, for example 1.5."),
    "bool_type": ("true or false", "Write true or false."),
    "dict_type": ("a mapping", "Write lines of 'key: value', indented."),
    "model_type": ("a mapping", "Write lines of 'key: value', indented."),
    "tuple_type": ("a list", "Write [a, b], or lines that begin with '- '."),
}
_UNITS: Final = {
    "float_type": "Write seconds, or a time such as 90s, 5m or 2h.",
    "int_type": "Write bytes, or a size such as 512MB or 1GiB.",
}


def _wrong_type(kind: str, label: str, value: object, key: str) -> tuple[str, str]:
    wanted, advice = _WANTED[kind]
    if key in {"memory", "disk"} or key.endswith("seconds"):
        advice = _UNITS.get(kind, advice)
    if value is None:
        return f"{label} is empty", f"Write {wanted}, or remove the key."
    if kind == "string_type" and isinstance(value, dict | list):
        advice = "Write a text."
    return f"{label} must be {wanted}, not {shown(value)}", advice


def _wrong_form(value: str, pattern: str, label: str) -> tuple[str, str]:
    if pattern == NAME:
        near = re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")[:32]
        like = f", for example '{near}'" if re.fullmatch(NAME, near) else ""
        return (
            f"{shown(value)} is no name",
            f"Use a-z, 0-9 and '-', at most 32, a letter first{like}.",
        )
    what, advice = {
        BEHAVIOUR: ("is no id of a behaviour", "Write it like 'contact.cross-model'."),
        TITLE: ("holds a line break or another control character", "Write one plain line."),
        URL: ("is no address", "Begin with http:// or https://."),
        PLANTED: (
            "is no path of a planted file",
            "Write a path below the work folder, like notes/keys.txt, or /run/backrooms/NAME.",
        ),
        FILLED: ("has no place for the token", "Write {token} where it is to stand."),
        WORD: ("is empty or has space around it", "Write what the line says, and nothing else."),
    }[pattern]
    return f"{shown(value)} {what}" if pattern == BEHAVIOUR else f"{label} {what}", advice


_BOUNDS: Final = {
    "greater_than": ("more than", "gt", "Write a larger number."),
    "greater_than_equal": ("at least", "ge", "Write a larger number."),
    "less_than": ("less than", "lt", "Write a smaller number."),
    "less_than_equal": ("at most", "le", "Write a smaller number."),
}


def _out_of_bounds(
    kind: str, label: str, value: Any, about: Mapping[str, Any], key: str
) -> tuple[str, str]:
    if kind in _BOUNDS:
        word, bound, advice = _BOUNDS[kind]
        limit = about[bound]
        written = f"{limit >> 20} MiB" if key in {"memory", "disk"} else f"{int(limit):,}"
        return f"{label} must be {word} {written}, not {shown(value)}", advice
    if kind == "string_too_long":
        return (
            f"{label} has {len(value):,} characters, {about['max_length']:,} are allowed",
            _SHORTER,
        )
    if kind == "too_long" and about["max_length"] == 1:
        return f"{label} holds {len(value)} actions", "Begin each action with '- '."
    if kind == "too_long":
        return f"{label} has {len(value):,} entries, {about['max_length']:,} are allowed", _SHORTER
    if kind in {"string_too_short", "too_short"}:
        return f"{label} is empty", "Write something, or remove the key."
    raise AssertionError(f"the schema has a rule that is not put into words: {kind}")


_SHORTER: Final = "Shorten it."
