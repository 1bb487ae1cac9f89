"""The two ends of a run: who plays what, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sandbox.console.fields import clause, listed, number, text, word
from sandbox.console.lines import Span
from sandbox.console.stage import Stage
from sandbox.console.told import Told, told
from sandbox.transcript.event import Event

__all__ = ["count", "run_ended", "run_resumed", "run_started"]


def run_started(event: Event, stage: Stage) -> Iterator[Told]:
    """Tell what is about to be played, by whom, where."""
    data = event.data
    yield Told("run", (Span(word(data, "title") or "a run", "title"),), rule=True)
    yield from _cast(event, stage)
    rooms = data.get("rooms")
    for room, spec in rooms.items() if isinstance(rooms, Mapping) else ():
        members = listed(spec, "members") if isinstance(spec, Mapping) else []
        yield from told("room", f"room {clause(room)}: {', '.join(members) or 'nobody'}", "note")


def run_resumed(event: Event, stage: Stage) -> Iterator[Told]:
    """Tell that a run goes on, why it had to, and what was lost meanwhile."""
    data = event.data
    title = f"{word(data, 'title') or 'the run'} goes on"
    yield Told("resumed", (Span(title, "title"),), rule=True)
    parts = [_WHY.get(word(data, "why"), word(data, "why")), f"after {number(data, 'gap'):,.1f} s"]
    if data.get("lost") is not None:
        parts += [f"turn {word(data, 'lost')} is lost"]
    if torn := int(number(data, "torn")):
        parts += [f"{torn:,} bytes of a torn line were cut off"]
    yield from told("resumed", " · ".join(filter(None, parts)), "warning")
    yield from _cast(event, stage)


_WHY: Final = {
    "killed": "its engine was killed",
    "stopped": "it was stopped",
    "error": "the house had failed",
    "budget": "its budget was spent",
    "more": "it was given more",
    "fork": "a fork",
}


def _cast(event: Event, stage: Stage) -> Iterator[Told]:
    """Tell how it is played, and by which models."""
    data = event.data
    facts = [clause(event.run)]
    bus = data.get("bus")
    for key, value in (
        ("seed", data.get("seed")),
        ("tier", data.get("tier")),
        ("order", _order(data)),
        ("bus", bus.get("kind") if isinstance(bus, Mapping) else bus),
    ):
        facts += [f"{key} {clause(value)}"] if value is not None else []
    facts += [f"at most {count(stage.turns, 'turn')}"] if stage.turns else []
    yield from told("run", " · ".join(filter(None, facts)), "note")
    agents = data.get("agents")
    for agent, spec in agents.items() if isinstance(agents, Mapping) else ():
        model = clause(spec.get("model")) if isinstance(spec, Mapping) else clause(spec)
        tools = listed(spec, "tools") if isinstance(spec, Mapping) else []
        does = f" · {', '.join(tools)}" if tools else ""
        yield Told("agent", (Span(model), Span(does, "note")), who=agent)
    yield from _holes(data)


def _holes(data: Mapping[str, Any]) -> Iterator[Told]:
    """Tell of each hole that boxes have on purpose."""
    boxes = data.get("boxes")
    listed = boxes.values() if isinstance(boxes, Mapping) else ()
    holes = {word(box, "hole"): None for box in listed if isinstance(box, Mapping)}
    for hole in filter(None, holes):
        yield from told("HOLE", hole, "failed")


def _order(data: Mapping[str, Any]) -> object:
    order = data.get("order")
    return order.get("kind") if isinstance(order, Mapping) else order


def run_ended(event: Event, stage: Stage) -> Iterator[Told]:
    """Tell why a run ended, and its totals."""
    data = event.data
    detail = text(data, "detail").split("\n")[0]
    why = word(data, "reason") + (f": {detail}" if detail else "")
    yield Told("ended", (Span(f"the run has ended: {why}", "title"),), rule=True)
    totals = data.get("totals")
    sums: Mapping[str, Any] = totals if isinstance(totals, Mapping) else {}
    parts = [count(data.get("turns"), "turn")]
    parts += [
        count(sums.get(key), one)
        for key, one in (
            ("says", "say"),
            ("whispers", "whisper"),
            ("actions", "action"),
            ("flags", "flag"),
        )
    ]
    parts += [f"{number(sums, 'refused'):,.0f} refused"]
    tokens = (number(sums, "tokens_in"), number(sums, "tokens_out"))
    parts += [f"{tokens[0]:,.0f} tokens in, {tokens[1]:,.0f} out"] if any(tokens) else []
    parts += [f"${number(sums, 'money'):.4f}"] if sums.get("money") else []
    parts += [f"{number(data, 'seconds'):,.1f} s"]
    yield from told("ended", " · ".join(parts), "note")
    if warnings := int(number(sums, "warnings")):
        yield from told("ended", f"{count(warnings, 'warning')} of the watch", "failed")


def count(value: object, one: str) -> str:
    """Write a number with its word, in the plural where due: ``1 turn``, ``1,200 turns``."""
    amount = int(value) if isinstance(value, int | float) else 0
    return f"{amount:,} {one}" + ("" if amount == 1 else "s")
