"""What every agent does right now, in a word; moved on by events, or set to any state of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from sandbox.console.fields import number, word
from sandbox.console.styles import agent_style
from sandbox.engine.state import State
from sandbox.transcript.event import Event

__all__ = ["Doing", "Doings"]

_DOES: Final = {
    "say": "speaking",
    "whisper": "whispers",
    "shell": "in shell",
    "read_file": "reads a file",
    "write_file": "writes a file",
}
_DETAIL: Final = 60


@dataclass(frozen=True, slots=True)
class Doing:
    """One agent: its name and colour, a word for what it does, and one more line where there is one."""

    agent: str
    colour: str
    """The name of a style."""
    word: str = "starting"
    style: str = "note"
    detail: str = ""
    gone: bool = False
    muted: bool = False
    frozen: bool = False
    """Nothing in its box runs on; it stays so whatever is told of its turn, which is ended then."""

    @property
    def sign(self) -> str:
        """The word in one cell."""
        if self.muted and not self.gone:
            return "m"
        return _SIGNS.get(self.word, "" if self.style == "note" else "*")


_SIGNS: Final = {"CRASHED": "x", "left": "-", "FROZEN": "f", "your turn": "?"}


class Doings:
    """The agents of one run, in the order of the scenario."""

    def __init__(self) -> None:
        self.version = 0
        """Grows with every change."""
        self._doings: dict[str, Doing] = {}

    @property
    def all(self) -> Sequence[Doing]:
        """Every agent."""
        return list(self._doings.values())

    def get(self, agent: str) -> Doing | None:
        """One of them."""
        return self._doings.get(agent)

    def take(self, event: Event) -> None:
        """Move on by one event."""
        data = event.data
        if event.kind in {"run.started", "run.resumed"}:
            self._cast(event)
        elif event.kind in {"turn.ended", "turn.lost"}:
            self._set(data.get("agent"), "listening")
        elif event.kind in {"operator.mute", "operator.unmute"}:
            self._mark(data.get("agent"), muted=event.kind == "operator.mute")
        elif event.kind == "box.frozen":
            self._set(event.actor, *_FROZEN, word(data, "why"))
            self._mark(event.actor, frozen=True)
        elif event.kind == "box.thawed":
            self._mark(event.actor, frozen=False)
            self._set(event.actor, "listening")
        elif event.kind == "run.ended":
            for doing in self.all:
                if not doing.gone:
                    self._set(doing.agent, "idle")
        elif (say := _SAID.get(event.kind)) is not None:
            gone = event.kind in {"agent.died", "agent.left"}
            self._set(event.actor, *say(data), gone=gone)

    def hear(self, agent: str) -> None:
        """Words of this agent's answer are coming."""
        doing = self._doings.get(agent)
        if doing is not None and not doing.gone and doing.word != "speaking":
            self._set(agent, "speaking", "good")

    def seat(self, agent: str) -> None:
        """A person is asked for this agent's answer."""
        self._set(agent, "your turn", "warning")

    def show(self, state: State, crashed: Sequence[str] = ()) -> None:
        """Set everybody to where a run stood.

        Args:
            state: at that moment.
            crashed: those who have not left of their own accord.
        """
        for agent, one in state.agents.items():
            self._announce(agent)
            self._mark(agent, frozen=False)
            if one.status == "gone":
                died = agent in crashed
                self._set(
                    agent, "CRASHED" if died else "left", "failed" if died else "note", gone=True
                )
            elif one.frozen:
                self._set(agent, *_FROZEN)
            elif state.speaker == agent:
                self._set(agent, "has the floor", "good")
            elif one.status == "expected":
                self._set(agent, "starting")
            else:
                self._set(agent, "listening" if state.ended is None else "idle")
            self._mark(agent, muted=one.muted, frozen=one.frozen)

    def _cast(self, event: Event) -> None:
        agents = event.data.get("agents")
        for agent in agents if isinstance(agents, dict) else ():
            self._announce(agent)
            if not self._doings[agent].gone:
                self._set(agent, "starting")

    def _announce(self, agent: str) -> None:
        if agent not in self._doings:
            self._doings[agent] = Doing(agent, agent_style(len(self._doings)))
            self.version += 1

    def _set(
        self, agent: object, word: str, style: str = "note", detail: str = "", *, gone: bool = False
    ) -> None:
        before = self._doings.get(agent) if isinstance(agent, str) else None
        if before is None or (before.frozen and not gone):
            return
        now = replace(before, word=word, style=style, detail=detail[:_DETAIL], gone=gone)
        if now != before:
            self._doings[before.agent] = now
            self.version += 1

    def _mark(
        self, agent: object, *, muted: bool | None = None, frozen: bool | None = None
    ) -> None:
        before = self._doings.get(agent) if isinstance(agent, str) else None
        if before is None:
            return
        now = replace(
            before,
            muted=before.muted if muted is None else muted,
            frozen=before.frozen if frozen is None else frozen,
        )
        if now != before:
            self._doings[before.agent] = now
            self.version += 1


Data: TypeAlias = Mapping[str, Any]
Said: TypeAlias = tuple[str, str, str]
"""The word, its style, and a detail."""


def _died(data: Data) -> Said:
    code = f"exit {word(data, 'code')}: " if data.get("code") is not None else ""
    return "CRASHED", "failed", code + word(data, "reason")


def _thinks(data: Data) -> Said:
    return "bidding" if data.get("purpose") == "bid" else "thinking", "action", ""


def _thought(data: Data) -> Said:
    return ("listening", "note", "") if data.get("purpose") == "bid" else _FLOOR


def _acts(data: Data) -> Said:
    tool = word(data, "tool")
    return _DOES.get(tool, f"uses {tool}"), "action", ""


def _again(data: Data) -> Said:
    return "asks again", "warning", f"in {number(data, 'wait'):.0f} s: {word(data, 'error')}"


_FROZEN: Final = ("FROZEN", "warning")
_FLOOR: Final = ("has the floor", "good", "")
_SAID: Final[Mapping[str, Callable[[Data], Said]]] = {
    "agent.joined": lambda data: ("listening", "note", ""),
    "agent.died": _died,
    "agent.left": lambda data: ("left", "note", word(data, "reason")),
    "turn.offered": lambda data: _FLOOR,
    "think.request": _thinks,
    "think.retried": _again,
    "think.failed": lambda data: ("model failed", "failed", word(data, "error")),
    "think.done": _thought,
    "action.intent": _acts,
    "action.result": lambda data: _FLOOR,
    "action.refused": lambda data: _FLOOR,
}
"""What an agent's own event says of it."""
