"""What the JSON Schema of a scenario says of the value at a path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from sandbox.tui.edit.flow import Step

__all__ = ["Schema", "about", "alternatives", "at", "kinds"]

Schema: TypeAlias = Mapping[str, Any]
"""A JSON Schema, or a part of one."""

_KINDS: Final = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "array": "list",
    "object": "mapping",
}


def at(root: Schema, path: Sequence[Step]) -> list[Schema]:
    """The schemas that the value at a path may have; none where nothing is allowed there."""
    found: list[Schema] = [root]
    for step in path:
        found = [
            below
            for part in found
            for each in alternatives(root, part)
            if (below := _below(each, step)) is not None
        ]
    return found


def alternatives(root: Schema, part: Schema) -> Iterator[Schema]:
    """The part itself with its reference followed, or each of what it may be instead."""
    if "$ref" in part:
        yield from alternatives(root, root["$defs"][part["$ref"].rpartition("/")[2]])
    elif choices := part.get("anyOf") or part.get("oneOf"):
        for choice in choices:
            yield from alternatives(root, choice)
    else:
        yield part


def about(root: Schema, part: Schema) -> str:
    """What the schema says of a part in words; of several parts, what its own mapping is."""
    if said := part.get("description"):
        return str(said)
    return next(
        (str(each["description"]) for each in alternatives(root, part) if "description" in each), ""
    )


def kinds(root: Schema, part: Schema) -> list[str]:
    """The kinds of value that a part takes, in the words of people."""
    found = (_KINDS.get(str(each.get("type"))) for each in alternatives(root, part))
    return [*dict.fromkeys(kind for kind in found if kind is not None)]


def _below(part: Schema, step: Step) -> Schema | None:
    if isinstance(step, int):
        items = part.get("items")
        return items if isinstance(items, Mapping) else None
    if step in part.get("properties", {}):
        return dict(part["properties"])[step]  # type: ignore[no-any-return]
    for named in part.get("patternProperties", {}).values():
        return named  # type: ignore[no-any-return]  # a scenario's names all have one form
    more = part.get("additionalProperties")
    return more if isinstance(more, Mapping) else None
