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


def _ajar(data: Data) -> str:
    port = f" and port {word(data, 'port')}" if data.get("port") else ""
    return f"the door {word(data, 'door')} stands ajar: {word(data, 'socket')}{port}"


def _touched(data: Data) -> str:
    door = word(data, "door")
    if data.get("refused"):
        sample = f" (first: {word(data, 'sample')})" if data.get("sample") else ""
        return f"the door {door} refused: {word(data, 'refused')}{_times(data)}{sample}"
    if data.get("opened"):
        return f"opened {word(data, 'opened')}{_times(data)}"
    return f"touched the door {door}: {word(data, 'method')} {word(data, 'path')}"


def _answered(data: Data) -> str:
    said = word(data, "text") or word(data, "error")
    words = f": {said}" if said else ""
    return f"the door {word(data, 'door')} answered {word(data, 'status')} ({word(data, 'act')}){words}"


def _service(data: Data) -> str:
    return f"something listens in the box on port {word(data, 'port')}: {word(data, 'program')}"


def _outside(data: Data) -> str:
    """What a witness outside the boxes saw, in its own sentence."""
    return f"seen from outside: {word(data, 'what') or clause(data)}{_times(data)}"


def _blind(data: Data) -> str:
    return f"the witness {word(data, 'witness')} is gone: {word(data, 'error')}"


def _frozen(data: Data) -> str:
    flag = f" (event {word(data, 'flag')})" if data.get("flag") else ""
    kept = "" if data.get("manifest") else "; its folder was not kept"
    return f"its box is frozen: {word(data, 'why')}{flag}{kept}"


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


def _by(what: str) -> Callable[[Data], str]:
    """What a person did, and who it was."""
    return lambda data: f"{what}{_author(data)}"


def _author(data: Data) -> str:
    return f" ({word(data, 'author')})" if data.get("author") else ""


def _limit(data: Data) -> str:
    old, new = (_bound(data, name) for name in ("old", "new"))
    return f"limit of {word(data, 'what')}: {new}, before {old}{_author(data)}"


def _bound(data: Data, name: str) -> str:
    return "none" if data.get(name) is None else word(data, name)


def _hold(data: Data) -> str:
    names = [name for name in ("agent", "room", "kind", "words", "pattern") if data.get(name)]
    wanted = ", ".join(f"{name} {word(data, name)}" for name in names) or "every message"
    return f"filter {word(data, 'id')} holds {wanted}{_author(data)}"


def _held(data: Data) -> str:
    to = f" to {word(data, 'to')}" if data.get("to") else ""
    return f"held as {word(data, 'id')}: {word(data, 'kind')}{to}: {text(data, 'text')}"


def _released(data: Data) -> str:
    why = f": {word(data, 'why')}" if data.get("why") else ""
    return f"message {word(data, 'id')} is released{why}{_author(data)}"


def _control(data: Data) -> str:
    return f"the control topic refused what came{_times(data)}: {word(data, 'why')}"


_SAID: Final[Mapping[str, tuple[str, Callable[[Data], str]]]] = {
    "agent.died": ("failed", _died),
    "agent.left": ("note", lambda data: f"left the run: {word(data, 'reason')}"),
    "gate.refused": ("refused", _gate),
    "message.refused": ("refused", _message),
    "bus.lost": ("warning", lambda data: f"the bus is down: {word(data, 'why')}"),
    "bus.back": ("good", lambda data: f"the bus is back after {number(data, 'seconds'):.1f} s"),
    "door.opened": ("note", _ajar),
    "door.touched": ("warning", _touched),
    "door.answered": ("note", _answered),
    "service.seen": ("warning", _service),
    "box.started": ("note", _box),
    "box.ended": ("note", lambda data: f"the box has ended: {clause(data)}"),
    "box.frozen": ("failed", _frozen),
    "box.thawed": ("good", lambda data: f"its box runs on{_author(data)}"),
    **dict.fromkeys(
        (f"host.{what}" for what in ("call", "process", "container", "canary", "changed", "alert")),
        ("failed", _outside),
    ),
    "witness.failed": ("failed", _blind),
    "box.limit": ("warning", lambda data: f"a limit of the box was met: {clause(data)}"),
    "operator.stop": ("warning", lambda data: f"stop: {word(data, 'reason')}{_author(data)}"),
    "operator.pause": ("warning", _by("pause")),
    "operator.go": ("good", _by("go on")),
    "operator.step": ("warning", _by("one turn")),
    "operator.mute": ("warning", lambda data: f"mutes {word(data, 'agent')}{_author(data)}"),
    "operator.unmute": ("good", lambda data: f"unmutes {word(data, 'agent')}{_author(data)}"),
    "operator.limit": ("warning", _limit),
    "operator.hold": ("warning", _hold),
    "operator.unhold": (
        "good",
        lambda data: f"filter {word(data, 'id')} is taken away{_author(data)}",
    ),
    "message.held": ("warning", _held),
    "operator.release": ("good", _released),
    "operator.edit": (
        "warning",
        lambda data: f"message {word(data, 'id')} is edited{_author(data)}",
    ),
    "operator.drop": (
        "warning",
        lambda data: f"message {word(data, 'id')} is dropped{_author(data)}",
    ),
    "operator.refused": ("refused", _control),
    "budget.warned": ("warning", _budget),
    "budget.spent": ("warning", _budget),
    "workspace.saved": ("note", _kept),
    "workspace.failed": ("warning", lambda data: f"its folder was not kept: {word(data, 'error')}"),
    "workspace.restored": ("note", lambda data: f"its folder was put back{_amount(data)}"),
    "turn.lost": ("warning", lambda data: "the turn was lost; what it did is not known"),
    "detector.failed": ("failed", _failed),
}
