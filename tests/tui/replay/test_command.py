"""``backrooms replay`` at a terminal: it opens the app there, at the place that is named."""

import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox.errors import UsageError
from tests.tui.tmux import PATIENCE

ROOT = Path(__file__).parents[3]


@pytest.mark.needs("tmux")
def test_it_opens_the_app_at_a_turn_and_leaves_the_terminal_as_it_was(folder, tmp_path):
    def tmux(*arguments):
        done = subprocess.run(
            ["tmux", "-S", tmp_path / "tmux", "-f", os.devnull, *arguments],
            capture_output=True, check=True, text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
        )  # fmt: skip
        return done.stdout

    def until(*texts):
        give_up = time.monotonic() + PATIENCE
        while True:
            screen = tmux("capture-pane", "-p", "-t", "replay")
            if all(text in screen for text in texts):
                return screen
            assert time.monotonic() < give_up, f"{texts} never came:\n{screen}"

    words = [
        sys.executable,
        "-m",
        "sandbox",
        "replay",
        "last",
        "--turn",
        "12",
        "--dir",
        "transcripts",
    ]
    line = f"{shlex.join(words)}; echo code $?; stty -a; exec cat"
    tmux("new-session", "-d", "-s", "replay", "-x", "120", "-y", "36", line)
    try:
        until("turn 12/60", "Word 11 of bo.")
        tmux("send-keys", "-t", "replay", ".")
        until("event 70/368")
        tmux("send-keys", "-t", "replay", "Right")
        until("turn 22/60")
        tmux("send-keys", "-t", "replay", "q")
        until("code 0")
        assert "-icanon" not in until("icanon")
    finally:
        tmux("kill-server")


def test_an_agent_is_for_the_app(folder, capsys):
    from sandbox.cli import _parser
    from sandbox.commands.replay import main

    args = _parser(["replay"]).parse_args(["replay", "last", "--plain", "--agent", "ada"])
    with pytest.raises(UsageError, match="--agent is for the app"):
        main(args)
