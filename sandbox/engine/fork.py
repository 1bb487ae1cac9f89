"""Forks: a run that shares another one's record up to an event, and goes on from there in its own way."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from sandbox.engine.perception import CASTS
from sandbox.engine.resume import changed, fold, refuse_strange, retuned
from sandbox.engine.started import freeze, scenario_of
from sandbox.engine.state import State
from sandbox.errors import Damaged, TranscriptError, UsageError
from sandbox.ids import RunId
from sandbox.scenario.schema import Scenario
from sandbox.transcript.artifacts import ARTIFACTS
from sandbox.transcript.codec import EVENTS_FILE, NO_HASH, chained, encode, split
from sandbox.transcript.event import Event
from sandbox.transcript.reader import read

__all__ = ["Point", "fork", "fork_point"]

_AT: Final = re.compile(r"(?:seq:)?(?P<seq>[0-9]{1,18})|turn:(?P<turn>[0-9]{1,18})|end")
_TURN: Final = frozenset({"turn.offered", "turn.bid", "think.request"})
"""Kinds of which one is the first of every turn."""
_LAST: Final = frozenset({"operator.stop", "run.ended"})


@dataclass(slots=True)
class Point:
    """Where a run is forked: after how many of its events, and how it stood there."""

    folder: Path
    run: str = ""
    seq: int = 0
    hash: str = ""
    state: State = field(default_factory=State)
    said: Mapping[str, Any] = field(default_factory=dict)
    """The data of the last ``run.started`` or ``run.resumed`` up to there."""
    folders: dict[str, str] = field(default_factory=dict)
    """Manifests of work folders, kept a moment later than this, of turns that had ended by then."""

    @property
    def scenario(self) -> Scenario:
        """As it was played there. Raises Damaged."""
        return retuned(scenario_of(self.said), self.state)


def fork_point(folder: Path, at: str) -> Point:
    """Find the event that ``at`` means: its number, also as ``seq:N``, ``turn:K`` for the end of that turn, or ``end``.

    Raises:
        UsageError: there is no such event or turn, or it is no run that can be played on.
        TranscriptError: the record cannot be read, or was changed before that event.
    """
    asked = _AT.fullmatch(at)
    if asked is None:
        raise UsageError(f"--at takes the number of an event, turn:K, or end, not {at!r:.80}.")
    seq = int(asked["seq"]) if asked["seq"] else None
    turn = int(asked["turn"]) if asked["turn"] else None
    point, beyond, events, turns = Point(folder), False, 0, 0
    with read(folder) as reading:
        for event in reading:
            if event.kind in _TURN:
                turns = max(turns, event.data["turn"])
            events = event.seq
            beyond = beyond or _is_beyond(event, seq, turn, point.state)
            if not beyond:
                _refuse_changed(folder.name, event, point.hash or NO_HASH, reading.raw)
                _move_on(point, event)
            elif event.kind == "workspace.saved" and (event.parent or events) <= point.seq:
                point.folders[event.actor] = event.data["manifest"]
    if seq is not None and not 1 <= seq <= events:
        raise UsageError(f"there is no event {seq}: {folder.name} has {events}, in {turns} turns.")
    if turn is not None and turn > turns:
        raise UsageError(f"there is no turn {turn}: {folder.name} has {turns}.")
    if not events:
        raise UsageError(f"{folder.name} has no event yet, so there is nothing to fork.")
    return point


def _is_beyond(event: Event, seq: int | None, turn: int | None, state: State) -> bool:
    if seq is not None:
        return event.seq > seq
    if turn is None:
        return False
    if event.kind in _TURN:
        return bool(event.data["turn"] > turn)
    return event.kind in _LAST and state.turn >= turn and state.playing is None


def _refuse_changed(name: str, event: Event, previous: str, raw: bytes) -> None:
    """Raise Damaged if a line does not follow from the one before: a fork's new chain would vouch for it."""
    body, written = split(raw)
    if chained(previous, body) != written:
        raise Damaged(
            f"event {event.seq} of {name} is not as it was written: its hash does not fit. A fork would "
            "hide that under a chain of its own; `backrooms verify` says more."
        )


def _move_on(point: Point, event: Event) -> None:
    if event.kind in CASTS:
        refuse_strange(point.folder.name, event)
        point.said = event.data
    fold(point.state, event, point.folder)
    point.run, point.seq, point.hash = event.run, event.seq, event.hash


def fork(point: Point, values: Mapping[str, Any], root: Path, run: RunId) -> Path:
    """Write a fork's record as far as it is its parent's; gives its folder, which ``resumption`` goes on with.

    Args:
        point: of the parent.
        values: what is otherwise in the scenario from there on, by path.
        root: where the new folder goes.
        run: its id.

    Raises:
        UsageError: the values are not allowed.
        TranscriptError: it cannot be written. Then nothing of it is left.
    """
    scenario = changed(point.scenario, values)
    forked = {"run": point.run, "seq": point.seq, "hash": point.hash, "turn": point.state.turn}
    forked |= {"set": dict(values), "folders": point.folders}
    folder = root / run
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise TranscriptError(f"cannot make {folder}: {error.strerror}") from error
    try:
        _link(point.folder / ARTIFACTS, folder / ARTIFACTS)
        freeze(scenario, folder)
        _copy(point, run, {"forked": forked}, folder)
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            raise TranscriptError(f"cannot write {folder}: {error.strerror}") from error
        raise
    return folder


def _copy(point: Point, run: RunId, forked: Mapping[str, Any], folder: Path) -> None:
    """Write the common events under the fork's id; the file has its name once it is whole."""
    new, previous = folder / f".{EVENTS_FILE}.new", NO_HASH
    with read(point.folder) as events, new.open("wb", buffering=1 << 18) as file:
        new.chmod(0o600)
        for event in events:
            if event.seq > point.seq:
                break
            own = replace(event, data={**event.data, **forked}) if event.seq == 1 else event
            line, previous = encode(own, previous, run=run)
            file.write(line)
        file.flush()
        os.fsync(file.fileno())
    new.replace(folder / EVENTS_FILE)


def _link(source: Path, target: Path) -> None:
    """Share the artifacts: they never change, so that one file can be both runs'."""
    for path in sorted(source.glob("[0-9a-f][0-9a-f]/[0-9a-f]*")):
        twin = target / path.parent.name / path.name
        twin.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            os.link(path, twin)
        except OSError:
            shutil.copy2(path, twin)  # another file system, or one without links
