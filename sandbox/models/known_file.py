"""A file of facts about models: read, checked key by key, never guessed at."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Final, Literal, TypeAlias

from sandbox.errors import UsageError

__all__ = ["FIGURES", "Fact", "FactFile", "LongPrompt", "Source", "Value", "read_facts"]

Source: TypeAlias = Literal["official", "stated", "yours"]
"""Who says so: the maker, somebody else, or the person's own file."""


@dataclass(frozen=True, slots=True)
class LongPrompt:
    """The prices of a prompt of more than ``over`` tokens, in USD per million."""

    over: int
    input: float
    output: float


Value: TypeAlias = int | float | bool | date | LongPrompt | None


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure, who says so, and when that was read; ``value`` is None where it is said to be unknown."""

    value: Value
    source: Source
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What a file says of one maker or model."""

    facts: Mapping[str, Fact]
    aliases: tuple[str, ...] = ()
    successor: str = ""


@dataclass(frozen=True, slots=True)
class FactFile:
    """What a file says of makers, by provider, and of models, by ``provider/model``."""

    makers: Mapping[str, Entry]
    models: Mapping[str, Entry]


def _tokens(value: object) -> Value:
    return value if type(value) is int and value > 0 else None


def _truth(value: object) -> Value:
    return value if type(value) is bool else None


def _amount(value: object) -> Value:
    if type(value) in {int, float} and 0 <= value < 1e6:  # type: ignore[operator]  # narrowed by type()
        return float(value)  # type: ignore[arg-type]
    return None


def _day(value: object) -> Value:
    return value if type(value) is date else None


def _long_prompt(value: object) -> Value:
    if not isinstance(value, dict) or set(value) != {"over", "input", "output"}:
        return None
    over, paid, got = _tokens(value["over"]), _amount(value["input"]), _amount(value["output"])
    if isinstance(over, int) and isinstance(paid, float) and isinstance(got, float):
        return LongPrompt(over, paid, got)
    return None


_TOKENS: Final = (_tokens, "a number of tokens, such as 200_000")
_TRUTH: Final = (_truth, "true or false")
_DOLLARS: Final = (_amount, "USD per million tokens, such as 2.50")
_FACTOR: Final = (_amount, "a factor, such as 0.1")

FIGURES: Final[Mapping[str, tuple[Callable[[object], Value], str]]] = {
    "context": _TOKENS,
    "max_output": _TOKENS,
    "temperature": _TRUTH,
    "tool_choice": _TRUTH,
    "system": _TRUTH,
    "prefill": _TRUTH,
    "seed": _TRUTH,
    "input": _DOLLARS,
    "output": _DOLLARS,
    "cache_read": _FACTOR,
    "cache_write": _FACTOR,
    "long_prompt": (_long_prompt, "{ over = 100_000, input = 0.50, output = 2.50 }"),
    "ends": (_day, "a day, such as 2026-11-30"),
}
"""Every figure: how it is read, and what it must be."""

_WORDS: Final = ("aliases", "successor")


def read_facts(path: Path) -> FactFile:
    """Read a file of facts; one that is not there says nothing.

    Raises:
        UsageError: it cannot be read, is no TOML, or holds what is none of the figures: file and key.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return FactFile({}, {})
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is no TOML: {error}") from None
    return _Reading(path).file(found)


class _Reading:
    """Reads one file, and says where in it something is wrong."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def file(self, found: Mapping[str, object]) -> FactFile:
        for key in found:
            if key not in {"makers", "models"}:
                raise self._wrong(key, "is no table of this file: there are makers and models")
        makers = self._table("makers", found.get("makers", {}))
        models = self._table("models", found.get("models", {}))
        for name in models:
            if "/" not in name:
                raise self._wrong(f'models."{name}"', "is to be called provider/model")
        return FactFile(
            {name: self._entry(f"makers.{name}", each) for name, each in makers.items()},
            {name: self._entry(f'models."{name}"', each) for name, each in models.items()},
        )

    def _entry(self, place: str, found: object) -> Entry:
        facts: dict[str, Fact] = {}
        aliases: tuple[str, ...] = ()
        successor = ""
        for key, value in self._table(place, found).items():
            at = f"{place}.{key}"
            if key in FIGURES:
                facts[key] = self._fact(at, key, value)
            elif key == "aliases":
                if not isinstance(value, list) or not all(isinstance(a, str) for a in value):
                    raise self._wrong(at, "is to be a list of names")
                aliases = tuple(value)
            elif key == "successor":
                if not isinstance(value, str):
                    raise self._wrong(at, "is to be the name of a model")
                successor = value
            else:
                near = get_close_matches(key, [*FIGURES, *_WORDS], n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(FIGURES)}"
                raise self._wrong(at, f"is none of the figures: {hint}")
        return Entry(facts, aliases, successor)

    def _fact(self, at: str, key: str, found: object) -> Fact:
        source: Source = "yours"
        on: date | None = None
        value = found
        if isinstance(found, dict) and "value" in found:
            value = found["value"]
            said = {word: day for word, day in found.items() if word != "value"}
            if len(said) != 1 or not said.keys() <= {"official", "stated"}:
                raise self._wrong(at, "is to say where it is from: official = DAY or stated = DAY")
            (word, day), *_ = said.items()
            if type(day) is not date:
                raise self._wrong(f"{at}.{word}", "is to be the day on which it was read")
            source, on = ("official" if word == "official" else "stated"), day
        if value == "unknown":
            return Fact(None, source, on)
        read, must = FIGURES[key]
        sound = read(value)
        if sound is None:
            raise self._wrong(at, f"is {value!r:.60}, and is to be {must}, or 'unknown'")
        return Fact(sound, source, on)

    def _table(self, place: str, found: object) -> Mapping[str, object]:
        if isinstance(found, dict):
            return found
        raise self._wrong(place, "is to be a table")

    def _wrong(self, place: str, what: str) -> UsageError:
        return UsageError(f"{self._path}: {place} {what}")
