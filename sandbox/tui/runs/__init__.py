"""All runs of a folder: listed, sorted, searched, and the way from one of them to everything else."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.tui.runs.page import RunsPage
    from sandbox.tui.runs.row_list import RowList
    from sandbox.tui.runs.shelf import Row

__all__ = ["Row", "RowList", "RunsPage"]

_HOMES = {"Row": "shelf", "RowList": "row_list", "RunsPage": "page"}


def __getattr__(name: str) -> object:
    # Lazy: the shelf is of use without Textual.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
