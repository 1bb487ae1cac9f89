"""What agents think and do, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sandbox.console.fields import clause, number, text, word
from sandbox.console.lines import Span, fold
from sandbox.console.stage import Stage
from sandbox.console.told import Told, told
from sandbox.transcript.event import Event

__all__ = ["TOLD_BY_EFFECT", "intent", "refused", "result", "thought", "thought_failed"]

TOLD_BY_EFFECT: Final = frozenset(
    {"say", "whisper", "open_room", "invite", "enter", "leave", "next", "pass"}
)
"""Tools whose use need not be told, for the event that it becomes is."""
_BAR: Final = Span("│ ", "note")
_PROMPT: Final = Span("$ ", "action")
_CROSS: Final = Span("✗ ", "refused")


def thought(event: Event, stage: Stage) -> Iterator[Told]:
    """Tell of an answer what its actions will not: words beside calls, what was wrong with it."""
    data = event.data
    if data.get("purpose") == "bid":
        return
    if reasoning := text(data, "reasoning").strip():
        yield from told("reasoning", fold(reasoning), "thought")
    if data.get("malformed"):
        yield from told(
            "malformed", f"an answer that is no action: {word(data, 'malformed')}", "refused"
        )
        yield from _output("malformed", text(data, "text"))
    elif (
        data.get("calls") and not stage.answers_in_json(event.actor) and text(data, "text").strip()
    ):
        yield from told("thought", fold(text(data, "text").strip()), "thought")
    if word(data, "stop") in {"refusal", "filter"}:
        yield from told("note", "the model's maker stopped this answer", "warning")


def thought_failed(event: Event, stage: Stage) -> Iterator[Told]:
    """Tell that a model gave no answer; a turn that ended first is told by its end."""
    if event.data.get("kind") != "TurnOver":
        yield from told("failed", f"the model failed: {word(event.data, 'error')}", "failed")


def intent(event: Event, stage: Stage) -> Iterator[Told]:
    """Tell what an agent is about to do, where its effect will not."""
    data, args = event.data, stage.arguments(event)
    tool = word(data, "tool")
    if data.get("author") == "box":
        yield from told("box", f"the box, not the model, wants {tool} {clause(args)}", "warning")
    elif tool == "shell":
        command = fold(text(args, "command"))
        yield from told("shell", command, "action", mark=_PROMPT)
    elif tool == "write_file":
        size = len(args["text"]) if isinstance(args.get("text"), str) else 0
        yield from told("write_file", f"writes {word(args, 'path')}, {size:,} characters", "action")
    elif tool == "read_file":
        yield from told("read_file", f"reads {word(args, 'path')}", "action")
    elif tool not in TOLD_BY_EFFECT:
        yield from told("action", f"{tool} {clause(args)}", "action")


def refused(event: Event, stage: Stage) -> Iterator[Told]:
    """Tell that an action was not allowed."""
    tool, reason = word(event.data, "tool"), word(event.data, "reason")
    yield from told("refused", f"{tool} refused: {reason}", "refused", mark=_CROSS)


def result(event: Event, stage: Stage) -> Iterator[Told]:
    """Tell what an action gave, folded where it is long."""
    data = event.data
    yield from _output("output", text(data, "output") or "(no output)")
    status = data.get("exit")
    if status not in (None, 0):
        yield from told("output", f"exit {clause(status)}", "warning", mark=_BAR)
    elif data.get("ok") is False:
        yield from told("output", "failed", "warning", mark=_BAR)
    if cut := int(number(data, "cut")):
        yield from told("output", f"{cut:,} bytes were left out", "note", mark=_BAR)


def _output(what: str, output: str) -> Iterator[Told]:
    return told(what, fold(output), "output", mark=_BAR)
