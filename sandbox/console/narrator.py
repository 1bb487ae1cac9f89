"""A run told for people: events in, lines out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from sandbox.console import actions, ends, speech, turns
from sandbox.console.fields import clause, text
from sandbox.console.lines import Line, Span
from sandbox.console.machinery import report
from sandbox.console.stage import Stage
from sandbox.console.told import Told, told
from sandbox.transcript.event import Event

__all__ = ["Narrator"]

Teller: TypeAlias = Callable[[Event, Stage], Iterator[Told]]


class Narrator:
    """Tells the events of one run in their order, whatever their data holds."""

    def __init__(self) -> None:
        self._stage = Stage()

    def narrate(self, event: Event) -> list[Line]:
        """Tell one event; no line where it is of no interest to a reader."""
        stage = self._stage
        stage.take(event)
        lines: list[Line] = []
        for each in _TELLERS.get(event.kind, _machinery)(event, stage):
            actor = event.actor if each.who is None else each.who
            name = stage.name(actor)
            head: tuple[Span, ...] = ()
            if each.rule:
                own = () if actor == "engine" else (name, Span(" "))
                head = (Span("── ", "note"), *own)
            elif each.who is not None or not lines:
                head = (Span(" "), name)
            lines.append(
                Line(
                    turn=stage.turn,
                    who=clause(actor),
                    what=each.what,
                    body=each.body,
                    head=head,
                    indent=stage.indent,
                    mark=each.mark,
                    rule=each.rule,
                    seq=event.seq,
                )
            )
        return lines


def _machinery(event: Event, stage: Stage) -> Iterator[Told]:
    style, words = report(event)
    kind = clause(event.kind)  # of a newer version, or a stranger's
    yield from told(kind, words, style)
    if event.data.get("tail"):
        yield from told(kind, text(event.data, "tail").rstrip("\n").split("\n")[-5:], "output")


def _chosen(event: Event, stage: Stage) -> Iterator[Told]:
    yield from told("next", f"gives the floor to {clause(event.data.get('agent'))}", "action")


def _nothing(event: Event, stage: Stage) -> Iterator[Told]:
    yield from ()


_TELLERS: Final[Mapping[str, Teller]] = {
    "run.started": ends.run_started,
    "run.resumed": ends.run_resumed,
    "run.ended": ends.run_ended,
    "agent.joined": turns.agent_joined,
    "room.opened": turns.room_change,
    "room.invited": turns.room_change,
    "room.joined": turns.room_change,
    "room.left": turns.room_change,
    "turn.bid": turns.bids,
    "turn.chosen": _chosen,
    "turn.offered": turns.offered,
    "turn.ended": turns.turn_ended,
    "think.request": _nothing,
    "box.exec": _nothing,  # a build starts thousands
    "think.done": actions.thought,
    "think.failed": actions.thought_failed,
    "action.intent": actions.intent,
    "action.refused": actions.refused,
    "action.result": actions.result,
    "say": speech.say,
    "operator.say": speech.say,
    "whisper": speech.whisper,
    "operator.whisper": speech.whisper,
    "peer.message": speech.peer_message,
    "flag": turns.flag,
}
"""Every other kind is told by the machinery."""
