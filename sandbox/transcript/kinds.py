"""The closed set of event kinds. What each carries is in docs/events.md."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

__all__ = ["KINDS", "SPEECH", "Kind"]

Kind: TypeAlias = Literal[
    "run.started", "run.resumed", "run.ended",
    "agent.joined", "agent.died", "agent.left",
    "room.opened", "room.invited", "room.joined", "room.left",
    "turn.bid", "turn.chosen", "turn.offered", "turn.ended", "turn.lost",
    "think.request", "think.retried", "think.done", "think.failed",
    "think.refused", "think.filtered", "think.empty", "context.trimmed",
    "action.intent", "action.refused", "action.result",
    "say", "whisper", "peer.message",
    "gate.refused", "bus.lost", "bus.back", "message.refused", "message.held",
    "box.started", "box.ended", "box.limit", "box.exec", "box.frozen", "box.thawed",
    "host.call", "host.process", "host.container", "host.canary", "host.changed", "host.alert",
    "witness.failed",
    "door.opened", "door.touched", "door.answered", "service.seen",
    "workspace.saved", "workspace.failed", "workspace.restored",
    "operator.say", "operator.whisper", "operator.stop",
    "operator.pause", "operator.go", "operator.step", "operator.mute", "operator.unmute", "operator.limit",
    "operator.hold", "operator.unhold", "operator.release", "operator.edit", "operator.drop",
    "operator.refused",
    "budget.warned", "budget.spent",
    "flag", "detector.failed",
    "imported.note",
]  # fmt: skip

KINDS: Final[frozenset[str]] = frozenset(get_args(Kind))

SPEECH: Final[frozenset[str]] = frozenset(
    {"say", "whisper", "peer.message", "operator.say", "operator.whisper"}
)
"""Kinds that carry words from one party to another, under ``data.text``."""
