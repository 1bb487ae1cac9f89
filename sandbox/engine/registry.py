"""Which runs are alive on this machine, and how to reach them: one file each, readable by its owner alone."""

from __future__ import annotations

import json
import os
import platform
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sandbox.alive import start_mark
from sandbox.bus.upstream import Upstream
from sandbox.engine.runtime import RuntimeFolder, runtime_root
from sandbox.errors import NoSuchRun
from sandbox.ids import RunId

__all__ = ["CONTROL_FILE", "LiveRun", "announce", "find_live", "left_by", "live_runs"]

CONTROL_FILE: Final = "control.json"
_LARGEST: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class LiveRun:
    """A run that an engine plays now: its record, its broker, and the token that signs what it is asked."""

    run: RunId
    title: str
    folder: Path
    pid: int
    start: str
    """When that process began, in the system's words: a number may be given twice."""
    upstream: Upstream
    token: bytes = field(repr=False)
    machine: str
    """The name of the machine that it is played on."""

    @property
    def alive(self) -> bool:
        """Whether its engine is still there, as far as can be told from here."""
        return self.machine != platform.node() or start_mark(self.pid) == self.start


def announce(
    runtime: RuntimeFolder, *, title: str, folder: Path, upstream: Upstream, token: bytes
) -> None:
    """Say how the run can be reached; the file goes with the runtime folder."""
    told: dict[str, Any] = {"v": 1, "run": runtime.run, "title": title}
    told |= {"folder": str(folder.resolve()), "pid": os.getpid(), "start": start_mark(os.getpid())}
    told |= {"host": upstream.host, "port": upstream.port, "tls": upstream.tls}
    told |= {"user": upstream.user, "password": upstream.password, "broker": upstream.kind}
    told |= {"token": token.hex(), "machine": platform.node()}
    new = runtime.path / f".{CONTROL_FILE}.new"
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        json.dump(told, file)
    new.replace(runtime.path / CONTROL_FILE)


def live_runs() -> list[LiveRun]:
    """The runs that are alive and ours, the oldest first."""
    root = runtime_root()
    if not root.is_dir():
        return []
    found = (_read(path / CONTROL_FILE) for path in sorted(root.iterdir()))
    return [live for live in found if live is not None and live.alive]


def find_live(name: str) -> LiveRun | None:
    """The live run of this name: its id, a unique beginning of it, its folder, or ``last``.

    A file ``*.json`` is a copy of what a run on another machine says of itself.

    Raises:
        NoSuchRun: more than one begins like this.
    """
    if name.endswith(".json"):
        return _read(Path(name))
    runs = live_runs()
    if name == "last":
        return runs[-1] if runs else None
    given = Path(name).name
    exact = [live for live in runs if live.run in {name, given}]
    found = exact or [live for live in runs if name and live.run.startswith(name)]
    if len(found) > 1:
        listed = ", ".join(live.run for live in found[-5:])
        raise NoSuchRun(f"{len(found)} live runs begin with '{name}': {listed}. Give more letters.")
    return found[0] if found else None


def left_by(folder: Path) -> LiveRun | None:
    """What a run that is dead said of itself, if it did."""
    return _read(folder / CONTROL_FILE)


def _read(path: Path) -> LiveRun | None:
    """A run's file; None where there is none that we, and nobody else, have written."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(fd, "rb") as file:
            facts = os.fstat(file.fileno())
            closed = stat.S_ISREG(facts.st_mode) and not facts.st_mode & 0o077
            if not closed or facts.st_uid != os.geteuid():
                return None
            told = json.loads(file.read(_LARGEST))
        upstream = Upstream(
            host=told["host"],
            port=told["port"],
            user=told["user"],
            password=told["password"],
            tls=told["tls"],
            kind=told["broker"],
        )
        return LiveRun(
            run=RunId(told["run"]),
            title=told["title"],
            folder=Path(told["folder"]),
            pid=told["pid"],
            start=told["start"],
            upstream=upstream,
            token=bytes.fromhex(told["token"]),
            machine=told["machine"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
