"""Where a told run goes: a terminal, a pipe, or another program."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, TextIO

from sandbox.console.pipe import JsonPrinter, PlainPrinter
from sandbox.transcript.event import Event

__all__ = ["Printer", "printer_for"]


class Printer(Protocol):
    """Shows one run.

    ``gone`` says that nobody reads any more: what it is given is then dropped. ``failed`` says that
    this is the disk's fault, and not because the reader has seen enough.
    """

    @property
    def gone(self) -> bool: ...

    @property
    def failed(self) -> bool: ...

    def opening(self, title: str) -> None:
        """A live run is being prepared."""

    def progress(self, sentence: str) -> None:
        """Say what takes so long."""

    def show(self, event: Event, raw: bytes) -> None:
        """Show one event; ``raw`` is its line of the record."""

    def skip(self, event: Event) -> None:
        """Take note of an event that is not to be shown: names, rooms and calls come from it."""

    def hear(self, agent: str, words: str | None) -> None:
        """Words of an answer as they come; None where it begins anew. A pipe waits for the whole."""

    def tick(self) -> None:
        """Time has passed: draw the status line of a live run anew. To be called about once a second."""

    def closing(self, folder: Path, last_hash: str) -> None:
        """The live run is over; say where it lies, and the hash that proves it whole."""

    def close(self) -> None:
        """Take the status line away, and say if not all could be printed; may be called at any time."""


def printer_for(
    out: TextIO,
    *,
    plain: bool = False,
    json: bool = False,
    talk: TextIO | None = None,
    environ: Mapping[str, str] | None = None,
) -> Printer:
    """Choose the printer for a stream: colours on a terminal, plain lines elsewhere, or the record.

    Args:
        out: where the run goes.
        plain: plain lines on a terminal too.
        json: the record's own lines.
        talk: where else there is something to say; standard error if None.
        environ: ``TERM=dumb`` means plain lines, ``FORCE_COLOR`` colours in a pipe.
    """
    talk = sys.stderr if talk is None else talk
    environ = os.environ if environ is None else environ
    if json:
        return JsonPrinter(out, talk)
    colours = (out.isatty() and environ.get("TERM") != "dumb") or bool(environ.get("FORCE_COLOR"))
    if plain or not colours:
        return PlainPrinter(out, talk)
    from sandbox.console.screen import TerminalPrinter  # brings Rich, which a pipe does not need

    return TerminalPrinter(out, talk=talk)
