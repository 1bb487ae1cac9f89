"""A real terminal: one shell in a tmux of its own."""

import shlex
import subprocess
import sys
import time

PATIENCE = 60.0
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

    def until(self, *texts, gone=""):
        """Wait until these texts stand on the screen, and that one does not."""
        deadline = time.monotonic() + PATIENCE
        while True:
            screen = self.screen()
            if all(text in screen for text in texts) and not (gone and gone in screen):
                return screen
            assert time.monotonic() < deadline, f"{texts} never came, or {gone!r} stayed:\n{screen}"
            time.sleep(0.05)

    def open(self, *words):
        """Start the app, or another command of Backrooms."""
        home = "XDG_STATE_HOME=$PWD/home XDG_CONFIG_HOME=$PWD/home"
        command = shlex.join([sys.executable, "-m", "sandbox", *words])
        self.type(f"clear; {home} {command}; echo left with $?")
        self.press("Enter")

    @property
    def child(self):
        """The process that the shell waits for."""
        shell = self.tmux("display-message", "-p", "#{pane_pid}").strip()
        found = subprocess.run(["pgrep", "-P", shell], capture_output=True, check=True, text=True)
        return int(found.stdout)
