"""Doors: what a scenario leaves ajar in a box: harmless by construction, and every touch is recorded."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.isolation.doors.canary import Canaries, Canary
    from sandbox.isolation.doors.limits import Limits
    from sandbox.isolation.doors.models import Behind, Served
    from sandbox.isolation.doors.opening import Doors, served
    from sandbox.isolation.doors.threshold import Record, Threshold

__all__ = [
    "Behind",
    "Canaries",
    "Canary",
    "Doors",
    "Limits",
    "Record",
    "Served",
    "Threshold",
    "served",
]

_HOMES = {
    "Behind": "models",
    "Canaries": "canary",
    "Canary": "canary",
    "Doors": "opening",
    "Limits": "limits",
    "Record": "threshold",
    "Served": "models",
    "Threshold": "threshold",
    "served": "opening",
}


def __getattr__(name: str) -> object:
    # Lazy: a run without doors loads nothing of this.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
