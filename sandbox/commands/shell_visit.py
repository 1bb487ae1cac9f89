"""One visit to a copy of an agent's folder: a shell at the caller's terminal, or one command."""

from __future__ import annotations

import asyncio
import codecs
import os
import re
import shlex
import signal
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from sandbox import __version__
from sandbox.clock import SystemClock
from sandbox.console import neutralise
from sandbox.console.terminal_filter import RESET, TerminalFilter
from sandbox.engine.visiting import Visited, visiting
from sandbox.isolation.box import Tier
from sandbox.isolation.folder import Snapshot
from sandbox.isolation.terminal import SECONDS
from sandbox.transcript.folders import KeptFolder
from sandbox.transcript.visit import Visit

__all__ = ["Order", "visit"]

OUTPUT: Final = 16 << 20
"""Bytes of each stream of one command that are kept."""
LEAVE: Final = b"\x1d" * 3
"""Ctrl+] three times: for a shell that hangs."""
READ: Final = 64 << 10
_TERM: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,30}")


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be opened: of which run, which folder, in what box, with which command (none: a shell)."""

    run: Path
    kept: KeptFolder
    snapshot: Snapshot
    isolation: dict[str, Any]
    tier: Tier | None
    command: tuple[str, ...]


async def visit(order: Order) -> int:
    """Open the box, be there, and leave nothing behind; the exit code of what ran there."""
    me = asyncio.current_task()
    assert me is not None
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, _leave, me)
    try:
        async with visiting(
            order.snapshot,
            order.isolation,
            agent=order.kept.agent,
            tier=order.tier,
            progress=_tell,
        ) as visited:
            return await (_command if order.command else _shell)(order, visited)
    except asyncio.CancelledError:
        return 130


def _leave(me: asyncio.Task[Any]) -> None:
    if not me.cancelling():  # once: what is being put away is not left lying
        me.cancel()


async def _command(order: Order, visited: Visited) -> int:
    record = _recorded(order, visited, (24, 80))
    how = "it was not seen to its end"
    try:
        done = await visited.box.exec(order.command, seconds=SECONDS, limit=OUTPUT)
        for stream, data in ((sys.stdout, done.stdout), (sys.stderr, done.stderr)):
            text = neutralise(data.decode("utf-8", "replace"))
            record.shown(text.replace("\n", "\r\n"))
            if stream.isatty():
                stream.write(text)
                stream.flush()
            else:
                stream.flush()
                stream.buffer.write(data)
                stream.buffer.flush()
        if done.cut:
            _tell(f"{done.cut:,} bytes of output were left out.")
        code = 124 if done.code is None else done.code
        how = f"exit code {code}"
    finally:
        record.close(how)
    return code if code >= 0 else 128 - code


async def _shell(order: Order, visited: Visited) -> int:
    kept, terminal = order.kept, visited.terminal
    size = os.get_terminal_size(sys.stdout.fileno())
    record = _recorded(order, visited, (size.lines, size.columns))
    _tell(
        f"A copy of {kept.agent}'s folder as after turn {kept.turn}, in a box of its own (tier "
        f"'{visited.tier}').\nWhat you see there is the agent's making. It is recorded, what you type "
        f"too, in\n{record.path}"
    )
    how = "it was not seen to its end"
    term = os.environ.get("TERM", "")
    try:
        with _raw(sys.stdin.fileno()), _Screen(record, visited) as screen:
            terminal.resize(size.lines, size.columns)
            running = asyncio.create_task(
                terminal.run((), term=term if _TERM.fullmatch(term) else "xterm", show=screen.show),
                name="shell",
            )
            leaving = asyncio.create_task(screen.left.wait(), name="leave")
            try:
                await asyncio.wait({running, leaving}, return_when=asyncio.FIRST_COMPLETED)
                code = running.result() if running.done() else 130
            finally:
                running.cancel()
                leaving.cancel()
        how = f"exit code {code}"
    finally:
        record.close(how)
    return code


class _Screen:
    """The caller's terminal while the shell has it."""

    def __init__(self, record: Visit, visited: Visited) -> None:
        self.left = asyncio.Event()
        self._record = record
        self._terminal = visited.terminal
        self._filter = TerminalFilter()
        self._in, self._out = sys.stdin.fileno(), sys.stdout.fileno()
        self._last = b""
        self._typed = codecs.getincrementaldecoder("utf-8")("replace")

    def __enter__(self) -> Self:
        loop = asyncio.get_running_loop()
        loop.add_reader(self._in, self._type)
        loop.add_signal_handler(signal.SIGWINCH, self._resize)
        return self

    def __exit__(self, *exc: object) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._in)
        loop.remove_signal_handler(signal.SIGWINCH)

    def show(self, data: bytes) -> None:
        """Show what comes from inside, as far as it may."""
        text = self._filter.feed(data)
        self._record.shown(text)
        _write(self._out, text)

    def _type(self) -> None:
        try:
            data = os.read(self._in, READ)
        except OSError:
            data = b""
        self._last = (self._last + data)[-len(LEAVE) :]
        if not data or self._last == LEAVE:
            self.left.set()
            return
        self._record.typed(self._typed.decode(data))
        self._terminal.typed(data)

    def _resize(self) -> None:
        with suppress(OSError):
            size = os.get_terminal_size(self._out)
            self._record.resized(size.lines, size.columns)
            self._terminal.resize(size.lines, size.columns)


def _recorded(order: Order, visited: Visited, size: tuple[int, int]) -> Visit:
    kept = order.kept
    about: dict[str, Any] = {"run": order.run.name, "agent": kept.agent, "turn": kept.turn}
    about |= {"manifest": kept.manifest, "tier": visited.tier, "version": __version__}
    if order.command:
        about["command"] = shlex.join(order.command)
    return Visit(order.run, about, size, SystemClock())


@contextmanager
def _raw(descriptor: int) -> Iterator[None]:
    """Pass every key on as it is; afterwards the terminal is as it was, whatever the shell did to it."""
    before = termios.tcgetattr(descriptor)
    tty.setraw(descriptor)
    try:
        yield
    finally:
        _write(sys.stdout.fileno(), RESET)
        # What the terminal still answers to the shell must not be typed into the caller's.
        with suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)


def _write(descriptor: int, text: str) -> None:
    data = text.encode("utf-8", "replace")
    with suppress(OSError):  # hung up: whoever was looking has gone
        while data:
            data = data[os.write(descriptor, data) :]


def _tell(sentence: str) -> None:
    print(neutralise(sentence), file=sys.stderr)
