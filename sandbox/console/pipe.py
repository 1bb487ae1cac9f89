"""A run for pipes: plain lines for people and screen readers, or the record itself for programs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, TextIO

from sandbox.console.lines import Line, Span
from sandbox.console.narrator import Narrator
from sandbox.console.neutral import UNSAFE, neutralise
from sandbox.console.outlet import Outlet
from sandbox.transcript.event import Event

__all__ = ["JsonPrinter", "PlainPrinter"]

_UNSAFE: Final = re.compile(f"[{UNSAFE}]")
_BEYOND_ASCII: Final = re.compile("[^\n -~]")


class PlainPrinter:
    """Every line has its prefix ``[turn] who what:``; no colour, no status line. Progress goes to ``talk``."""

    def __init__(self, out: TextIO, talk: TextIO) -> None:
        self._out = Outlet(out)
        self._talk = Outlet(talk)
        self._narrator = Narrator()
        self._turn = 0

    @property
    def gone(self) -> bool:
        return self._out.gone

    @property
    def failed(self) -> bool:
        return self._out.failed

    def opening(self, title: str) -> None:
        pass

    def progress(self, sentence: str) -> None:
        self._talk.write(f"{neutralise(sentence, newlines=False)}\n")

    def show(self, event: Event, raw: bytes) -> None:  # noqa: ARG002  # a program's form needs it
        lines = self._narrator.narrate(event)
        if lines:
            self._turn = lines[-1].turn
            self._out.write("".join(f"{line.plain()}\n" for line in lines))

    def skip(self, event: Event) -> None:
        self._narrator.narrate(event)

    def hear(self, agent: str, words: str | None) -> None:
        pass

    def tick(self) -> None:
        pass

    def closing(self, folder: Path, last_hash: str) -> None:
        where = neutralise(str(folder), newlines=False)
        for what, text in (("transcript", where), ("last-hash", last_hash)):
            line = Line(self._turn, "engine", what, (Span(text),))
            self._out.write(f"{line.plain()}\n")

    def close(self) -> None:
        self._out.report(self._talk)


class JsonPrinter:
    r"""The record's own lines on ``out``, everything else on ``talk``.

    A pipe gets their very bytes. On a terminal what could drive it is written as ``\u....``, and so
    is all beyond ASCII where the stream is not UTF-8: the same JSON in other letters.
    """

    def __init__(self, out: TextIO, talk: TextIO) -> None:
        self._out = Outlet(out)
        self._talk = Outlet(talk)
        self._escaped: re.Pattern[str] | None = None
        if (out.encoding or "utf-8").lower().replace("-", "") != "utf8":
            self._escaped = _BEYOND_ASCII
        elif out.isatty():
            self._escaped = _UNSAFE

    @property
    def gone(self) -> bool:
        return self._out.gone

    @property
    def failed(self) -> bool:
        return self._out.failed

    def opening(self, title: str) -> None:
        pass

    def progress(self, sentence: str) -> None:
        self._talk.write(f"{neutralise(sentence, newlines=False)}\n")

    def show(self, event: Event, raw: bytes) -> None:  # noqa: ARG002  # a person's form needs it
        text = raw.decode("utf-8")
        self._out.write(self._escaped.sub(_escape, text) if self._escaped else text)

    def skip(self, event: Event) -> None:
        pass

    def hear(self, agent: str, words: str | None) -> None:
        pass

    def tick(self) -> None:
        pass

    def closing(self, folder: Path, last_hash: str) -> None:
        where = neutralise(str(folder), newlines=False)
        self._talk.write(f"transcript: {where}\nlast hash: {last_hash}\n")

    def close(self) -> None:
        self._out.report(self._talk)


def _escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
