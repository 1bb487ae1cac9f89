"""The status line of a live run: turn, who has the floor, time, tokens, money, flags."""

from __future__ import annotations

from typing import Final

from rich.cells import cell_len

from sandbox.console.ends import count
from sandbox.console.fields import number, word
from sandbox.console.lines import Span
from sandbox.console.neutral import neutralise
from sandbox.console.stage import Stage
from sandbox.transcript.event import Event

__all__ = ["Status", "duration"]


_TAIL: Final = 400
"""Characters of an answer that is still coming; no terminal shows more on one line."""


class Status:
    """Keeps the sums that the line shows."""

    def __init__(self) -> None:
        self._stage = Stage()
        self._floor = ""
        self._doing = ""
        self._tokens = 0.0
        self._money: float | None = None
        self._flags = 0
        self._speaking = ""
        self._spoken = ""

    def take(self, event: Event) -> None:
        """Move on to an event."""
        self._stage.take(event)
        data = event.data
        match event.kind:
            case "turn.offered":
                self._floor, self._doing = event.actor, "has the floor"
            case "think.request":
                self._doing = "thinks"
            case "think.done":
                self._doing, self._spoken = "acts", ""
                self._tokens += number(data, "tokens_in") + number(data, "tokens_out")
                if data.get("money") is not None:
                    self._money = (self._money or 0.0) + number(data, "money")
            case "action.intent":
                self._doing = f"uses {word(data, 'tool')}"
            case "turn.ended" | "turn.lost" | "run.ended":
                self._floor = ""
            case "flag":
                self._flags += 1
            case _:
                pass

    def hear(self, agent: str, words: str | None) -> None:
        """Take words of an answer that is still coming; only the last of them are kept."""
        if words is None or agent != self._speaking:
            self._speaking, self._spoken = agent, ""
        self._spoken = (self._spoken + neutralise(words or "", newlines=False))[-_TAIL:]

    def spoken(self, room: int) -> tuple[Span, ...]:
        """The last words of whoever is speaking, in at most ``room`` columns."""
        if room < 12 or not self._spoken or self._speaking != self._floor:
            return ()
        text = self._spoken
        while cell_len(text) > room - 3:
            text = text[1:]
        return (Span(" │ ", "note"), Span(text))

    def spans(self, elapsed: float) -> tuple[Span, ...]:
        """Return the line; ``elapsed`` is in seconds since the run started."""
        stage = self._stage
        of = f" of {stage.turns:,}" if stage.turns else ""
        spans = [Span(f" turn {stage.turn:,}{of}", "title")]
        if self._floor:
            spans += [Span(" · ", "note"), stage.name(self._floor), Span(f" {self._doing}")]
        facts = [duration(elapsed), count(self._tokens, "token")]
        facts += [f"${self._money:.4f}"] if self._money else []
        spans += [Span(f" · {' · '.join(facts)}", "note")]
        if self._flags:
            spans += [Span(" · ", "note"), Span(count(self._flags, "flag"), "warning")]
        return tuple(spans)


def duration(seconds: float) -> str:
    """Write seconds as ``0:42``, or ``1:02:03`` from an hour on."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
