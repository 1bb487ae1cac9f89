"""What the schema says of the key under the cursor."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.tui.edit.cursor import spot_at
from sandbox.tui.edit.flow import Step
from sandbox.tui.edit.schema_at import Schema, about, alternatives, at, kinds

__all__ = ["KeyHelp", "key_help"]


@dataclass(frozen=True, slots=True)
class KeyHelp:
    """``path`` as people write it, what it takes, and what it is for."""

    path: str
    takes: str
    about: str


def key_help(schema: Schema, lines: Sequence[str], row: int, column: int) -> KeyHelp | None:
    """Find the help for a cursor, row and column from 0; None where the schema has nothing to say."""
    line = lines[row]
    spot = spot_at(lines, row, min(column, len(line)))
    path = spot.path
    if spot.kind == "open":
        rest = re.match(r"[\w-]*", line[spot.start :])
        word = rest[0] if rest else ""
        if word and at(schema, (*path, word)):
            path = (*path, word)
    while path:
        parts = at(schema, path)
        if parts and any(about(schema, part) for part in parts):
            return KeyHelp(_written(path), _takes(schema, parts), _plain(about(schema, parts[0])))
        path = path[:-1]
    return KeyHelp("a scenario", "mapping", _plain(about(schema, schema)))


def _plain(words: str) -> str:
    """Without the marks of code, which a terminal does not show."""
    return words.replace("``", "")


def _written(path: Sequence[Step]) -> str:
    return ".".join(str(step + 1) if isinstance(step, int) else step for step in path)


def _takes(schema: Schema, parts: Sequence[Schema]) -> str:
    words = [*dict.fromkeys(kind for part in parts for kind in kinds(schema, part))]
    said = [" or ".join(words)] if words else []
    choices = [
        str(choice)
        for part in parts
        for each in alternatives(schema, part)
        for choice in each.get("enum", ())
    ]
    if choices:
        said.append(f"one of {', '.join(choices)}")
    default = parts[0].get("default")
    if isinstance(default, str | int | float) and default != "":
        said.append(f"default {str(default).lower() if isinstance(default, bool) else default}")
    return "; ".join(said)
