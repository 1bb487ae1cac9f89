"""The command as a user runs it, in a folder of its own, with a look at what it leaves behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from sandbox.engine.runtime import runtime_root
from sandbox.isolation import cgroup


class House:
    """Runs ``backrooms`` in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[subprocess.Popen[str]] = []

    def __call__(self, *args: str, code: int | None = 0, seconds: float = 120) -> str:
        """Run to the end and give what was printed; ``code`` None takes any."""
        done = subprocess.run(
            self.argv(args),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert code is None or done.returncode == code, f"{args}: {done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout

    def start(self, *args: str) -> subprocess.Popen[str]:
        """Start, as leader of a group of its own, and go on; ended at the end of the test."""
        process = subprocess.Popen(
            self.argv(args),
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def argv(self, args: Sequence[str]) -> list[str]:
        return [sys.executable, "-m", "sandbox", *args]

    def scenario(self, text: str, name: str = "scenario.yaml") -> str:
        """Write a scenario and give its name."""
        (self.folder / name).write_text(text)
        return name

    def runs(self) -> list[Path]:
        return sorted((self.folder / "transcripts").glob("2*"))

    def events(self, run: Path | None = None) -> list[dict[str, Any]]:
        """The events of the last run, as they lie on disk."""
        path = (run or self.runs()[-1]) / "events.jsonl"
        return [json.loads(line) for line in path.read_bytes().splitlines()]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    for process in house.started:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.communicate()


STAYS = 5.0
"""Seconds after which what is still there is left over, and not on its way out."""


def leftovers(run: str) -> list[str]:
    """What stays of runs with ``run`` in their names."""
    return _staying(run, ())


def _staying(run: str, before: Collection[str]) -> list[str]:
    give_up = time.monotonic() + STAYS
    while found := [one for one in _found(run) if one not in before]:
        if time.monotonic() > give_up:
            break
        time.sleep(0.05)
    return found


def _found(run: str) -> list[str]:
    """Processes, runtime folders, control groups and containers."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            text = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            status = (process / "stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if run in text and process.name != str(os.getpid()):
            state, parent = status[:2]
            found.append(f"process {process.name} ({state}, of {parent}): {text[:200]}")
    found += [f"folder {folder}" for folder in runtime_root().glob(f"*{run}*")]
    groups = [cgroup.ROOT / name / cgroup.PARENT for name in ("", *cgroup.CONTROLLERS)]
    found += [f"group {one}" for parent in groups for one in parent.glob(f"*{run}*")]
    for engine in filter(shutil.which, ("docker", "podman")):
        listed = subprocess.run(
            [engine, "ps", "-a", "--filter", f"name={run}", "--format", "{{.Names}}"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        found += [f"{engine} container {line}" for line in listed.stdout.split()]
    return found


@pytest.fixture(name="leftovers")
def leftovers_of() -> Any:
    return leftovers


@pytest.fixture
def left_of_shells() -> Any:
    """What stays of shells in copies of ada's folder that were opened since the test began."""
    before = _found("shell-ada")
    return lambda: _staying("shell-ada", before)
