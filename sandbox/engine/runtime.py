"""A run's folder while it lives: sockets and the broker's store; and what a killed run left there."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.alive import start_mark
from sandbox.errors import BusError
from sandbox.ids import RunId

__all__ = ["RuntimeFolder", "dead_runs", "runtime_root"]

_OWNER: Final = "engine.json"


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
        """Make the folder and say whose it is."""
        # Root's boxes run under uids of their own, which must get through; ours run under our own.
        mode = 0o711 if os.geteuid() == 0 else 0o700
        root = runtime_root()
        root.mkdir(mode=mode, parents=True, exist_ok=True)
        stat = root.lstat()
        if stat.st_uid != os.geteuid() or stat.st_mode & 0o022:
            raise BusError(
                f"{root} is not ours alone: it belongs to uid {stat.st_uid} with mode {stat.st_mode & 0o777:o}. "
                "Remove it, or set XDG_RUNTIME_DIR to a folder of yours"
            )
        path = root / run
        path.mkdir(mode=mode)
        path.chmod(mode)
        owner = {"run": run, "pid": os.getpid(), "start": start_mark(os.getpid())}
        (path / _OWNER).write_text(json.dumps(owner))
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
        """Take the folder away."""
        shutil.rmtree(self.path, ignore_errors=True)


def dead_runs() -> Iterator[RuntimeFolder]:
    """Folders of runs whose engine is no more."""
    root = runtime_root()
    if not root.is_dir():
        return
    for path in sorted(root.iterdir()):
        try:
            owner = json.loads((path / _OWNER).read_text())
            alive = start_mark(int(owner["pid"])) == owner["start"]
        except (OSError, ValueError, KeyError, TypeError):
            continue  # not one of ours, or being made right now
        if not alive:
            yield RuntimeFolder(RunId(path.name), path)
