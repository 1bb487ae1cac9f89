"""Witnesses: what watches the boxes of a run from outside, and tells the record what it saw there."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.isolation.witnesses.seam import (
        Fits,
        Grounds,
        Heeds,
        HostWitness,
        Records,
        Settles,
        Tool,
        Totals,
    )

__all__ = ["Fits", "Grounds", "Heeds", "HostWitness", "Records", "Settles", "Tool", "Totals"]

_HOMES = {
    "Fits": "seam",
    "Grounds": "seam",
    "Heeds": "seam",
    "HostWitness": "seam",
    "Records": "seam",
    "Settles": "seam",
    "Tool": "seam",
    "Totals": "seam",
}


def __getattr__(name: str) -> object:
    # Lazy: a run without boxes watches nothing and loads nothing of this.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
