"""What is known of a model: the shipped facts, a person's own before them, and the maker's behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from sandbox.clock import SystemClock
from sandbox.errors import ModelUnavailable
from sandbox.models.config import config_folder
from sandbox.models.known_file import Fact, FactFile, Value, read_facts

__all__ = ["Known", "doubt", "known", "known_models", "refuse_retired", "today", "user_file"]

SOON: Final = 60
"""Days before a model's end from which it is said; Anthropic gives notice that long before."""


@dataclass(frozen=True, slots=True)
class Known:
    """All facts about one model; ``listed`` is False where only its maker is known."""

    name: str
    facts: Mapping[str, Fact]
    listed: bool
    successor: str = ""

    def value(self, figure: str) -> Value:
        """The figure, or None where it is unknown."""
        fact = self.facts.get(figure)
        return fact.value if fact is not None else None

    @property
    def ends(self) -> date | None:
        """The day from which its maker answers no more."""
        ends = self.value("ends")
        return ends if isinstance(ends, date) else None


def known(model: str) -> Known:
    """What is known of ``provider/model``, under any of its names.

    Raises:
        UsageError: the person's own file is wrong: which key, and what it must be.
    """
    shipped, yours = _shipped(), _yours()
    aliases = _aliases(shipped) | _aliases(yours)
    name = aliases.get(model, model)
    provider = name.partition("/")[0]
    facts: dict[str, Fact] = {}
    listed, successor = False, ""
    for file in (shipped, yours):
        if provider in file.makers:
            facts |= file.makers[provider].facts
    for file in (shipped, yours):
        if name in file.models:
            listed = True
            facts |= file.models[name].facts
            successor = file.models[name].successor or successor
    return Known(name, facts, listed, successor)


def known_models() -> list[str]:
    """The names of all models of which something is known, in the order of the files."""
    return [*dict.fromkeys([*_shipped().models, *_yours().models])]


def refuse_retired(model: str, on: date | None = None) -> None:
    """Refuse a model whose maker answers no more on the day ``on`` (today, if None).

    Raises:
        ModelUnavailable: it was retired: when, and what has taken its place.
    """
    found = known(model)
    if found.ends is not None and found.ends <= (on or today()):
        raise ModelUnavailable(f"{model} was retired by its maker on {found.ends}{_instead(found)}")


def doubt(model: str, on: date | None = None) -> str | None:
    """What speaks against a model that may still be asked, in one sentence; None where nothing does.

    An id that is not known is no error: makers add models every week.
    """
    found, on = known(model), on or today()
    if found.ends is not None and found.ends <= on:
        return f"{model} was retired by its maker on {found.ends}{_instead(found)}"
    if found.ends is not None and (found.ends - on).days <= SOON:
        return f"{model} is to be retired by its maker on {found.ends}{_instead(found)}"
    provider, _, name = model.partition("/")
    others = [other for other in known_models() if other.startswith(f"{provider}/")]
    if found.listed or not others or not name:
        return None
    usable = [other for other in others if (end := known(other).ends) is None or end > on]
    near = get_close_matches(model, usable, n=3, cutoff=0.7)
    hint = f"; the nearest that are known: {', '.join(near)}" if near else ""
    return f"{model} is not among the known models of {provider}{hint}. It is asked all the same"


def today() -> date:
    """The day, in UTC."""
    return datetime.fromtimestamp(SystemClock().now(), UTC).date()


def user_file() -> Path:
    """Where a person's own facts about models lie."""
    return config_folder() / "models.toml"


def _instead(found: Known) -> str:
    provider = found.name.partition("/")[0]
    return f". Write {provider}/{found.successor} in its place" if found.successor else ""


@cache
def _shipped() -> FactFile:
    return read_facts(Path(__file__).with_name("known_models.toml"))


def _yours() -> FactFile:
    path = user_file()
    try:
        stat = path.stat()
    except OSError:
        return read_facts(path)  # not there, or it says why
    return _read_once(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=4)
def _read_once(path: Path, changed: int, size: int) -> FactFile:
    """Read the file; time and size are asked for so that a change is seen."""
    return read_facts(path)


def _aliases(file: FactFile) -> dict[str, str]:
    return {
        f"{name.partition('/')[0]}/{alias}": name
        for name, entry in file.models.items()
        for alias in entry.aliases
    }
