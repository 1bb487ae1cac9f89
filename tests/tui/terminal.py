"""A shell in a tmux of its own: keys to press, and a screen to look at."""

import shlex
import subprocess
import sys
import time
from pathlib import Path

PATIENCE = 60.0
STATE = "#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{bracket_paste_flag} #{pane_title}"


class Terminal:
    """Bash in a terminal of 120 x 36 cells, in a folder."""

    def __init__(self, folder: Path, *, size: tuple[int, int] = (120, 36)) -> None:
        self.socket = folder / "tmux"
        width, height = map(str, size)
        self.tmux(
            "-f", "/dev/null", "new-session", "-d", "-x", width, "-y", height, "-c", str(folder),
            "PS1='READY ' exec bash --norc --noprofile",
        )  # fmt: skip
        self.tmux("set-option", "-s", "set-clipboard", "on")
        self.until("READY")

    def tmux(self, *args: str) -> str:
        command = ["tmux", "-S", str(self.socket), *args]
        return subprocess.run(command, capture_output=True, check=True, text=True).stdout

    def type(self, text: str) -> None:
        self.tmux("send-keys", "-l", text)

    def press(self, *keys: str) -> None:
        self.tmux("send-keys", *keys)

    def screen(self) -> str:
        return self.tmux("capture-pane", "-p")

    def state(self) -> tuple[str, str]:
        """What the terminal does with keys and lines, as tmux and stty tell it."""
        self.type("stty -a | md5sum")
        self.press("Enter")
        self.until("-\n")
        told = self.screen().split("md5sum")[-1].split()[0]
        return self.tmux("display-message", "-p", STATE), told

    def until(self, *texts: str, gone: str = "") -> str:
        """Wait until these stand on the screen, and that does not."""
        deadline = time.monotonic() + PATIENCE
        while True:
            screen = self.screen()
            if all(text in screen for text in texts) and not (gone and gone in screen):
                return screen
            assert time.monotonic() < deadline, f"{texts} never came, or {gone!r} stayed:\n{screen}"
            time.sleep(0.05)

    def run(self, *words: str) -> None:
        """Type a command of Backrooms; when it is left, the screen says with what."""
        command = shlex.join([sys.executable, "-m", "sandbox", *words])
        self.type(f"clear; {command}; echo left with $?")
        self.press("Enter")

    @property
    def child(self) -> int:
        """The process that the shell waits for."""
        shell = self.tmux("display-message", "-p", "#{pane_pid}").strip()
        found = subprocess.run(["pgrep", "-P", shell], capture_output=True, check=True, text=True)
        return int(found.stdout)

    def close(self) -> None:
        self.tmux("kill-server")
