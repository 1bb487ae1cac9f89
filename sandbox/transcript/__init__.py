"""The record of a run: its events, the stores that keep them, and what reads them back."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.transcript.codec import EVENTS_FILE, NO_HASH, decode, encode
    from sandbox.transcript.cut import cut_torn_tail
    from sandbox.transcript.event import Event, Visibility
    from sandbox.transcript.file import FileStore
    from sandbox.transcript.kinds import KINDS, SPEECH, Kind
    from sandbox.transcript.memory import MemoryStore
    from sandbox.transcript.pacing import delays
    from sandbox.transcript.reader import Reading, events_path, read
    from sandbox.transcript.runs import RunInfo, find_run, list_runs
    from sandbox.transcript.selection import Selection
    from sandbox.transcript.store import Durability, Store
    from sandbox.transcript.verification import Problem, Report, verify

__all__ = [
    "EVENTS_FILE",
    "KINDS",
    "NO_HASH",
    "SPEECH",
    "Durability",
    "Event",
    "FileStore",
    "Kind",
    "MemoryStore",
    "Problem",
    "Reading",
    "Report",
    "RunInfo",
    "Selection",
    "Store",
    "Visibility",
    "cut_torn_tail",
    "decode",
    "delays",
    "encode",
    "events_path",
    "find_run",
    "list_runs",
    "read",
    "verify",
]

_HOMES = {
    "EVENTS_FILE": "codec",
    "KINDS": "kinds",
    "NO_HASH": "codec",
    "SPEECH": "kinds",
    "Durability": "store",
    "Event": "event",
    "FileStore": "file",
    "Kind": "kinds",
    "MemoryStore": "memory",
    "Problem": "verification",
    "Reading": "reader",
    "Report": "verification",
    "RunInfo": "runs",
    "Selection": "selection",
    "Store": "store",
    "Visibility": "event",
    "cut_torn_tail": "cut",
    "decode": "codec",
    "delays": "pacing",
    "encode": "codec",
    "events_path": "reader",
    "find_run": "runs",
    "list_runs": "runs",
    "read": "reader",
    "verify": "verification",
}


def __getattr__(name: str) -> object:
    # Lazy: `backrooms --help` imports this package and needs neither asyncio nor orjson.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
