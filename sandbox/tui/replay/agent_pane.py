"""One agent at the position of a replay: where it stands, what it said and did last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from sandbox.console.actions import TOLD_BY_EFFECT
from sandbox.console.fields import clause, text, word
from sandbox.console.lines import shorten
from sandbox.console.styles import STYLES
from sandbox.engine.state import State
from sandbox.transcript.event import Event
from sandbox.transcript.kinds import SPEECH
from sandbox.transcript.replay_log import Log
from sandbox.tui.titles import literal

__all__ = ["AgentPane"]

_BACK: Final = 250
"""Events looked back for what an agent did last."""
_LONGEST: Final = 600
"""Characters shown of one text; the inspector shows all."""


class AgentPane(VerticalScroll, can_focus=True):
    """Facts of the state, then the agent's last words, thought, action and its result."""

    def __init__(self) -> None:
        super().__init__()
        self._content = Static(markup=False)
        self._shown: tuple[str, int] | None = None

    def compose(self) -> ComposeResult:
        yield self._content

    def show(self, agent: str, state: State | None, log: Log, position: int) -> None:
        """Show an agent after so many events; ``state`` is None while that is not known yet."""
        if self._shown == (agent, position) or not self.display:
            return
        self._shown = (agent, position) if state is not None else None
        at = f" at turn {state.turn:,}" if agent and state else ""
        self.border_title = literal(f"{agent or 'Agent'}{at}")
        parts: list[Text | tuple[str, str]] = []
        if state is None:
            parts.append(("reading …\n", "dim"))
        elif agent in state.agents:
            for label, value in _facts(agent, state):
                parts += [(f"{label:<8}", "dim"), Text(f"{value}\n")]
        for label, words, style in _last(agent, log, position):
            parts += [(f"\n{label}\n", "dim"), (f"{words}\n", style)]
        self._content.update(Text.assemble(*parts))


def _facts(agent: str, state: State) -> Iterator[tuple[str, str]]:
    one = state.agents[agent]
    status = "has the floor" if state.speaker == agent else one.status
    yield "state", f"{status}, muted" if one.muted else status
    if one.room:
        yield "room", clause(one.room)
    yield "thinks", f"{one.thinks:,}"
    yield "tokens", f"{one.tokens_in:,} in  {one.tokens_out:,} out"
    if one.money:
        yield "money", f"${one.money:.4f}"


def _last(agent: str, log: Log, position: int) -> Iterator[tuple[str, str, str]]:
    """What the agent did last of each sort, the newest first: label, words, style."""
    wanted = {"said", "did", "gave", "thought"}
    call = ""
    for index in range(position - 1, max(-1, position - _BACK), -1):
        event = log[index]
        if event.actor != agent:
            continue
        if event.kind == "action.intent" and "args" not in event.data:
            call = call or word(event.data, "call")  # what it is stands in its thought
        for label, words, style in _told(event, call):
            if label in wanted and words:
                wanted.discard(label)
                yield label, shorten(words, _LONGEST), STYLES[style]
        if not wanted:
            return


def _told(event: Event, call: str) -> Iterator[tuple[str, str, str]]:
    data = event.data
    if event.kind in SPEECH:
        to = f"to {word(data, 'to')}: " if data.get("to") else ""
        yield "said", to + text(data, "text"), "speech"
    elif event.kind == "action.intent" and "args" in data:
        yield "did", _act(data.get("tool"), data["args"]), "action"
    elif event.kind == "action.result":
        yield "gave", text(data, "output"), "output"
    elif event.kind == "think.done":
        yield "thought", text(data, "reasoning"), "thought"
        calls = data.get("calls")
        for each in calls if isinstance(calls, list) else ():
            if isinstance(each, Mapping) and each.get("id") == call:
                yield "did", _act(each.get("tool"), each.get("args")), "action"


def _act(tool: object, args: object) -> str:
    """A use of a tool; of one that becomes words nothing, for they are told."""
    if tool in TOLD_BY_EFFECT:
        return ""
    if tool == "shell" and isinstance(args, Mapping):
        lines = str(args.get("command")).strip().splitlines()
        return "\n".join(f"$ {clause(line)}" for line in lines)
    return f"{clause(tool)} {clause(args)}".rstrip()
