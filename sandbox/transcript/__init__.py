"""The record of a run: its events, the stores that keep them, and what reads them back."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.transcript.codec import EVENTS_FILE, NO_HASH, decode, encode
    from sandbox.transcript.cut import cut_torn_tail
    from sandbox.transcript.disk import Disk
    from sandbox.transcript.event import Event, Visibility
    from sandbox.transcript.file import FileStore
    from sandbox.transcript.following import follow
    from sandbox.transcript.frail import FrailDisk, PowerLost
    from sandbox.transcript.kinds import KINDS, SPEECH, Kind
    from sandbox.transcript.memory import MemoryStore
    from sandbox.transcript.mending import Cut, Mended, repair
    from sandbox.transcript.notes import (
        NOTES_FILE,
        VERDICTS,
        Note,
        Notebook,
        Notes,
        Verdict,
        read_notes,
    )
    from sandbox.transcript.pacing import delays
    from sandbox.transcript.reader import Reading, events_path, read
    from sandbox.transcript.record import Record
    from sandbox.transcript.replay import ReplayClock
    from sandbox.transcript.replay_log import ListLog, Log
    from sandbox.transcript.replay_place import go_to
    from sandbox.transcript.replay_record import RecordLog
    from sandbox.transcript.runs import RunInfo, find_run, list_runs
    from sandbox.transcript.selection import Selection
    from sandbox.transcript.store import Durability, Store
    from sandbox.transcript.verification import Problem, Report, verify

__all__ = [
    "EVENTS_FILE",
    "KINDS",
    "NOTES_FILE",
    "NO_HASH",
    "SPEECH",
    "VERDICTS",
    "Cut",
    "Disk",
    "Durability",
    "Event",
    "FileStore",
    "FrailDisk",
    "Kind",
    "ListLog",
    "Log",
    "MemoryStore",
    "Mended",
    "Note",
    "Notebook",
    "Notes",
    "PowerLost",
    "Problem",
    "Reading",
    "Record",
    "RecordLog",
    "ReplayClock",
    "Report",
    "RunInfo",
    "Selection",
    "Store",
    "Verdict",
    "Visibility",
    "cut_torn_tail",
    "decode",
    "delays",
    "encode",
    "events_path",
    "find_run",
    "follow",
    "go_to",
    "list_runs",
    "read",
    "read_notes",
    "repair",
    "verify",
]

_HOMES = {
    "EVENTS_FILE": "codec",
    "KINDS": "kinds",
    "NOTES_FILE": "notes",
    "NO_HASH": "codec",
    "SPEECH": "kinds",
    "VERDICTS": "notes",
    "Cut": "mending",
    "Disk": "disk",
    "Durability": "store",
    "Event": "event",
    "FileStore": "file",
    "FrailDisk": "frail",
    "Kind": "kinds",
    "ListLog": "replay_log",
    "Log": "replay_log",
    "MemoryStore": "memory",
    "Mended": "mending",
    "Note": "notes",
    "Notebook": "notes",
    "Notes": "notes",
    "PowerLost": "frail",
    "Problem": "verification",
    "Reading": "reader",
    "Record": "record",
    "RecordLog": "replay_record",
    "ReplayClock": "replay",
    "Report": "verification",
    "RunInfo": "runs",
    "Selection": "selection",
    "Store": "store",
    "Verdict": "notes",
    "Visibility": "event",
    "cut_torn_tail": "cut",
    "decode": "codec",
    "delays": "pacing",
    "encode": "codec",
    "events_path": "reader",
    "find_run": "runs",
    "follow": "following",
    "go_to": "replay_place",
    "list_runs": "runs",
    "read": "reader",
    "read_notes": "notes",
    "repair": "mending",
    "verify": "verification",
}


def __getattr__(name: str) -> object:
    # Lazy: `backrooms --help` imports this package and needs neither asyncio nor orjson.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
