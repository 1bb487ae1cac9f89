"""The supervisor: hears from the kernel what a box asks of it, denies what is a way out, and writes down what runs."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.isolation.supervisor.denied import Denied
    from sandbox.isolation.supervisor.sight import Sight, Told
    from sandbox.isolation.supervisor.started import Started
    from sandbox.isolation.supervisor.supervisor import Supervisor
    from sandbox.isolation.supervisor.support import why_not

__all__ = ["Denied", "Sight", "Started", "Supervisor", "Told", "why_not"]

_HOMES = {
    "Denied": "denied",
    "Sight": "sight",
    "Started": "started",
    "Supervisor": "supervisor",
    "Told": "sight",
    "why_not": "support",
}


def __getattr__(name: str) -> object:
    # Lazy: ctypes and threads are for boxes that are supervised.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
