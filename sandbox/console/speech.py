"""Words from one party to others, told apart from everything else."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.console.fields import clause, listed, text, word
from sandbox.console.lines import Span
from sandbox.console.stage import Stage
from sandbox.console.told import Told, told
from sandbox.transcript.event import Event

__all__ = ["peer_message", "say", "whisper"]


def say(event: Event, stage: Stage) -> Iterator[Told]:
    """Tell what was said in a room."""
    lead = []
    if event.room is not None and event.room != stage.main_room:
        lead.append(Span(f"[{clause(event.room)}] ", "note"))
    if event.data.get("to"):
        lead.append(Span(f"to {word(event.data, 'to')}: ", "note"))
    yield from told("say", text(event.data, "text").split("\n"), "speech", lead=lead)
    yield from _whose(event)


def whisper(event: Event, stage: Stage) -> Iterator[Told]:
    """Tell what was said to one alone."""
    lead = (Span(f"whispers to {word(event.data, 'to')}: ", "note"),)
    yield from told("whisper", text(event.data, "text").split("\n"), "whisper", lead=lead)
    yield from _whose(event)


def peer_message(event: Event, stage: Stage) -> Iterator[Told]:
    """Tell what went over the direct line, of which nobody was told."""
    lead = (Span(f"on a direct line to {word(event.data, 'to')}: ", "warning"),)
    yield from told("direct", text(event.data, "text").split("\n"), "whisper", lead=lead)
    yield from _whose(event)


def _whose(event: Event) -> Iterator[Told]:
    voices = listed(event.data, "speaks_for")
    if voices:
        yield from told("note", f"(writes words for {', '.join(voices)})", "warning")
    if event.data.get("author") == "box":
        yield from told("note", "(the box's words, not the model's)", "warning")
    elif event.actor != "operator" and event.data.get("author") == "operator":
        yield from told("note", "(the operator's words in its place)", "warning")
