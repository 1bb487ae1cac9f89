"""Where a request parts from the one that was recorded, in words that name both."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any, Final

from sandbox.errors import ModelFailed
from sandbox.models.provider import ChatTurn, Request

__all__ = ["Desync", "differs", "parted", "renamed"]

SHOWN: Final = 80
"""Characters of a text that a message quotes."""

_SETTINGS: Final = ("mode", "max_tokens", "temperature", "seed", "names")


class Desync(ModelFailed):
    """A recorded answer does not belong to what is asked now."""


def parted(agent: str, run: str, then: Request, now: Request, where: str) -> Desync:
    """The error that names both requests and the place where they first differ."""
    return Desync(
        f"{agent} is asked something else than in {run}. Then, {_named(then)}. "
        f"Now, {_named(now)}. They first differ in {where}"
    )


def renamed(value: Any, old: str, new: str) -> Any:
    """A JSON value with a run's id exchanged for another's in every text."""
    if isinstance(value, str):
        return value.replace(old, new)
    if isinstance(value, Mapping):
        return {renamed(k, old, new): renamed(v, old, new) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [renamed(item, old, new) for item in value]
    return value


def differs(then: Request, now: Request, run: str = "") -> str | None:
    """The first place where two requests differ; None if they ask the same.

    The model's name, its address and the agent's own name do not count: a record may stand in for
    any model. Ids of calls hold numbers of the record, so they need only agree among themselves. The
    id of the recorded ``run`` is the same as that of another run with its title.
    """
    for what in ("purpose", "turn", "think"):
        if getattr(then, what) != getattr(now, what):
            return f"the {what}: then {getattr(then, what)!s}, now {getattr(now, what)!s}"
    if then.system != now.system:
        return f"the system prompt, {_texts(then.system, now.system)}"
    if (where := _in_turns(then.turns, now.turns, run)) is not None:
        return where
    if then.tools != now.tools:
        offered = [", ".join(tool.name for tool in one.tools) or "none" for one in (then, now)]
        return f"the tools: then {offered[0]}; now {offered[1]}"
    for what in _SETTINGS:
        if getattr(then, what) != getattr(now, what):
            return f"{what}: then {getattr(then, what)!r:.80}, now {getattr(now, what)!r:.80}"
    return None


def _in_turns(then: Sequence[ChatTurn], now: Sequence[ChatTurn], run: str) -> str | None:
    ids: dict[str, str] = {}
    for number, (old, new) in enumerate(zip_longest(then, now), 1):
        if old is None or new is None:
            last = f"message {number} is {_quoted((new if old is None else old).text)}"
            return f"the number of messages: then {len(then)}, now {len(now)}; {last}"
        if old == new and not old.calls:
            continue
        if old.role != new.role:
            return f"message {number}: then {old.role}, now {new.role}"
        heard = _as_then(new.text, run)
        if old.text != heard:
            return f"message {number} ({old.role}), {_texts(old.text, heard)}"
        calls = [[[call.tool, call.args] for call in turn.calls] for turn in (old, new)]
        if calls[0] != _as_then(calls[1], run):
            return f"message {number}, its calls: then {calls[0]!r:.80}, now {calls[1]!r:.80}"
        ids |= {a.id: b.id for a, b in zip(old.calls, new.calls, strict=True)}
        if ids.get(old.call_id, old.call_id) != new.call_id:
            return f"message {number}: it is the result of another call"
    return None


def _as_then(value: Any, run: str) -> Any:
    """What is heard now with the recorded run's id where its own is."""
    if not run:
        return value
    title = re.escape(run[len("YYYYMMDD-HHMMSS") : -len("abcd")])
    own = re.search(rf"\d{{8}}-\d{{6}}{title}[a-z2-7]{{4}}", str(value))
    return value if own is None else renamed(value, own[0], run)


def _named(request: Request) -> str:
    heard = next((turn.text for turn in reversed(request.turns) if turn.role == "user"), "")
    bid = ", a bid" if request.purpose == "bid" else ""
    return f"in turn {request.turn}, think {request.think}{bid}, after {_quoted(heard)}"


def _texts(then: str, now: str) -> str:
    pairs = enumerate(zip_longest(then, now))
    at = next(index for index, (old, new) in pairs if old != new)
    start = max(0, at - SHOWN // 4)
    return f"at character {at + 1}: then {_quoted(then[start:])}, now {_quoted(now[start:])}"


def _quoted(text: str) -> str:
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}…")
