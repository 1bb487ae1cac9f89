"""Detectors over the event stream: what is out of the ordinary is flagged, with evidence."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from sandbox.detect.contact import Contacts
from sandbox.detect.watch import Detector, Finding, Watch

if TYPE_CHECKING:
    from sandbox.detect.folding import FlagRow, fold, row, rows
    from sandbox.detect.precision import Backtest, Precision, backtest
    from sandbox.detect.rescan import Found, Rescan
    from sandbox.detect.verdicts import judge

__all__ = [
    "Backtest",
    "Contacts",
    "Detector",
    "Finding",
    "FlagRow",
    "Found",
    "Precision",
    "Rescan",
    "Watch",
    "backtest",
    "detectors",
    "fold",
    "judge",
    "row",
    "rows",
]

_HOMES = {
    "Backtest": "precision",
    "FlagRow": "folding",
    "Found": "rescan",
    "Precision": "precision",
    "Rescan": "rescan",
    "backtest": "precision",
    "fold": "folding",
    "judge": "verdicts",
    "row": "folding",
    "rows": "folding",
}


def detectors(*, trusted: bool = True) -> list[Detector]:
    """One of each, fresh: a detector watches one run.

    ``trusted`` is False for a record that somebody may have changed: no event in it is then a witness of
    anything.
    """
    from sandbox.detect.display import EscapeCodes
    from sandbox.detect.escape.watch import EscapeWatch  # its rules take a moment to be read

    return [Contacts(), EscapeWatch(trusted=trusted), EscapeCodes()]


def __getattr__(name: str) -> object:
    # Lazy: a run needs none of what reads flags back. Functions that are called like the module they lie
    # in (rescan, precision, verdicts) are imported from there: here the module would hide them.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
