"""Where a told run goes: a terminal, a pipe, or another program."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, Literal, Protocol, TextIO, TypeAlias

from sandbox.console.narrator import Narrator
from sandbox.console.neutral import UNSAFE
from sandbox.console.status import Status
from sandbox.transcript.event import Event

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Form", "JsonPrinter", "PlainPrinter", "Printer", "TerminalPrinter", "open_printer"]

Form: TypeAlias = Literal["auto", "plain", "json"]

_ERASE: Final = "\r\x1b[2K"
_UNSAFE: Final = re.compile(f"[{UNSAFE}]")


class Printer(Protocol):
    """Shows the events of one run as they come. ``gone`` says that nobody reads any more."""

    @property
    def gone(self) -> bool: ...

    def show(self, event: Event, raw: bytes) -> None:
        """Show one event; ``raw`` is its line of the record."""

    def tick(self, elapsed: float) -> None:
        """Draw the status line anew, where there is one; ``elapsed`` is in seconds."""

    def close(self) -> None:
        """Take the status line away; may be called twice."""


def open_printer(form: Form, out: TextIO, environ: Mapping[str, str] | None = None) -> Printer:
    """Open the printer for a stream: ``auto`` is colours on a terminal and plain lines elsewhere."""
    env = os.environ if environ is None else environ
    if form == "json":
        return JsonPrinter(out)
    fancy = (out.isatty() and env.get("TERM") != "dumb") or bool(env.get("FORCE_COLOR"))
    return TerminalPrinter(out) if form == "auto" and fancy else PlainPrinter(out)


class _Outlet:
    """A stream that may go away: from then on nothing is written, and nothing is raised."""

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.gone = False
        if isinstance(out, io.TextIOWrapper):
            out.reconfigure(
                errors="replace"
            )  # an ASCII terminal shows ? rather than nothing at all

    def write(self, text: str) -> None:
        with self.guard():
            if not self.gone:
                self.out.write(text)
                self.out.flush()

    @contextmanager
    def guard(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            self.gone = True
            # Python flushes standard output once more at its end, and would complain there.
            with suppress(OSError, ValueError):
                null = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null, self.out.fileno())
                os.close(null)


class PlainPrinter:
    """One prefixed line each, no colour, no status: for pipes and screen readers."""

    def __init__(self, out: TextIO) -> None:
        self._outlet = _Outlet(out)
        self._narrator = Narrator()

    @property
    def gone(self) -> bool:
        return self._outlet.gone

    def show(self, event: Event, raw: bytes) -> None:
        lines = self._narrator.narrate(event)
        self._outlet.write("".join(f"{line.plain()}\n" for line in lines))

    def tick(self, elapsed: float) -> None:
        pass

    def close(self) -> None:
        pass


class JsonPrinter:
    r"""The record's own lines.

    A pipe gets their very bytes. On a terminal what could drive it is written as ``\u....``, and so
    is everything beyond ASCII where the stream is not UTF-8: the same JSON in other letters.
    """

    def __init__(self, out: TextIO) -> None:
        self._outlet = _Outlet(out)
        self._escaped: re.Pattern[str] | None = None
        if (getattr(out, "encoding", None) or "utf-8").lower().replace("-", "") != "utf8":
            self._escaped = re.compile("[^\n -~]")
        elif out.isatty():
            self._escaped = _UNSAFE

    @property
    def gone(self) -> bool:
        return self._outlet.gone

    def show(self, event: Event, raw: bytes) -> None:
        text = raw.decode("utf-8")
        self._outlet.write(self._escaped.sub(_escape, text) if self._escaped else text)

    def tick(self, elapsed: float) -> None:
        pass

    def close(self) -> None:
        pass


def _escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


class TerminalPrinter:
    """Colours, wrapped lines, and a status line that the next line takes the place of."""

    def __init__(self, out: TextIO) -> None:
        from sandbox.console.terminal import terminal  # Rich: not needed for a pipe

        self._outlet = _Outlet(out)
        self._console: Console = terminal(out)
        self._narrator = Narrator()
        self._status = Status()
        self._standing = False

    @property
    def gone(self) -> bool:
        return self._outlet.gone

    def show(self, event: Event, raw: bytes) -> None:
        from sandbox.console.terminal import draw

        self._status.take(event)
        lines = self._narrator.narrate(event)
        if not lines or self.gone:
            return
        self.close()
        width = self._console.width
        with self._outlet.guard():
            for line in lines:
                for row in draw(line, self._console, width):
                    self._console.print(row, soft_wrap=True)

    def tick(self, elapsed: float) -> None:
        from sandbox.console.terminal import styled

        if self.gone or not self._console.is_terminal:
            return
        self.close()
        row = styled(self._status.spans(elapsed))
        row.truncate(self._console.width - 1, overflow="ellipsis")
        with self._outlet.guard():
            self._console.print(row, soft_wrap=True, end="")
        self._standing = True

    def close(self) -> None:
        if self._standing:
            self._outlet.write(_ERASE)
            self._standing = False
