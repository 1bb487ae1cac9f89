"""What the house itself reports, in words: boxes, bus, gate, budgets, operator, failures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from sandbox.console.ends import count
from sandbox.console.fields import clause, listed, number, text, word
from sandbox.transcript.event import Event

__all__ = ["report"]

Data = Mapping[str, Any]

_PATHS: Final = 3
"""Changed files that are named."""


def report(event: Event) -> tuple[str, str]:
    """Say one event in a style and words; a kind that has none of its own is told by its fields."""
    style, say = _SAID.get(event.kind, ("note", clause))
    return style, say(event.data)


def _times(data: Data) -> str:
    count = int(number(data, "count"))
    return f", {count:,} times" if count > 1 else ""


def _gate(data: Data) -> str:
    topic = f" on {word(data, 'topic')}" if data.get("topic") else ""
    sample = f" (first: {word(data, 'sample')})" if data.get("sample") else ""
    return f"the gate refused: {word(data, 'what')}{topic}{_times(data)}{sample}"


def _message(data: Data) -> str:
    sample = f" (first: {word(data, 'sample')})" if data.get("sample") else ""
    return f"a message was refused: {word(data, 'why')}{_times(data)}{sample}"


def _died(data: Data) -> str:
    how = [f"exit code {word(data, 'code')}"] if data.get("code") is not None else []
    how += [f"signal {word(data, 'signal')}"] if data.get("signal") else []
    why = word(data, "reason") or "no reason is known"
    return f"died: {why}" + (f" ({', '.join(how)})" if how else "")


def _box(data: Data) -> str:
    tier, pid = word(data, "tier"), word(data, "pid")
    return f"has a box: {tier or 'of unknown kind'}" + (f", pid {pid}" if pid else "")


def _budget(data: Data) -> str:
    return f"budget: {word(data, 'detail') or clause(data)}"


def _kept(data: Data) -> str:
    changed = listed(data, "changed")
    more = f", … {len(changed) - _PATHS} more" if len(changed) > _PATHS else ""
    what = f": {', '.join(changed[:_PATHS])}{more} changed" if changed else ""
    missing = len(listed(data, "left_out"))
    without = f"; {count(missing, 'thing')} could not be" if missing else ""
    return f"its folder was kept{_amount(data)}{what}{without}"


def _amount(data: Data) -> str:
    return f" ({count(data.get('files'), 'file')}, {count(data.get('bytes'), 'byte')})"


def _failed(data: Data) -> str:
    return f"the detector {word(data, 'detector')} failed: {text(data, 'error')}"


_SAID: Final[Mapping[str, tuple[str, Callable[[Data], str]]]] = {
    "agent.died": ("failed", _died),
    "agent.left": ("note", lambda data: f"left the run: {word(data, 'reason')}"),
    "gate.refused": ("refused", _gate),
    "message.refused": ("refused", _message),
    "bus.lost": ("warning", lambda data: f"the bus is down: {word(data, 'why')}"),
    "bus.back": ("good", lambda data: f"the bus is back after {number(data, 'seconds'):.1f} s"),
    "box.started": ("note", _box),
    "box.ended": ("note", lambda data: f"the box has ended: {clause(data)}"),
    "box.limit": ("warning", lambda data: f"a limit of the box was met: {clause(data)}"),
    "operator.stop": ("warning", lambda data: f"stop: {word(data, 'reason')}"),
    "budget.warned": ("warning", _budget),
    "budget.spent": ("warning", _budget),
    "workspace.saved": ("note", _kept),
    "workspace.failed": ("warning", lambda data: f"its folder was not kept: {word(data, 'error')}"),
    "workspace.restored": ("note", lambda data: f"its folder was put back{_amount(data)}"),
    "turn.lost": ("warning", lambda data: "the turn was lost; what it did is not known"),
    "detector.failed": ("failed", _failed),
}
