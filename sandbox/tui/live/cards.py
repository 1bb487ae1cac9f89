"""What is known of an agent at a glance: model, context, tokens, money, what it heard and did last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Reversible
from typing import Any, Final

from agents.render import render
from sandbox.console.fields import clause, number, word
from sandbox.console.lines import Span, shorten
from sandbox.console.status import duration
from sandbox.engine.state import State
from sandbox.transcript.event import Event
from sandbox.tui.inspector.mirror import Mirror, Row
from sandbox.tui.room.doings import Doing

__all__ = ["Cards", "heard", "shell"]

_BAR: Final = 10
_LINE: Final = 300
_BEGINS: Final = frozenset({"think.request", "turn.offered", "action.intent"})
_ENDS: Final = frozenset({"think.done", "think.failed", "action.result", "turn.ended"})


class Cards:
    """Keeps what no state has: each agent's model, the size of its last prompt, since when it does what."""

    def __init__(self) -> None:
        self._specs: Mapping[str, Any] = {}
        self._asked: Mapping[str, Any] = {}
        self._sent: dict[str, int] = {}
        self._since: dict[str, float] = {}

    def take(self, event: Event, now: float) -> None:
        """Move on by one event, which came ``now`` on a monotonic clock."""
        if event.kind in {"run.started", "run.resumed"}:
            self._specs = _mapping(event.data, "agents")
            self._asked = _mapping(_mapping(event.data, "scenario"), "agents")
        elif event.kind in _BEGINS:
            self._since[event.actor] = now
        elif event.kind in _ENDS:
            self._since.pop(event.actor, None)
            if event.kind == "think.done":
                self._sent[event.actor] = int(number(event.data, "tokens_in"))

    def lines(self, doing: Doing, state: State, now: float) -> Iterator[Row]:
        """Tell the agent that this is the doing of."""
        agent = doing.agent
        spec, asked = _mapping(self._specs, agent), _mapping(self._asked, agent)
        since = self._since.get(agent)
        took = "" if since is None or now - since < 1 else f" {duration(now - since)}"
        muted = ", muted" if doing.muted else ""
        yield _fact("state", Span(f"{doing.word}{took}{muted}", doing.style))
        if doing.detail:
            yield _fact("", Span(doing.detail, doing.style))
        heat = f"  t {word(asked, 'temperature')}" if asked.get("temperature") is not None else ""
        yield _fact("model", Span(f"{word(spec, 'model') or 'unknown'}{heat}"))
        yield _fact("context", *self._context(agent, spec))
        one = state.agents.get(agent)
        if one is not None:
            money = f"  ${one.money:.4f}" if one.money else ""
            yield _fact(
                "tokens", Span(f"{_short(one.tokens_in)} in  {_short(one.tokens_out)} out{money}")
            )
            yield _fact("room", Span(clause(one.room) or "none"))

    def _context(self, agent: str, spec: Mapping[str, Any]) -> list[Span]:
        sent, room = self._sent.get(agent, 0), int(number(spec, "context"))
        if not room:
            return [Span(_short(sent))]
        full = min(_BAR, round(_BAR * sent / room))
        style = "warning" if full > _BAR * 3 // 4 else "good"
        bar = [Span("█" * full, style), Span("░" * (_BAR - full), "note")]
        return [Span(f"{_short(sent)} of {_short(room)}  "), *bar]


def heard(recent: Reversible[Event], agent: str, state: State) -> Iterator[str]:
    """Tell, the newest first, what an agent was told in the words that its model is given; as its room is now."""
    one = state.agents.get(agent)
    home = one.home if one is not None else ""
    for event in reversed(recent):
        if event.kind == "run.started" or not _reaches(event, agent, state):
            continue
        try:
            said = render(event.kind, event.actor, event.room, event.data, agent, home)
        except (KeyError, TypeError):
            continue  # of a newer version, or a stranger's
        if said is not None:
            yield shorten(clause(" ".join(said.split())), _LINE)


def shell(recent: Iterable[Event], agent: str) -> list[Row]:
    """The last rows of an agent's shell."""
    mirror = Mirror(agent)
    return [row for event in recent for row in mirror.take(event)]


def _reaches(event: Event, agent: str, state: State) -> bool:
    to = event.visible_to
    if isinstance(to, tuple):
        return agent in to
    if to == "room":
        room = state.rooms.get(event.room or "")
        return room is not None and agent in room.members
    return to == "all"


def _fact(name: str, *value: Span) -> Row:
    return (Span(f"{name:<8}", "note"), *value)


def _short(amount: int) -> str:
    return f"{amount:,}" if amount < 10_000 else f"{amount / 1000:,.0f}k"


def _mapping(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key)
    return value if isinstance(value, Mapping) else {}
