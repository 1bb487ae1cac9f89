"""How hits are shown: on a terminal, in lines, or as JSON. Nothing of an agent gets through unescaped."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from sandbox.console import Line, Span, neutralise
from sandbox.console.outlet import Outlet
from sandbox.transcript import Event
from sandbox.transcript.search import Hit, snippet

__all__ = ["HitPrinter"]

_WIDTH: Final = 200
"""Characters shown of a text."""

_INDENT: Final = 24
_COMMAND: Final = 6


class HitPrinter:
    """Prints hits as they come.

    ``gone`` says that nobody reads any more, ``failed`` that it is the disk's fault.

    Args:
        root: the folder of runs, for the command that opens a hit; None where it is the usual one.
        form: ``screen``, ``plain`` or ``json``.
    """

    def __init__(self, root: Path | None, form: str) -> None:
        self._root = root
        self._form = form
        self._out = Outlet(sys.stdout)
        self._run = ""

    @property
    def gone(self) -> bool:
        return self._out.gone

    @property
    def failed(self) -> bool:
        return self._out.failed

    def show(self, hit: Hit, before: Sequence[Event], after: Sequence[Event]) -> None:
        """Print one hit, with the messages around it."""
        if self._form == "json":
            line = json.dumps(self._fields(hit, before, after)).replace("\x7f", "\\u007f")
            self._out.write(f"{line}\n")
        elif self._form == "plain":
            self._out.write("".join(f"{line}\n" for line in self._plain(hit, before, after)))
        else:
            self._draw(hit, before, after)

    def close(self) -> None:
        """Say if not all could be printed."""
        self._out.report(Outlet(sys.stderr))

    def _command(self, hit: Hit) -> str:
        words = ["backrooms", "show", hit.file.id, "--turn", str(hit.place.turn)]
        if self._root is not None:
            words += ["--dir", str(self._root)]
        return shlex.join(words)

    def _fields(
        self, hit: Hit, before: Sequence[Event], after: Sequence[Event]
    ) -> dict[str, object]:
        found = hit.document
        text, marks = snippet(found.text, hit.marks, _WIDTH)
        fields: dict[str, object] = {
            "run": hit.file.id,
            "turn": hit.place.turn,
            "seq": found.seq,
            "ts": found.ts,
            "agent": found.agent,
            "kind": found.kind,
            "what": found.what,
            "room": found.room,
            "tool": found.tool,
            "to": found.to,
            "snippet": text,
            "marks": marks,
            "command": self._command(hit),
        }
        for name, events in (("before", before), ("after", after)):
            if events:
                fields[name] = [
                    {
                        "seq": event.seq,
                        "kind": event.kind,
                        "agent": event.actor,
                        "text": _text(event),
                    }
                    for event in events
                ]
        return fields

    def _plain(self, hit: Hit, before: Sequence[Event], after: Sequence[Event]) -> Iterator[str]:
        found = hit.document
        place = f"{hit.file.id} [{hit.place.turn}]"
        if (before or after) and self._run:
            yield "--"
        self._run = hit.file.id
        for event in before:
            yield _safe(f"{place} #{event.seq} {event.actor} {event.kind}- {_text(event)}")
        words = "".join(f"«{span.text}»" if span.style else span.text for span in _spans(hit))
        lead = _safe(f"{place} #{found.seq} {found.ts[:19]} {_who(hit)} {found.what}: ")
        yield f"{lead}{words}  ({_safe(self._command(hit))})"
        for event in after:
            yield _safe(f"{place} #{event.seq} {event.actor} {event.kind}- {_text(event)}")

    def _draw(self, hit: Hit, before: Sequence[Event], after: Sequence[Event]) -> None:
        from sandbox.console.terminal import draw, terminal  # loads Rich

        console = terminal(self._out.out)
        with self._out.guard():
            for line in self._lines(hit, before, after):
                for row in draw(line, console, console.width):
                    console.print(row, soft_wrap=True)

    def _lines(self, hit: Hit, before: Sequence[Event], after: Sequence[Event]) -> Iterator[Line]:
        found, turn = hit.document, hit.place.turn
        if hit.file.id != self._run:
            self._run = hit.file.id
            title = hit.place.run.title
            yield Line(
                0, "", "run", (Span(_safe(self._run), "title"), Span(f"  {_safe(title)}", "note"))
            )
        for event in before:
            yield _aside(event, turn)
        head = (
            Span(f" {turn:>4} "),
            Span(f"{_safe(_who(hit))} ", "title"),
            Span(_safe(found.what), "note"),
        )
        yield Line(turn, "", found.what, tuple(_spans(hit)), head, _INDENT, seq=found.seq)
        for event in after:
            yield _aside(event, turn)
        where = f"{self._command(hit)}   #{found.seq}  {found.ts[:19].replace('T', ' ')}"
        yield Line(turn, "", "command", (Span(_safe(where), "note"),), (Span(" "),), _COMMAND)


def _spans(hit: Hit) -> Iterator[Span]:
    text, marks = snippet(hit.document.text, hit.marks, _WIDTH)
    at = 0
    for start, end in marks:
        yield Span(_safe(text[at:start]))
        yield Span(_safe(text[start:end]), "flag")
        at = end
    yield Span(_safe(text[at:]))


def _aside(event: Event, turn: int) -> Line:
    head = Span("      "), Span(f"{_safe(event.actor)} ", "note"), Span(event.kind, "note")
    return Line(turn, "", event.kind, (Span(_safe(_text(event)), "note"),), head, _INDENT)


def _text(event: Event) -> str:
    text = event.data.get("text")
    return snippet(text, [], _WIDTH)[0] if isinstance(text, str) else ""


def _who(hit: Hit) -> str:
    found = hit.document
    return f"{found.agent} to {', '.join(found.to)}" if found.to else found.agent or "engine"


def _safe(text: str) -> str:
    return neutralise(text.replace("\n", " "), newlines=False)
