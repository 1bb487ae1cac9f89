"""Two runs side by side: where they part, what they were given, what they came to."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.tui.compare.comparison import Comparison, compare
    from sandbox.tui.compare.page import ComparePage

__all__ = ["ComparePage", "Comparison", "compare"]

_HOMES = {"ComparePage": "page", "Comparison": "comparison", "compare": "comparison"}


def __getattr__(name: str) -> object:
    # Lazy: the comparison is of use without Textual.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
