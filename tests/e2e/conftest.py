"""The command as a user runs it, in a folder of its own, with a look at what it leaves behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from sandbox.engine.runtime import runtime_root


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
        """Start and go on; ended at the end of the test."""
        process = subprocess.Popen(
            self.argv(args),
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
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


def leftovers(run: str) -> list[str]:
    """Processes that name the run, its runtime folder, its containers."""
    found = []
    for cmdline in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = cmdline.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if run in text and cmdline.parent.name != str(os.getpid()):
            found.append(f"process {cmdline.parent.name}: {text[:200]}")
    folder = runtime_root() / run
    if folder.exists():
        found.append(f"folder {folder}")
    for engine in filter(shutil.which, ("docker", "podman")):
        listed = subprocess.run(
            [engine, "ps", "-aq", "--filter", f"label=backrooms.run={run}"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        found += [f"{engine} container {line}" for line in listed.stdout.split()]
    return found


@pytest.fixture(name="leftovers")
def leftovers_of() -> Any:
    return leftovers
