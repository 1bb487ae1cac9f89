"""The real command in a real terminal: bare ``backrooms`` under tmux."""

import os
import signal

import pytest

from tests.tui.terminal import Terminal

ENDLESS = """\
title: No end in sight
agents:
  ada: {script: [{say: Still here., seconds: 0.2}], after_script: loop}
  bo: {script: [{say: So am I., seconds: 0.2}], after_script: loop}
limits: {turns: 1000}
"""

HOSTILE = """\
title: Loud
agents:
  ada: {script: ["\\e]52;c;UFdORUQ=\\a \\e]0;TITLE\\a \\e[2J \\x9b2J this is all"]}
limits: {turns: 1}
"""


@pytest.fixture
def terminal(tmp_path):
    terminal = Terminal(tmp_path)
    yield terminal
    terminal.close()


@pytest.mark.needs("tmux", "bubblewrap", "nats")
def test_the_demonstration_is_played_and_the_terminal_given_back(terminal, tmp_path):
    before = terminal.state()
    terminal.run()
    terminal.until("The room behind the room")
    terminal.press("Enter")
    terminal.until("The run has ended: the word 'Lights out.' was said.")
    terminal.press("Escape")
    terminal.until("Choose a scenario")
    terminal.press("q")
    left = terminal.until("left with 0")
    [folder] = (tmp_path / "transcripts").iterdir()
    assert f"transcript  transcripts/{folder.name}" in left
    terminal.press("C-l")
    assert terminal.state() == before


@pytest.mark.needs("tmux", "nats")
def test_a_run_is_stopped_by_its_key_and_by_leaving(terminal, tmp_path):
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "a-run.yaml").write_text(ENDLESS)
    before = terminal.state()
    terminal.run()
    terminal.until("No end in sight")
    terminal.press("Enter")
    terminal.until("Still here.")
    terminal.press("s")
    terminal.until("The run has ended: stopped by the operator.")
    terminal.press("Escape")  # at once with the next key it would be that key with alt
    terminal.until("Choose a scenario")
    terminal.press("Enter")
    terminal.until("So am I.")
    terminal.press("q")
    left = terminal.until("left with 0")
    assert left.count("transcript  transcripts/") == 2
    terminal.press("C-l")
    assert terminal.state() == before
    for folder in (tmp_path / "transcripts").iterdir():
        assert '"kind":"run.ended"' in (folder / "events.jsonl").read_text().splitlines()[-1]


@pytest.mark.needs("tmux", "nats")
def test_a_signal_ends_the_run_in_order_and_gives_the_terminal_back(terminal, tmp_path):
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "a-run.yaml").write_text(ENDLESS)
    before = terminal.state()
    terminal.run()
    terminal.until("No end in sight")
    terminal.press("Enter")
    terminal.until("Still here.")
    os.kill(terminal.child, signal.SIGTERM)
    terminal.until("left with 0")
    terminal.press("C-l")
    assert terminal.state() == before


@pytest.mark.needs("tmux", "nats")
def test_an_agent_cannot_reach_title_clipboard_or_screen(terminal, tmp_path):
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "a-run.yaml").write_text(HOSTILE)
    title = terminal.tmux("display-message", "-p", "#{pane_title}")
    terminal.run()
    terminal.until("Loud")
    terminal.press("Enter")
    screen = terminal.until("The run has ended")
    assert "␛]52;c;UFdORUQ=␇ ␛]0;TITLE␇ ␛[2J �2J this is all" in screen
    assert terminal.tmux("display-message", "-p", "#{pane_title}") == title
    assert terminal.tmux("list-buffers") == ""
    terminal.press("q")
    terminal.until("left with 0")
