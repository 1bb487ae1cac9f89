"""What of an event left a box: every text that came from an agent, and the channel it came by."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from sandbox.transcript.event import Event
from sandbox.transcript.kinds import Kind

__all__ = ["CHANNELS", "outbound"]

CHANNELS: Final[Mapping[Kind, tuple[str, tuple[str, ...]]]] = {
    "say": ("words", ("text",)),
    "whisper": ("whisper", ("text",)),
    "peer.message": ("peer", ("text",)),
    "message.held": ("words", ("text",)),
    "think.request": ("extra", ("extra",)),
    "think.done": ("thought", ("text", "reasoning", "calls")),
    "think.failed": ("thought", ("text",)),
    "action.intent": ("call", ("args",)),
    "action.result": ("result", ("output",)),
    "message.refused": ("bus", ("sample",)),
    "gate.refused": ("bus", ("topic", "sample")),
    "door.touched": ("door", ("path", "headers", "body", "sample")),
    "service.seen": ("service", ("program",)),
    "box.exec": ("exec", ("argv",)),
    "host.call": ("exec", ("args", "command")),
    "box.ended": ("result", ("tail",)),
    "agent.died": ("result", ("tail",)),
}
"""By the kind of an event: what its channel is called, and the members of its data that hold the agent's bytes."""


def outbound(event: Event) -> Iterator[tuple[str, str]]:
    """Each text in an event that an agent sent, with its channel; none in an event of the house's own."""
    listed = CHANNELS.get(event.kind)
    if listed is None:
        return
    channel, members = listed
    for member in members:
        value = event.data.get(member)
        if value:
            texts: list[str] = []
            _gather(value, texts.append)
            if texts:
                yield channel, "\n".join(texts)


def _gather(value: Any, take: Callable[[str], None]) -> None:
    """Every text within a value, keys too; what is deeper than JSON in a record goes is not there."""
    if isinstance(value, str):
        take(value)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            take(str(key))
            _gather(inner, take)
    elif isinstance(value, list | tuple):
        for inner in value:
            _gather(inner, take)
