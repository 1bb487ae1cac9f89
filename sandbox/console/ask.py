"""A person at the terminal is shown what is new to an agent, and types one line."""

from __future__ import annotations

import asyncio
import os
import termios
from collections.abc import Iterator
from typing import Final, TextIO

from sandbox.console.held import HeldPrinter
from sandbox.console.neutral import neutralise
from sandbox.console.outlet import Outlet
from sandbox.models.human import Prompt

__all__ = ["TerminalAsk", "prompt_lines"]

_TOO_LATE: Final = "\n(The turn is over: no answer is waited for any more.)\n"


class TerminalAsk:
    """Asks at the terminal ``stdin`` and ``out``; the run's printer is held meanwhile.

    The terminal itself edits the line, so Ctrl+C reaches the run as always. What was typed before
    the question, or too late for it, is no answer.
    """

    def __init__(self, printer: HeldPrinter, stdin: TextIO, out: TextIO) -> None:
        self._printer = printer
        self._fd = stdin.fileno()
        self._out = Outlet(out)

    async def __call__(self, prompt: Prompt) -> str:
        """Show the prompt and wait for a line. Raises EOFError after Ctrl+D."""
        self._printer.hold()
        try:
            self._forget_typed()
            self._out.write("".join(f"{line}\n" for line in prompt_lines(prompt)))
            self._out.write(f"{prompt.agent}> ")
            return await self._line()
        except asyncio.CancelledError:
            self._out.write(_TOO_LATE)
            self._forget_typed()
            raise
        except EOFError:
            self._out.write("\n")
            raise
        finally:
            self._printer.release()

    async def _line(self) -> str:
        loop = asyncio.get_running_loop()
        typed = bytearray()
        while not typed.endswith(b"\n"):
            readable: asyncio.Future[None] = loop.create_future()
            loop.add_reader(self._fd, _wake, readable)
            try:
                await readable
            finally:
                loop.remove_reader(self._fd)
            data = self._read()
            if not data and not typed:
                raise EOFError
            if not data:
                break
            typed += data
        return typed.decode("utf-8", "replace").rstrip("\r\n")

    def _read(self) -> bytes:
        try:
            return os.read(self._fd, 4096)
        except OSError:
            return b""  # the terminal was hung up

    def _forget_typed(self) -> None:
        try:
            termios.tcflush(self._fd, termios.TCIFLUSH)
        except termios.error:
            return  # the terminal was hung up


def _wake(readable: asyncio.Future[None]) -> None:
    if not readable.done():
        readable.set_result(None)


def prompt_lines(prompt: Prompt) -> Iterator[str]:
    """The lines above the place where a person types; agents' words cannot drive the terminal."""
    left = f"{prompt.seconds:.0f} s left"
    if prompt.note:
        for line in prompt.note.splitlines():
            yield f"  {neutralise(line, newlines=False)}"
        yield f"── {prompt.agent}: {left}"
        return
    yield f"── {prompt.agent}, turn {prompt.turn}: {left} (/help says what can be typed)"
    for text in (prompt.system, *prompt.new):
        for line in neutralise(text).split("\n") if text else ():
            yield f"│ {line}"
