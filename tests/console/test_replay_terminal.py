"""``backrooms replay`` at a real terminal: keys go in, and the terminal is left as it was."""

import os
import pty
import shlex
import signal
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from sandbox.clock import ManualClock
from sandbox.errors import UsageError
from sandbox.transcript import FileStore

RUN = "20261121-113908-two-strangers-abcd"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path, run):
    clock = ManualClock()
    store = FileStore(tmp_path / RUN, RUN, clock, "process")
    for event in run:
        store.append(event)
        clock.advance(60)
    store.close()
    return tmp_path


def command(root, *arguments):
    return [sys.executable, "-m", "sandbox", "replay", "last", "--dir", str(root), *arguments]


@pytest.mark.needs("tmux")
def test_keys_go_through_a_run_in_tmux(root):
    def tmux(*arguments):
        done = subprocess.run(
            ["tmux", "-S", root / "tmux", "-f", os.devnull, *arguments],
            capture_output=True,
            check=True,
            cwd=ROOT,
            text=True,
        )
        return done.stdout

    def until(text):
        while text not in (screen := tmux("capture-pane", "-p", "-S", "-", "-t", "replay")):
            pass
        return screen

    line = f"{shlex.join(command(root, '--step'))}; echo code $?; stty -a; exec cat"
    tmux("new-session", "-d", "-s", "replay", "-x", "110", "-y", "40", line)
    try:
        until("paused · 1x · turn 0 of 3")
        for key, shown in (
            ("Right", " bo   is here\n"),
            ("Right", "I am ada."),
            ("+", "paused · 2x · turn 2 of 3"),
            ("Left", "── turn 1 of 3 · event 3 of 26 · 12%"),
            ("n", "contact.cross-model"),
            ("Space", "playing · 2x"),
            ("Space", "paused · 2x"),
            ("g", "go to: _"),
            ("3", "go to: 3_"),
            ("Enter", "── turn 3 of 3 · event 18 of 26"),
            ("End", "at the end · 2x"),
            ("Home", "── turn 0 of 3 · event 0 of 26 · 0%"),
            ("q", "code 0"),
        ):
            tmux("send-keys", "-t", "replay", key)
            until(shown)
        screen = until("icanon")
        assert " icanon" in screen
        assert "-icanon" not in screen
        assert "-echo " not in screen
    finally:
        tmux("kill-server")


class Terminal:
    """The command at a terminal of its own, until its status line stands."""

    def __init__(self, root, *arguments):
        self.ours, self.theirs = pty.openpty()
        self.modes = termios.tcgetattr(self.theirs)
        self.process = subprocess.Popen(
            command(root, *arguments),
            cwd=ROOT,
            stdin=self.theirs,
            stdout=self.theirs,
            stderr=self.theirs,
            start_new_session=True,
            preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),  # noqa: PLW1509 - its own
            env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
        )
        self.seen = ""
        self.until("paused")

    def until(self, text):
        while text not in self.seen:
            self.seen += os.read(self.ours, 4096).decode("utf-8", "replace")

    def end(self):
        """The exit code, once the terminal is no longer written to."""
        os.set_blocking(self.ours, False)
        return self.process.wait(timeout=30)


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (lambda each: os.write(each.ours, b"\x03"), 130),
        (lambda each: os.write(each.ours, b"\x04"), 0),
        (lambda each: each.process.send_signal(signal.SIGTERM), 128 + signal.SIGTERM),
        (lambda each: each.process.send_signal(signal.SIGHUP), 128 + signal.SIGHUP),
    ],
    ids=["ctrl-c", "ctrl-d", "kill", "hang-up"],
)
def test_the_terminal_is_as_it_was_however_the_replay_ends(root, ending, code):
    terminal = Terminal(root, "--step")
    try:
        assert not termios.tcgetattr(terminal.theirs)[3] & termios.ICANON
        ending(terminal)
        assert terminal.end() == code
        assert termios.tcgetattr(terminal.theirs) == terminal.modes
    finally:
        terminal.process.kill()
        terminal.process.wait()
        os.close(terminal.ours)
        os.close(terminal.theirs)


def replay(root, capsys, *arguments):
    import argparse

    from sandbox.commands.replay import add_parser, main

    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    assert main(parser.parse_args(command(root, *arguments)[3:])) == 0
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("place", "first"),
    [
        ("2", "[2] bo turn: turn 2 of 4"),
        ("seq:9", "[1] ada say: to bo: Is anybody here?"),
        ("flag:1", "[2] bo turn: turn 2 of 4"),
        ("96%", "[3] bo agent.died: died: out of memory (exit code 137)"),
        ("+0:20:00", "[3] ada direct: on a direct line to bo: psst"),
        ("22:33:20", "[3] ada direct: on a direct line to bo: psst"),
    ],
)
def test_replay_begins_at_a_place(root, capsys, place, first):
    assert replay(root, capsys, "--plain", "--speed", "max", "--at", place)[0] == first


def test_silences_are_cut_as_asked(root, capsys):
    assert replay(root, capsys, "--plain", "--gap", "0")[-2].startswith("[3] engine ended: ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--step",), "--step goes on by keys: use it in a terminal, without --plain."),
        (
            ("--turn", "1", "--at", "2"),
            "--turn and --at both say where to begin: give one of them.",
        ),
        (("--until", "-1"), "the run has 3 turns: there is nothing to play in that part."),
        (("--at", "flag:2"), "there is no flag 2: the run has 1."),
    ],
)
def test_replay_says_what_cannot_be(root, capsys, arguments, message):
    with pytest.raises(UsageError) as caught:
        replay(root, capsys, "--plain", *arguments)
    assert str(caught.value) == message
