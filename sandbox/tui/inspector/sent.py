"""What a model was sent, as lines: all of it, or what is new since it was last asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import orjson

from sandbox.console.fields import clause
from sandbox.console.lines import MAX_TEXT, Line, Span, shorten
from sandbox.console.neutral import neutralise
from sandbox.models.provider import ChatTurn
from sandbox.tui.inspector.book import Asked

__all__ = ["Proof", "lines", "prove", "withheld"]

_INDENT: Final = 8
_LABELS: Final = {"user": "told", "assistant": "said", "tool": "result"}
_STYLES: Final = {"told": "", "said": "good", "result": "output", "system": "", "tools": "note"}


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether what is rendered again is what was sent then."""

    text: str
    good: bool


def lines(asked: Asked, before: Asked | None, *, changed: bool) -> Iterator[Line]:
    """Tell a request, a line for each of its parts.

    Args:
        asked: the request.
        before: the one before it; None for the first.
        changed: leave out what stood in the one before.
    """
    request = asked.exchange.request
    old = before.exchange.request if changed and before is not None else None
    known = 0
    if old is not None and before is not None:
        known = _common(old.turns[asked.trimmed - before.trimmed :], request.turns)
        same = "the same" if old.system == request.system else "OTHER"
        yield _line(asked, "before", f"{known:,} turns as before, {same} instructions", "note")
    if old is None or old.system != request.system:
        yield _line(asked, "system", request.system, "")
        if request.tools:
            yield _line(asked, "tools", ", ".join(tool.name for tool in request.tools), "note")
    for turn in request.turns[known:]:
        yield from _turn(asked, turn)


def withheld(asked: Asked) -> str:
    """What it was not sent; empty if nothing."""
    parts = []
    if asked.hidden:
        parts.append(f"{asked.hidden:,} message{'s' * (asked.hidden > 1)} not for it")
    if asked.trimmed:
        parts.append(f"{asked.trimmed:,} old turns left out")
    return "not sent: " + ", ".join(parts) if parts else ""


def prove(asked: Asked) -> Proof:
    """Compare with the digests that were recorded when it was sent."""
    answer = asked.exchange.answer
    data = {} if answer is None else answer.data
    saw, sent = data.get("saw"), data.get("sent")
    if not isinstance(saw, dict):
        return Proof("no digest was recorded: the model gave no answer", good=True)
    if saw.get("digest") != asked.exchange.saw["digest"]:
        return Proof("NOT what was sent then: the digest differs", good=False)
    if not isinstance(sent, dict) or asked.provider is None:
        return Proof("digest agrees", good=True)
    body = asked.provider.body(asked.exchange.request)
    if sent.get("sha256") != sha256(body).hexdigest():
        return Proof("NOT what was sent then: the bytes differ", good=False)
    return Proof(f"digest and {len(body):,} bytes agree", good=True)


def _turn(asked: Asked, turn: ChatTurn) -> Iterator[Line]:
    label = _LABELS[turn.role]
    if turn.text or not turn.calls:
        yield _line(asked, label, turn.text, _STYLES[label])
    for call in turn.calls:
        args = call.args if isinstance(call.args, str) else _json(call.args)
        yield _line(asked, "called", f"{call.tool} {args}", "action")


def _line(asked: Asked, label: str, text: str, style: str) -> Line:
    shown = neutralise(shorten(text, MAX_TEXT))
    head = (Span(f" {clause(label)}", "note"),)
    return Line(asked.turn, label, label, (Span(shown, style),), head, _INDENT + 3, seq=asked.seq)


def _json(args: Mapping[str, Any]) -> str:
    return orjson.dumps(dict(args), default=str).decode()


def _common(old: Sequence[ChatTurn], new: Sequence[ChatTurn]) -> int:
    """How many turns both begin with."""
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count
