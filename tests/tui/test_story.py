"""A whole sitting in a real terminal: a run is played, stepped into, replayed, forked, compared; a file is mended."""

import os
import re
import signal
from pathlib import Path

import pytest

from tests.tui.tmux import STATE, Terminal

BROKEN = """\
title: Mine
agents:
  ada:
    scirpt: [Hello.]
limits: {turns: 2}
"""
DEMO = Path(__file__).parents[2] / "scenarios/demo.yaml"


@pytest.mark.timeout(300)
@pytest.mark.needs("tmux", "bubblewrap", "nats")
def test_a_sitting(terminal, tmp_path):
    (tmp_path / "scenarios").mkdir()
    mine = tmp_path / "scenarios" / "mine.yaml"
    mine.write_text(BROKEN)
    hurried = DEMO.read_text()
    # Two slow turns, so that whoever sits here has time to press pause.
    calm = hurried.replace("- Does anybody else hear the lights?", "- {say: Lights?, seconds: 8}")
    calm = calm.replace("- B flat. It has been B flat since I woke up.", "- {say: B., seconds: 8}")
    assert calm != hurried
    (tmp_path / "scenarios" / "calm.yaml").write_text(calm)
    before = terminal.state()
    terminal.open()

    _play(terminal)
    _replay(terminal)
    _fork(terminal)
    _mend(terminal)
    assert mine.read_text() == BROKEN.replace("scirpt", "script")
    terminal.press("C-q")
    terminal.until("left with 0")
    terminal.press("C-l")
    assert terminal.state() == before
    assert len(list((tmp_path / "transcripts").iterdir())) == 2


@pytest.mark.needs("tmux")
def test_after_a_kill_the_terminal_is_one_reset_away(terminal):
    terminal.open()
    terminal.until("Scenarios", "Keys")
    os.kill(terminal.child, signal.SIGKILL)
    terminal.until("left with 137")
    terminal.type("reset; stty -a; echo and sane")
    terminal.press("Enter")
    screen = terminal.until("\nand sane", gone="left with")
    assert {"icanon", "echo", "icrnl", "opost"} <= set(screen.replace(";", " ").split())
    # That tmux stays on its other screen is tmux's own reading of a reset.
    assert terminal.tmux("display-message", "-p", STATE).split()[1:3] == ["1", "0"]


def _play(terminal: Terminal) -> None:
    """Launch the demonstration, pause it, step, whisper, and let it go on."""
    terminal.until("mine                      line 4", "calm                       3a")
    terminal.press("Home")
    terminal.until("calm.yaml", "ok disk")
    terminal.press("Enter")
    terminal.until("is here", "LIVE")
    terminal.press("P")
    terminal.until("PAUSED")
    terminal.press("w")
    terminal.until("whisper to ada")
    terminal.type("Look behind the desk.")
    terminal.press("Enter")
    terminal.until("Look behind the desk.", gone="whisper to ada")
    turn = _turn(terminal.screen())
    terminal.press(".")
    terminal.until(f" turn {turn + 1} of 10 ─", "PAUSED")
    terminal.press("P")
    terminal.until("The run has ended: the word 'Lights out.' was said.", "3 flags")


def _replay(terminal: Terminal) -> None:
    """Look for the flag, play at eightfold speed, and go to a turn."""
    terminal.press("3")
    terminal.until("1 run", "began ")
    terminal.press("Enter")
    terminal.until("turn 0/", "PAUSED 1x", "Nothing was played yet")
    terminal.press("]")
    terminal.until("contact.unprompted", gone="turn 0/")
    terminal.press(">", ">", ">")
    terminal.until("PAUSED 8x")
    terminal.press("Space")
    terminal.until("AT THE END", "100%")
    terminal.press("t")
    terminal.until("go to")
    terminal.type("turn 6")
    terminal.press("Enter")
    terminal.until("PAUSED 8x", "turn 6/9")


def _fork(terminal: Terminal) -> None:
    """Fork the run there, and compare the fork with its parent."""
    terminal.press("F")
    terminal.until("fork after event")
    terminal.type("limits.turns=7")
    terminal.press("Enter")
    terminal.until("The run has ended: 7 turns were played.")
    terminal.press("3")
    terminal.until("turn 6/9")
    terminal.press("Escape")
    terminal.until("2 runs", "began ")
    terminal.press("Home")
    terminal.until("fork of")
    terminal.press("Enter")
    terminal.until("turn 0/7", "Agents")
    terminal.press("c")
    terminal.until("B was forked from A", "SPLIT AT")


def _mend(terminal: Terminal) -> None:
    """Open a scenario with a mistake, and have it mended."""
    terminal.press("1")
    terminal.until("mine                      line 4")
    terminal.press("Home", "Down")
    terminal.until("mine.yaml", "scirpt")
    terminal.press("e")
    terminal.until("1 problem", "Did you mean 'script'?")
    terminal.press("F8", "F9")
    terminal.until("script: [Hello.]", "As it will run", gone="1 problem")
    terminal.press("C-s")
    terminal.until("Saved scenarios/mine.yaml")


def _turn(screen: str) -> int:
    """The last turn that began."""
    return max(int(turn) for turn in re.findall(r"── \w+ turn (\d+) of 10 ", screen))
