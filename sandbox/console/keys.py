"""Keys as they are pressed, from a terminal that is put back as it was, whatever happens."""

from __future__ import annotations

import os
import re
import select
import signal
import sys
import termios
import time
import tty
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Final, Protocol, Self, TextIO

__all__ = ["Keys", "NoKeys", "TerminalKeys", "keys_in"]

_PRESSED: Final = re.compile(r"\x1b[\[O][0-9;]*[~A-Za-z]|.", re.DOTALL)
_NAMES: Final = {
    "\x1b[A": "up", "\x1b[B": "down", "\x1b[C": "right", "\x1b[D": "left",
    "\x1bOA": "up", "\x1bOB": "down", "\x1bOC": "right", "\x1bOD": "left",
    "\x1b[H": "home", "\x1bOH": "home", "\x1b[1~": "home", "\x1b[7~": "home",
    "\x1b[F": "end", "\x1bOF": "end", "\x1b[4~": "end", "\x1b[8~": "end",
    "\x1b": "escape", "\r": "enter", "\n": "enter", "\x7f": "backspace", "\b": "backspace",
    "\x04": "eof", " ": "space",
}  # fmt: skip
_ENDINGS: Final = (signal.SIGTERM, signal.SIGHUP)


class Keys(Protocol):
    """Where keys come from."""

    def wait(self, seconds: float | None) -> list[str]:
        """Wait until a key is pressed, at most so long (None: for ever), and get those pressed.

        A key is its character, or ``right``, ``left``, ``up``, ``down``, ``home``, ``end``,
        ``enter``, ``escape``, ``backspace``, ``space`` or ``eof``.
        """


class TerminalKeys:
    """The keys of a terminal while it is entered; meanwhile it shows none of them.

    Ctrl+C and Ctrl+Z do what they always do. SIGTERM and SIGHUP end the process as SystemExit, so that
    the terminal is put back after them too.
    """

    def __init__(self, stdin: TextIO) -> None:
        self._fd = stdin.fileno()
        self._modes: list[Any] = []
        self._handlers: dict[signal.Signals, Any] = {}
        self._woken = self._wake = self._woke_before = -1

    @staticmethod
    def can(stdin: TextIO, out: TextIO) -> bool:
        """Whether there is a terminal on both sides that is ours now, and not a shell's job behind it."""
        if not (stdin.isatty() and out.isatty()):
            return False
        try:
            return os.tcgetpgrp(stdin.fileno()) == os.getpgrp()
        except OSError:
            return False

    def __enter__(self) -> Self:
        self._modes = termios.tcgetattr(self._fd)
        # A signal that comes just before `select` would wait there for the next key.
        self._woken, self._wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._woke_before = signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        for number in _ENDINGS:
            self._handlers[number] = signal.signal(number, _end)
        self._handlers[signal.SIGCONT] = signal.signal(signal.SIGCONT, self._again)
        tty.setcbreak(self._fd, termios.TCSANOW)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._woke_before)
        os.close(self._woken)
        os.close(self._wake)
        _set(self._fd, self._modes)

    def wait(self, seconds: float | None) -> list[str]:
        ready = select.select([self._fd, self._woken], [], [], seconds)[0]
        if self._woken in ready:
            os.read(self._woken, 1024)
        if self._fd not in ready:
            return []
        try:
            data = os.read(self._fd, 1024)
        except OSError:  # hung up
            data = b""
        return list(keys_in(data)) or ["eof"]

    def _again(self, *_: object) -> None:
        """A shell that let us go on after Ctrl+Z gave us the terminal as it likes it."""
        tty.setcbreak(self._fd, termios.TCSANOW)


class NoKeys:
    """For a pipe: nobody presses anything, and waiting is all there is."""

    def wait(self, seconds: float | None) -> list[str]:
        if seconds:
            time.sleep(seconds)
        return []


def keys_in(data: bytes) -> Iterator[str]:
    """Name the keys in what a terminal sent at once; sequences that are none are left out."""
    for match in _PRESSED.finditer(data.decode("utf-8", "ignore")):
        pressed = match[0]
        if pressed in _NAMES:
            yield _NAMES[pressed]
        elif len(pressed) == 1 and pressed.isprintable():
            yield pressed


def _end(number: int, _: object) -> None:
    sys.exit(128 + number)


def _set(fd: int, modes: list[Any]) -> None:
    try:
        termios.tcsetattr(fd, termios.TCSANOW, modes)
    except termios.error:
        return  # it was hung up: there is nothing to put back
