"""The real command in a real terminal: bare ``backrooms`` under tmux. See ``test_wire`` for what it sends."""

import shlex
import subprocess
import sys

import pytest

ENDLESS = """\
title: No end in sight
agents:
  ada: {script: [{say: Still here., seconds: 0.2}], after_script: loop}
  bo: {script: [{say: So am I., seconds: 0.2}], after_script: loop}
limits: {turns: 1000}
"""


KEEPER = """\
title: A keeper
agents:
  bo:
    tools: [say, pass, shell]
    script: [{do: {shell: echo kept > note}}, I see.]
limits: {turns: 2}
"""


PAGER = """\
cat > /dev/null
trap 'touch heard; exit' INT
echo paging
read -r answer < /dev/tty
"""


VISITOR = """\
title: A visitor
agents:
  ada: {model: human/me, persona: You have come in from outside.}
  bo:
    tools: [say, pass, shell]
    script: [{do: {shell: echo kept > note}}, Who is there?, I see.]
    after_script: loop
limits: {turns: 60}
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
    while terminal.tmux("display-message", "-p", "#{alternate_on}") != "0\n":
        pass  # the whole test has its time
    terminal.until(" of 1,000 ──")
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


@pytest.mark.needs("tmux", "bubblewrap", "nats")
def test_ctrl_c_in_a_shell_or_a_pager_is_not_for_the_app(terminal, tmp_path):
    (tmp_path / "keeper.yaml").write_text(KEEPER)
    (tmp_path / "pager").write_text(PAGER)
    terminal.type("export PAGER='bash pager'")
    terminal.press("Enter")
    terminal.open("run", "keeper.yaml", "--tier", "bubblewrap", "--tui")
    terminal.until("The run has ended: 2 turns were played.")
    terminal.press("3")
    terminal.until("1 run", "began ")
    terminal.press("Enter")
    terminal.until("turn 0/2", "Nothing was played yet")
    terminal.press("End")
    terminal.until("AT THE END", "bo at turn 2")
    terminal.press("s")
    terminal.until("A copy of bo's folder as after turn 1")
    terminal.type("sleep 600")
    terminal.press("Enter")
    terminal.until("$ sleep 600")
    terminal.press("C-c")
    terminal.until("^C")
    terminal.type("exit 0")
    terminal.press("Enter")
    terminal.until("the shell of your own has ended: exit code 0")
    terminal.press("o")
    terminal.until("RECORDED", "What bo was sent   turn 2")
    terminal.press("p")
    terminal.until("paging", gone="RECORDED")
    terminal.press("C-c")
    terminal.until("RECORDED", "What bo was sent   turn 2")
    assert (tmp_path / "heard").exists()
    terminal.press("q")
    terminal.until("left with 0")


@pytest.mark.needs("tmux", "bubblewrap", "nats")
def test_a_seat_is_taken_a_shell_opened_and_both_given_back(terminal, tmp_path):
    (tmp_path / "visitor.yaml").write_text(VISITOR)
    before = terminal.state()
    run = [sys.executable, "-m", "sandbox", "run", "visitor.yaml", "--tier", "bubblewrap", "--tui"]
    terminal.type(f"clear; {shlex.join(run)}; echo left with $?")
    terminal.press("Enter")
    terminal.until("ada, turn 1, ")
    terminal.type("Hello from outside")
    terminal.press("Enter")
    terminal.until("bo: Who is there?")
    terminal.until("its folder was kept")
    terminal.press("Escape")  # at once with the next key it would be that key with alt
    terminal.until("P Pause run")
    terminal.type("}s")
    terminal.until("A copy of bo's folder as after turn 2")
    terminal.type("cat note; exit")
    terminal.press("Enter")
    terminal.until("the shell of your own has ended: exit code 0")
    terminal.press("Tab")
    terminal.until("^d Leave the run")
    terminal.press("Enter")  # nothing passes
    terminal.until("ada, turn 5, ")
    terminal.until("^d Leave the run")
    terminal.press("Escape")
    terminal.until("P Pause run")
    terminal.type("q")
    terminal.until("leave it running")
    terminal.type("s")
    left = terminal.until("left with 0")
    assert "transcript  transcripts/" in left
    terminal.press("C-l")
    assert terminal.state() == before
    [folder] = (tmp_path / "transcripts").iterdir()
    record = (folder / "events.jsonl").read_text()
    assert '"Hello from outside"' in record
    assert len(list((folder / "shells").glob("*.cast"))) == 1
