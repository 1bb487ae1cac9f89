"""The real command in a real terminal: bare ``backrooms`` under tmux."""

import shlex
import subprocess
import sys
import time

import pytest

PATIENCE = 30.0

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

STATE = "#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{bracket_paste_flag} #{pane_title}"


class Terminal:
    """One shell in a tmux of its own."""

    def __init__(self, folder):
        self.socket = folder / "tmux"
        self.tmux(
            "-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "36", "-c", str(folder),
            "PS1='READY ' exec bash --norc --noprofile",
        )  # fmt: skip
        self.tmux("set-option", "-s", "set-clipboard", "on")
        self.until("READY")

    def tmux(self, *args):
        command = ["tmux", "-S", str(self.socket), *args]
        return subprocess.run(command, capture_output=True, check=True, text=True).stdout

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def press(self, *keys):
        self.tmux("send-keys", *keys)

    def screen(self):
        return self.tmux("capture-pane", "-p")

    def state(self):
        self.type("stty -a | md5sum")
        self.press("Enter")
        self.until("-\n")
        return self.tmux("display-message", "-p", STATE), self.screen().split("md5sum")[-1].split()[
            0
        ]

    def until(self, text):
        """Wait until a text stands on the screen."""
        deadline = time.monotonic() + PATIENCE
        while text not in (screen := self.screen()):
            assert time.monotonic() < deadline, f"{text!r} never came:\n{screen}"
            time.sleep(0.05)
        return screen

    def open(self):
        self.type(f"clear; {shlex.join([sys.executable, '-m', 'sandbox'])}; echo left with $?")
        self.press("Enter")


@pytest.fixture
def terminal(tmp_path):
    terminal = Terminal(tmp_path)
    yield terminal
    terminal.tmux("kill-server")


@pytest.mark.needs("tmux", "bubblewrap", "nats")
def test_the_demonstration_is_played_and_the_terminal_given_back(terminal, tmp_path):
    before = terminal.state()
    terminal.open()
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
    terminal.open()
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


@pytest.mark.needs("tmux", "nats")
def test_an_agent_cannot_reach_title_clipboard_or_screen(terminal, tmp_path):
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "a-run.yaml").write_text(HOSTILE)
    title = terminal.tmux("display-message", "-p", "#{pane_title}")
    terminal.open()
    terminal.until("Loud")
    terminal.press("Enter")
    screen = terminal.until("The run has ended")
    assert "␛]52;c;UFdORUQ=␇ ␛]0;TITLE␇ ␛[2J �2J this is all" in screen
    assert terminal.tmux("display-message", "-p", "#{pane_title}") == title
    assert terminal.tmux("list-buffers") == ""
    terminal.press("q")
    terminal.until("left with 0")
