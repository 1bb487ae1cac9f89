"""What can be written at the cursor: keys by the schema, and the values that it or the scenario knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sandbox.tui.edit.cursor import Spot, spot_at
from sandbox.tui.edit.flow import Step
from sandbox.tui.edit.schema_at import Schema, about, alternatives, at, kinds

__all__ = ["Completion", "Option", "Words", "complete"]

MOST: Final = 200
"""Options that are offered; one who sees more goes on typing."""


@dataclass(frozen=True, slots=True)
class Words:
    """Names that no schema knows."""

    models: Sequence[str] = ()
    agents: Sequence[str] = ()
    rooms: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """One way to go on: ``name`` is shown, ``text`` is written, ``about`` explains it."""

    name: str
    text: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Completion:
    """The options for the word that begins at column ``start`` (from 0) and ends at the cursor."""

    start: int
    word: str
    options: tuple[Option, ...]

    @property
    def common(self) -> str:
        """What all options begin with, where that is more than was typed."""
        first, last = min(texts := [option.text for option in self.options]), max(texts)
        alike = (at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b)
        shared = first[: next(alike, min(len(first), len(last)))].rstrip("\n")
        return shared if len(shared) > len(self.word) and shared.startswith(self.word) else ""


def complete(
    schema: Schema, lines: Sequence[str], row: int, column: int, words: Words
) -> Completion | None:
    """Find what can be written at a cursor (row and column from 0); None where nothing is known."""
    spot = spot_at(lines, row, column)
    if spot.kind == "text":
        return None
    found = [*_keys(schema, spot)] if spot.kind == "open" else []
    if spot.kind == "value" or (spot.path and isinstance(spot.path[-1], int)):
        found += [Option(value, value) for value in _values(schema, spot, words)]
    options = _ranked(found, spot.word)
    if not options or [option.text for option in options] == [spot.word]:
        return None
    return Completion(spot.start, spot.word, tuple(options[:MOST]))


def _ranked(options: Sequence[Option], word: str) -> list[Option]:
    """Those that begin with the word; where none does, those that hold it."""
    typed = word.lower()
    heads = [option for option in options if option.name.lower().startswith(typed)]
    return heads or [option for option in options if typed in option.name.lower()]


def _keys(schema: Schema, spot: Spot) -> Iterator[Option]:
    indent = " " * (spot.start + 2)
    for part in at(schema, spot.path):
        for each in alternatives(schema, part):
            for key, below in each.get("properties", {}).items():
                if key in spot.siblings and key != spot.word:
                    continue
                nested = not spot.flow and kinds(schema, below) == ["mapping"]
                text = f"{key}:\n{indent}" if nested else f"{key}: "
                yield Option(key, text, about(schema, below))
            for key in each.get("propertyNames", {}).get("enum", ()):
                yield Option(key, f"{key}: ")


def _values(schema: Schema, spot: Spot, words: Words) -> Iterator[str]:
    yield from dict.fromkeys([*_named(spot.path, words), *_allowed(schema, spot.path)])


def _allowed(schema: Schema, path: Sequence[Step]) -> Iterator[str]:
    for part in at(schema, path):
        for each in alternatives(schema, part):
            yield from map(str, each.get("enum", ()))
            if each.get("type") == "boolean":
                yield from ("true", "false")


def _named(path: Sequence[Step], words: Words) -> Sequence[str]:
    """Names that may stand at a path: of models, of agents, of rooms."""
    match tuple(path):
        case ("agents", _) | (*_, "model") | (*_, "serve", int()):
            return words.models
        case (
            ("rooms", _, int())
            | ("rooms", _, "members" | "enter", int())
            | ("doors", "agents", int())
        ):
            return words.agents
        case ("order", "moderator") | (*_, "whisper", "to") | (*_, "next" | "invite", "agent"):
            return words.agents
        case (*_, "do", "enter") | (*_, "do", int(), "enter") | (*_, "enter" | "invite", "room"):
            return words.rooms
    return ()
