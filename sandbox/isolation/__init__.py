"""Boxes: where an agent lives, how strongly it is held, and what the house may do with it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.isolation.box import (
        STRENGTH,
        Box,
        BoxExit,
        BoxFacts,
        BoxLimits,
        BoxSpec,
        BoxStats,
        Exchange,
        ExecResult,
        Fittings,
        LimitsMet,
        Service,
        Tier,
    )
    from sandbox.isolation.folder import File, Folder, Link, Snapshot, Thing
    from sandbox.isolation.leftovers import sweep_boxes
    from sandbox.isolation.memory import MemoryBox
    from sandbox.isolation.tiers import available, choose, make_box

__all__ = [
    "STRENGTH",
    "Box",
    "BoxExit",
    "BoxFacts",
    "BoxLimits",
    "BoxSpec",
    "BoxStats",
    "Exchange",
    "ExecResult",
    "File",
    "Fittings",
    "Folder",
    "LimitsMet",
    "Link",
    "MemoryBox",
    "Service",
    "Snapshot",
    "Thing",
    "Tier",
    "available",
    "choose",
    "make_box",
    "sweep_boxes",
]

_HOMES = {
    "File": "folder",
    "Folder": "folder",
    "Link": "folder",
    "MemoryBox": "memory",
    "Snapshot": "folder",
    "Thing": "folder",
    "available": "tiers",
    "choose": "tiers",
    "make_box": "tiers",
    "sweep_boxes": "leftovers",
}


def __getattr__(name: str) -> object:
    # Lazy: the scenario's schema imports this package for one type, and starts no process.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'box')}"), name)
