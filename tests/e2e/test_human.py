"""A person in the room: ``human/NAME`` at a real terminal, keys in and screen out."""

import os
import pty
import re
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.needs("nats")]

SCENARIO = """
title: A visitor
agents:
  ada: {model: human/me, persona: You have come in from outside.}
  bo: {script: ["Who is there?", I see., So long.]}
limits: {turns: 8, turn_seconds: %s}
"""


def _control():
    """Make the terminal the one whose Ctrl+C reaches the process."""
    os.close(os.open(os.ttyname(0), os.O_RDWR))


class Terminal:
    """``backrooms`` at a terminal of its own."""

    def __init__(self, house, *args):
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            house.argv(args),
            cwd=house.folder,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=_control,  # noqa: PLW1509 - nobody else can give a child its terminal
            env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
        )
        os.close(theirs)
        self.seen = ""
        self._read = 0

    def until(self, text):
        """Wait for a text behind the last one that was waited for; gives what came before it."""
        while (at := self.seen.find(text, self._read)) < 0:
            data = os.read(self._ours, 4096).decode("utf-8", "replace")
            self.seen += re.sub(r"\x1b\[[0-9;]*m", "", data).replace("\r\n", "\n")
        before, self._read = self.seen[self._read : at], at + len(text)
        return before

    def type(self, keys):
        os.write(self._ours, keys.encode())

    def end(self):
        """Everything up to the end, and the exit code."""
        try:
            while data := os.read(self._ours, 4096):
                self.seen += data.decode("utf-8", "replace")
        except OSError:
            pass  # Linux says so at the end of a terminal
        return self.process.wait(timeout=30)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._ours)


@pytest.fixture
def terminal(house):
    opened = []

    def start(turn_seconds=30):
        name = house.scenario(SCENARIO % turn_seconds)
        opened.append(Terminal(house, "run", name, "--tier", "none"))
        return opened[0]

    yield start
    for each in opened:
        each.close()


def told(house, *kinds):
    return [
        (e["kind"], e["data"].get("text") or e["data"].get("reason"))
        for e in house.events()
        if e["actor"] == "ada" and e["kind"] in kinds
    ]


def test_a_person_speaks_whispers_passes_and_leaves(house, terminal, leftovers):
    screen = terminal()
    screen.until("── ada, turn 1: 30 s left (/help says what can be typed)\n")
    assert "│ You have come in from outside.\n" in screen.until("ada> ")
    screen.type("I am frm\x7f\x7from outside.\n")
    screen.until("I am from outside.")

    assert screen.until("ada> ").endswith("│ bo: Who is there?\n")
    screen.type("/sing\n")
    assert "There is no action 'sing'." in screen.until("ada> ")
    screen.type("/whisper bo A friend.\n")
    assert "│ Whispered to bo.\n" in screen.until("ada> ")
    screen.type("\n")

    assert "│ bo: I see.\n" in screen.until("ada> ")
    screen.type("/help\n")
    assert "/whisper NAME TEXT  Says a text to one other agent" in screen.until("ada> ")
    screen.type("\x04")
    assert screen.end() == 0

    assert told(house, "say", "whisper", "turn.ended", "agent.left") == [
        ("say", "I am from outside."),
        ("turn.ended", "spoke"),
        ("whisper", "A friend."),
        ("turn.ended", "pass"),
        ("agent.left", "left its last room"),
        ("turn.ended", "left"),
    ]
    started = house.events()[0]["data"]["agents"]["ada"]
    assert (started["model"], started["family"], started["mode"]) == ("human/me", "human", "tools")
    assert leftovers(house.runs()[-1].name) == []


def test_a_turn_that_is_over_waits_for_no_answer(house, terminal):
    screen = terminal(turn_seconds=1)
    screen.until("ada> ")
    screen.type("half a sent")
    screen.until("no answer is waited for any more")
    screen.until("ada> ")
    screen.type("/leave\n")
    assert screen.end() == 0
    assert told(house, "say", "turn.ended")[0] == ("turn.ended", "deadline")
    assert told(house, "say") == []


def test_ctrl_c_ends_the_run_in_order(house, terminal, leftovers):
    screen = terminal()
    screen.until("ada> ")
    screen.type("never said\x03")
    assert screen.end() == 130
    last = house.events()[-1]
    assert (last["kind"], last["data"]["reason"]) == ("run.ended", "stopped")
    assert leftovers(house.runs()[-1].name) == []


def test_a_person_s_run_is_repeated_without_the_person(house, terminal):
    screen = terminal()
    for answer in ("hello\n", "/whisper bo hi\n", "\n", "\x04"):
        screen.until("ada> ")
        screen.type(answer)
    assert screen.end() == 0
    out = house("rerun", "last", "--out", "again", "--plain")
    assert out.splitlines()[-1].startswith("The same: ")


def test_without_a_terminal_it_says_so(house):
    done = subprocess.run(
        [sys.executable, "-m", "sandbox", "run", house.scenario(SCENARIO % 30)],
        cwd=house.folder,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("backrooms: human/me needs a person at a terminal: ")
    assert len(done.stderr.splitlines()) == 1
    assert house.runs() == []
