"""The real command in a real terminal: bare ``backrooms`` under tmux. See ``test_wire`` for what it sends."""

import subprocess

import pytest

ENDLESS = """\
title: No end in sight
agents:
  ada: {script: [{say: Still here., seconds: 0.2}], after_script: loop}
  bo: {script: [{say: So am I., seconds: 0.2}], after_script: loop}
limits: {turns: 1000}
"""


@pytest.mark.needs("tmux", "bubblewrap", "nats")
def test_the_demonstration_is_played_and_the_terminal_given_back(terminal, tmp_path):
    before = terminal.state()
    terminal.open()
    terminal.until("The room behind the room")
    terminal.press("Enter")
    terminal.until("The run has ended: the word 'Lights out.' was said.")
    terminal.press("Escape")
    terminal.until("Scenarios")
    terminal.press("q")
    left = terminal.until("left with 0")
    [folder] = (tmp_path / "transcripts").iterdir()
    assert f"transcript  transcripts/{folder.name}" in left
    terminal.press("C-l")
    assert terminal.state() == before


@pytest.mark.needs("tmux", "nats")
def test_a_run_is_left_running_told_in_the_terminal_and_stopped_there(terminal, tmp_path):
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "a-run.yaml").write_text(ENDLESS)
    before = terminal.state()
    terminal.open()
    terminal.until("No end in sight")
    terminal.press("Enter")
    terminal.until("Still here.")
    terminal.press("q")
    terminal.until("A run is played here.")
    terminal.press("l")
    terminal.until("turn 4 of 1,000")
    assert terminal.tmux("display-message", "-p", "#{alternate_on}") == "0\n"
    terminal.press("C-c")
    left = terminal.until("left with 0")
    assert "the run has ended: stopped" in left
    assert left.count("transcript  transcripts/") == 1
    terminal.press("C-l")
    assert terminal.state() == before
    [folder] = (tmp_path / "transcripts").iterdir()
    assert '"kind":"run.ended"' in (folder / "events.jsonl").read_text().splitlines()[-1]


@pytest.mark.needs("tmux", "nats")
def test_a_run_is_stopped_by_leaving(terminal, tmp_path):
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "a-run.yaml").write_text(ENDLESS)
    before = terminal.state()
    terminal.open()
    terminal.until("No end in sight")
    terminal.press("Enter")
    terminal.until("So am I.")
    terminal.press("q")
    terminal.until("A run is played here.")
    terminal.press("s")
    terminal.until("left with 0")
    terminal.press("C-l")
    assert terminal.state() == before
    [folder] = (tmp_path / "transcripts").iterdir()
    assert '"kind":"run.ended"' in (folder / "events.jsonl").read_text().splitlines()[-1]


@pytest.mark.needs("tmux", "nats")
def test_a_signal_ends_the_run_in_order_and_gives_the_terminal_back(terminal, tmp_path):
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "a-run.yaml").write_text(ENDLESS)
    before = terminal.state()
    terminal.open()
    terminal.until("No end in sight")
    terminal.press("Enter")
    terminal.until("Still here.")
    shell = terminal.tmux("display-message", "-p", "#{pane_pid}").strip()
    app = subprocess.run(["pgrep", "-P", shell], capture_output=True, check=True, text=True).stdout
    subprocess.run(["kill", "-TERM", app.strip()], check=True)
    terminal.until("left with 0")
    terminal.press("C-l")
    assert terminal.state() == before
