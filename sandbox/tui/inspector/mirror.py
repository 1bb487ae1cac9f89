"""An agent's shell as the record has it: its commands, what they printed, what was refused; read-only."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.console.fields import clause, number, text, word
from sandbox.console.lines import Span, fold
from sandbox.console.stage import Stage
from sandbox.transcript.event import Event

__all__ = ["Mirror", "Row"]

Row = tuple[Span, ...]
"""One row of the shell; its text is neutral."""


class Mirror:
    """Give it every event of a run in order; it tells those that are this agent's shell."""

    def __init__(self, agent: str) -> None:
        self._agent = agent
        self._stage = Stage()

    def take(self, event: Event) -> list[Row]:
        """The rows that an event adds; most add none."""
        self._stage.take(event)
        if event.actor != self._agent or event.data.get("tool") != "shell":
            return []
        return list(self._rows(event))

    def _rows(self, event: Event) -> Iterator[Row]:
        data = event.data
        if event.kind == "action.intent":
            prompt = f"{clause(self._agent)}$ "
            for line in text(self._stage.arguments(event), "command").rstrip("\n").split("\n"):
                yield (Span(prompt, "note"), Span(line, "action"))
                prompt = "> "
        elif event.kind == "action.refused":
            yield (Span(f"refused: {word(data, 'reason')}", "refused"),)
        elif event.kind == "action.result":
            output = text(data, "output")
            for line in fold(output) if output else ():
                yield (Span(line, "output"),)
            if data.get("exit") not in (None, 0):
                yield (Span(f"exit {word(data, 'exit')}", "warning"),)
            if cut := int(number(data, "cut")):
                yield (Span(f"{cut:,} bytes were left out", "note"),)
