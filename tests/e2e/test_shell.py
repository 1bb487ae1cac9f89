"""`backrooms shell` as a person uses it: in a copy of a folder that a real run kept, in a real box."""

import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.needs("nats", "bubblewrap")]

SCENARIO = """
title: Folders
agents:
  ada:
    tools: [talk, shell, write_file]
    script:
      - do: {write_file: {path: notes/a.txt, text: one}}
      - do: {pass: {}}
      - do: {shell: 'echo two > b; chmod 755 b; ln -s b inside; ln -s /etc/passwd out'}
      - do: {pass: {}}
      - do: {shell: 'printf "x\\033]52;c;AAAA\\007y" > clip; touch "$(printf "evil\\033[2J")"'}
  bo:
    script: [{say: One.}, {say: Two.}, {say: Three.}]
limits: {turns: 6}
"""


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A folder with one played run in it; each test works on a copy."""
    folder = tmp_path_factory.mktemp("kept")
    (folder / "s.yaml").write_text(SCENARIO)
    argv = [sys.executable, "-m", "sandbox", "run", "s.yaml", "--tier", "bubblewrap", "--plain"]
    subprocess.run(argv, cwd=folder, check=True, capture_output=True, timeout=60)
    return folder / "transcripts"


@pytest.fixture
def run(kept, house):
    shutil.copytree(kept, house.folder / "transcripts")
    return house.runs()[-1]


TIERS = pytest.mark.parametrize(
    "tier", [pytest.param(t, marks=pytest.mark.needs(t)) for t in ("bubblewrap", "docker")]
)
PROMPT = rb"[$] "


class Person:
    """Somebody at a terminal."""

    def __init__(self, house, *args):
        self.master, slave = pty.openpty()
        self.modes = termios.tcgetattr(slave)
        self.slave = slave
        self.resize(30, 100)
        env = {**os.environ, "TERM": "xterm"}
        self.process = subprocess.Popen(
            house.argv(args), cwd=house.folder, env=env, stdin=slave, stdout=slave, stderr=slave,
            start_new_session=True,
        )  # fmt: skip
        self.seen = b""
        house.started.append(self.process)  # to be ended with the test, whatever becomes of it

    def resize(self, rows, columns):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def types(self, text):
        os.write(self.master, text.encode())

    def sees(self, pattern, seconds=20):
        """Wait for it; what was seen up to it is behind us then."""
        give_up = time.monotonic() + seconds
        while not (found := re.search(pattern, self.seen)):
            assert time.monotonic() < give_up, (pattern, self.seen[-2000:])
            if select.select([self.master], [], [], 0.2)[0]:
                self.seen += os.read(self.master, 65536)
        self.seen = self.seen[found.end() :]
        return found

    def leaves(self, code):
        give_up = time.monotonic() + 20
        while self.process.poll() is None and time.monotonic() < give_up:
            if select.select([self.master], [], [], 0.05)[0]:
                self.seen += os.read(self.master, 65536)
        assert self.process.returncode == code, self.seen[-2000:]
        assert termios.tcgetattr(self.slave) == self.modes
        os.close(self.master)
        os.close(self.slave)


def record_of(run):
    (path,) = (run / "shells").glob("*.cast")
    assert path.stat().st_mode & 0o777 == 0o600
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_every_state_that_was_kept_is_listed(house, run):
    lines = house("shell", "last", "--list").splitlines()
    assert [line.split(maxsplit=4) for line in lines] == [
        ["AGENT", "TURN", "FILES", "BYTES", "CHANGED"],
        ["ada", "1", "1", "3", "notes, notes/a.txt"],
        ["ada", "3", "2", "7", "b, inside"],
        ["ada", "5", "4", "21", "clip, evil␛[2J"],
    ]
    rows = [
        json.loads(row) for row in house("shell", "last", "ada", "--list", "--json").splitlines()
    ]
    assert [(row["turn"], row["changed"]) for row in rows] == [
        (1, ["notes", "notes/a.txt"]),
        (3, ["b", "inside"]),
        (5, ["clip", "evil\x1b[2J"]),
    ]
    saved = [e["data"] for e in house.events(run) if e["kind"] == "workspace.saved"]
    assert saved[1]["left_out"] == {"out": "a link out of the folder, to /etc/passwd"}


@TIERS
def test_one_command_as_after_a_turn(house, run, left_of_shells, tier):
    before = (run / "events.jsonl").read_bytes()
    look = ("--tier", tier, "--turn", "4", "--", "sh", "-c", "ls; cat inside; id -u; exit 3")
    assert house("shell", "last", "ada", *look, code=3) == "b\ninside\nnotes\ntwo\n65532\n"
    assert (
        house("shell", "last", "ada", "--turn", "1", "--", "ls", "-R")
        == ".:\nnotes\n\n./notes:\na.txt\n"
    )
    assert (run / "events.jsonl").read_bytes() == before
    assert left_of_shells() == []


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (("ada",), "a shell needs a terminal. Give a command"),
        (("bo", "--", "ls"), "nothing of bo's folder was kept"),
        (("zed", "--", "ls"), "there is no agent 'zed' in the run: ada, bo are."),
        (("ada", "--turn", "7", "--", "ls"), "there is no turn 7: the run has 6."),
        (("ada", "--turn", "0", "--", "ls"), "ada's folder was first kept after turn 1"),
        ((), "whose folder? Name an agent behind the run. Kept are those of: ada."),
    ],
)
def test_what_cannot_be_is_said_plainly(house, run, args, why):
    done = subprocess.run(
        house.argv(("shell", "last", *args)),
        cwd=house.folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"backrooms: {why}")


def test_the_files_copied_out(house, run):
    house("shell", "last", "ada", "--out", "copy")
    copy = house.folder / "copy"
    found = {str(path.relative_to(copy)) for path in copy.rglob("*")}
    assert found == {"b", "clip", "inside", "notes", "notes/a.txt"}
    assert (copy / "inside").readlink().name == "b"
    assert [(copy / name).stat().st_mode & 0o777 for name in ("b", "clip")] == [0o755, 0o644]
    house("shell", "last", "ada", "--out", "copy", code=2)


def test_a_damaged_artifact_is_named(house, run):
    for path in (run / "artifacts").rglob("*"):
        if path.is_file():
            path.chmod(0o600)
            path.write_bytes(path.read_bytes() + b" ")
    assert house("shell", "last", "ada", "--", "ls", code=1) == ""


@TIERS
def test_a_shell_at_a_terminal(house, run, left_of_shells, tier):
    person = Person(house, "shell", "last", "ada", "--turn", "5", "--tier", tier)
    person.sees(rb"A copy of ada's folder as after turn 5")
    person.sees(rb"too, in\r\n[^\r]+\.cast\r\n")
    person.sees(PROMPT)
    person.types("stty size; echo $((6*7))\r")
    person.sees(rb"30 100\r\n42\r\n")
    person.sees(PROMPT)
    person.types('echo rea""dy; cat\r')
    person.sees(rb"ready\r\n")
    person.types("meow\r")
    person.sees(rb"meow\r\nmeow\r\n")
    person.types("\x03")
    person.sees(PROMPT)
    person.types("echo back-$?\r")
    person.sees(rb"back-130\r\n")
    person.sees(PROMPT)
    person.types("cat clip\r")
    person.sees(rb"cat clip\r\n(.*)xy")
    person.resize(20, 70)
    person.process.send_signal(signal.SIGWINCH)
    person.types("clear; stty size\r")
    person.sees(rb"20 70\r\n")
    person.sees(PROMPT)
    person.types("exit 5\r")
    person.leaves(5)
    header, *events = record_of(run)
    assert (header["width"], header["height"], header["backrooms"]["turn"]) == (100, 30, 5)
    typed = "".join(event[2] for event in events if event[1] == "i")
    assert typed.startswith("stty size; echo $((6*7))\r")
    assert "]52" not in "".join(event[2] for event in events if event[1] == "o")
    assert ["r", "70x20"] in [event[1:] for event in events]
    assert events[-1][1:] == ["m", "exit code 5"]
    assert left_of_shells() == []


def test_leaving_a_shell_that_hangs(house, run, left_of_shells):
    person = Person(house, "shell", "last", "ada")
    person.sees(PROMPT)
    person.types("stty raw; sleep 77\r")
    person.sees(rb"sleep 77")
    person.types("\x1d\x1d\x1d")
    person.leaves(130)
    assert left_of_shells() == []


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT])
def test_signals_while_the_box_is_put_away_cut_nothing_short(house, run, left_of_shells, number):
    person = Person(house, "shell", "last", "ada")
    person.sees(PROMPT)
    person.types("kill -STOP 2; echo de''af; sleep 77\r")  # so that its end takes a while
    person.sees(rb"deaf\r\n")
    person.types("\x1d\x1d\x1d")
    person.sees(rb"\x1b\[\?1049l")  # the terminal is given back: the box is next
    person.process.send_signal(number)
    person.process.send_signal(number)
    person.leaves(130)
    assert left_of_shells() == []
