"""A run's folder while it lives: sockets and the broker's store; and what a killed run left there."""

from __future__ import annotations

import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.alive import start_mark
from sandbox.clock import SystemClock
from sandbox.errors import BusError
from sandbox.ids import RunId

__all__ = ["RuntimeFolder", "dead_runs", "remove_rests", "runtime_root"]

_OWNER: Final = "engine.json"
_GONE: Final = ".gone-"
_UNFINISHED: Final = 600.0
"""Seconds: a folder that still says nobody's name by then was being made when its engine was killed."""


def runtime_root() -> Path:
    """Where the folders of live runs are.

    As root the boxes run under other uids, which could not reach a folder below ``/run/user/0``.
    """
    if os.geteuid() == 0:
        return Path("/run/backrooms")
    base = os.environ.get("XDG_RUNTIME_DIR")
    if base and Path(base).is_dir():
        return Path(base) / "backrooms"
    return Path(tempfile.gettempdir()) / f"backrooms-{os.geteuid()}"


@dataclass(frozen=True, slots=True)
class RuntimeFolder:
    """The folder of one live run."""

    run: RunId
    path: Path

    @classmethod
    def make(cls, run: RunId) -> RuntimeFolder:
        """Make the folder and say whose it is.

        Raises:
            BusError: there can be no such folder, or others could write in it.
        """
        # Root's boxes run under uids of their own, which must get through; ours run under our own.
        mode = 0o711 if os.geteuid() == 0 else 0o700
        root = runtime_root()
        remedy = "Remove it, or set XDG_RUNTIME_DIR to a folder of yours"
        owner = {"run": run, "pid": os.getpid(), "start": start_mark(os.getpid())}
        path = root / run
        try:
            root.mkdir(mode=mode, parents=True, exist_ok=True)
            facts = root.lstat()
            if not _ours_alone(root):
                raise BusError(
                    f"{root} is not ours alone: it belongs to uid {facts.st_uid} "
                    f"with mode {stat.S_IMODE(facts.st_mode):o}. {remedy}"
                )
            # Under its own name only when it is whole: whoever sweeps finds an owner in it.
            new = Path(tempfile.mkdtemp(prefix=".new-", dir=root))
            (new / _OWNER).write_text(json.dumps(owner))
            (new / _OWNER).chmod(0o600)
            new.chmod(mode)
            new.rename(path)
        except OSError as error:
            why = os.strerror(error.errno or 0)
            raise BusError(
                f"the folder {root} for live runs cannot be used: {why}. {remedy}"
            ) from None
        return cls(run, path)

    def agent(self, agent: str) -> Path:
        """The folder that is mounted into this agent's box; it holds its sockets and its name."""
        path = self.path / agent
        path.mkdir(mode=0o755)
        path.chmod(0o755)
        (path / "me.json").write_text(json.dumps({"run": self.run, "agent": agent}))
        (path / "me.json").chmod(0o444)
        return path

    def remove(self) -> None:
        """Take the folder away.

        First its name, in one step: whoever is killed half way leaves rests that nobody takes for a run.
        """
        with suppress(OSError):  # somebody else was faster
            self.path.rename(tempfile.mkdtemp(prefix=_GONE, dir=self.path.parent))
        remove_rests(self.path.parent)


def remove_rests(root: Path) -> None:
    """Take away what is left of folders whose removal was cut short."""
    for path in root.glob(f"{_GONE}*") if _ours_alone(root) else ():
        shutil.rmtree(path, ignore_errors=True)


def dead_runs() -> Iterator[RuntimeFolder]:
    """Folders of runs whose engine is no more.

    What others could have written is no reason to end or delete anything: it is passed over.
    """
    root = runtime_root()
    if not _ours_alone(root):
        return
    for path in sorted(root.iterdir()):
        if not path.name.startswith(_GONE) and _ours_alone(path) and _is_dead(path):
            yield RuntimeFolder(RunId(path.name), path)


def _is_dead(path: Path) -> bool:
    owner = path / _OWNER
    try:
        if not owner.exists():
            return SystemClock().now() - path.stat().st_mtime > _UNFINISHED
        if not _ours_alone(owner, stat.S_IFREG):
            return False
        said = json.loads(owner.read_text())
        return bool(start_mark(int(said["pid"])) != said["start"])
    except (OSError, ValueError, KeyError, TypeError):
        return False  # it says nothing that could be relied on


def _ours_alone(path: Path, kind: int = stat.S_IFDIR) -> bool:
    """Whether this is a folder (or a file of that kind) that nobody else can have written."""
    try:
        facts = path.lstat()
    except OSError:
        return False
    mine = facts.st_uid == os.geteuid() and not facts.st_mode & 0o022
    return mine and stat.S_IFMT(facts.st_mode) == kind
