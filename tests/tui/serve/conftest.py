"""A server of the app as a process of its own, over a folder with one run, and a browser."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.test_export_chromium import chromium
from tests.tui.replay.conftest import events, home, write

__all__ = ["home"]

RUN = "20261121-113908-many-turns-abcd"
SHOWN = "document.querySelector('.textual-terminal')"


class Served:
    """The server, its address, and what processes it has."""

    def __init__(self, *options):
        command = [sys.executable, "-m", "sandbox", "serve", *options]
        env = {**os.environ, "XDG_STATE_HOME": str(Path.cwd() / "state")}
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env
        )
        self.address = self.process.stdout.readline().strip()
        self.port, self.token = re.fullmatch(
            r"http://127\.0\.0\.1:(\d+)/\?token=([0-9a-f]{32})", self.address
        ).groups()
        self.origin = f"http://127.0.0.1:{self.port}"

    @property
    def tabs(self):
        """The processes of its tabs."""
        listed = subprocess.run(
            ["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        return [int(pid) for pid in listed.stdout.split()]

    def wait_for_tabs(self, count):
        deadline = time.monotonic() + 30
        while len(self.tabs) != count:
            assert time.monotonic() < deadline, f"{self.tabs} instead of {count}"
            time.sleep(0.05)  # another process's end is told by nothing but itself

    def stop(self, number=signal.SIGINT):
        """Stop it; its exit code and what it said."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        _, said = self.process.communicate(timeout=40)
        return self.process.returncode, said


@pytest.fixture
def runs(home):
    """A folder of transcripts with one run."""
    return write(Path("transcripts") / RUN, events(20))


@pytest.fixture
def served(runs):
    made = []

    def make(*options):
        made.append(Served(*options))
        return made[-1]

    yield make
    for one in made:
        one.stop()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("profile")) as page:
        yield page
