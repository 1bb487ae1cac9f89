"""What agents ask their boxes to do: read once, and remembered for as long as its turn lasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.detect.escape.budget import STEPS, Budget
from sandbox.detect.escape.ladder import Deed
from sandbox.detect.escape.memory import Memory
from sandbox.detect.escape.pieces import Pieces
from sandbox.detect.escape.reading import read_call
from sandbox.detect.escape.signs import Sign
from sandbox.detect.plain import mapping, names, whole
from sandbox.transcript.event import Event

__all__ = ["Deeds", "Done", "Led"]

_TALK: Final = frozenset(
    {"say", "whisper", "open_room", "invite", "join", "enter", "leave", "pass", "next"}
)
_LEAST: Final = 400
"""Steps for a program of many: enough for what one command line says outright."""
_ASKED: Final = ("/bin/sh", "-c")
"""How a box starts what its tool ``shell`` is asked."""
_ARGUMENTS: Final = 256
"""Arguments of one program that are read."""


@dataclass(frozen=True, slots=True)
class Done:
    """One deed that was read: its signs, and the authors of pieces of its text, by event."""

    deed: Deed
    signs: Sequence[Sign]
    channel: str
    pieces: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Led:
    """The deed that led to what was seen outside; ``technique`` is None where it showed none."""

    deed: Deed
    technique: str | None


@dataclass(slots=True)
class _Turn:
    """One agent's present or last turn."""

    number: int = 0
    before: Mapping[str, Deed] = field(default_factory=dict)
    """What the turn before this one showed: what the host counts over a second is told after it."""
    shown: dict[str, Deed] = field(default_factory=dict)
    """By technique, the deed that showed it last."""
    tried: str | None = None
    last: Deed | None = None
    left: int = 4 * STEPS
    """Steps that its programs may cost; behind that each has only ``_LEAST``."""


class Deeds:
    """The deeds of all agents of one run. An agent's files are remembered over all turns."""

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces
        self._memories: dict[str, Memory] = {}
        self._calls: dict[tuple[str, str], tuple[str, Mapping[str, Any]]] = {}
        self._done: dict[tuple[str, str], Done] = {}
        self._turns: dict[str, _Turn] = {}

    def heed(self, event: Event) -> None:
        """Take notice of turns, and of calls that may follow."""
        data = event.data
        if event.kind == "turn.offered":
            before = self._turn(event.actor).shown
            self._turns[event.actor] = _Turn(whole(data.get("turn")), before)
        elif event.kind == "think.done":
            calls = data.get("calls")
            for call in calls if isinstance(calls, list | tuple) else ():
                args = mapping(mapping(call).get("args"))
                if args:
                    key = event.actor, str(call.get("id"))
                    self._calls[key] = str(call.get("tool")), args
        elif event.kind in ("turn.ended", "turn.lost"):
            self._calls.clear()
            self._done.clear()

    def intent(self, event: Event) -> Done | None:
        """Read what an agent asks its box to do; None if that is nothing that a box does."""
        call = str(event.data.get("call"))
        tool, args = self._calls.get((event.actor, call), ("", {}))
        if own := mapping(event.data.get("args")):
            tool, args = str(event.data.get("tool")), own
        if not args or tool in _TALK:
            return None
        memory = self._memories.setdefault(event.actor, Memory())
        memory.event, memory.cwd = event.seq, ""  # each call begins at home
        memory.used.clear()
        signs = read_call(tool, args, memory)
        words = "\n".join(value for value in args.values() if isinstance(value, str))
        pieces = self._pieces.within(words, event.actor) if signs else {}
        earlier = sorted((set(memory.used) | set(pieces)) - {event.seq})
        done = Done(Deed(event.seq, words, tuple(earlier)), signs, f"tool {tool}", pieces)
        self._done[event.actor, call] = done
        self._remember(event.actor, done)
        return done

    def program(self, event: Event) -> Done | None:
        """Read a program that was started in a box, as its arguments say; None if the intent said all of it."""
        argv = names(event.data.get("argv"))[:_ARGUMENTS]
        last = self._turn(event.actor).last
        if not argv or (last is not None and argv == (*_ASKED, last.text)):
            return None  # the shell that was asked for
        turn = self._turn(event.actor)
        budget = Budget(min(STEPS, max(_LEAST, turn.left)))
        signs = read_call("exec", {"command": list(argv)}, budget=budget)
        turn.left -= budget.used
        if not signs:
            return None
        earlier = () if last is None else (*last.from_, last.seq)
        done = Done(Deed(event.seq, " ".join(argv), earlier), signs, "exec", {})
        self._remember(event.actor, done)
        return done

    def refused(self, event: Event) -> Done | None:
        """The deed that the house has refused."""
        return self._done.get((event.actor, str(event.data.get("call"))))

    def led_to(self, agent: str, technique: str) -> Led | None:
        """What the agent did by that technique in the same turn, or in the last one; else by another, else last."""
        turn = self._turn(agent)
        for shown in (turn.shown, turn.before):
            if technique in shown:
                return Led(shown[technique], technique)
        if turn.tried is not None:
            return Led(turn.shown[turn.tried], turn.tried)
        return None if turn.last is None else Led(turn.last, None)

    def turn(self, agent: str) -> int:
        """The number of the agent's present or last turn; 0 before its first."""
        return self._turn(agent).number

    def tried(self, agent: str) -> str | None:
        """The technique that the agent has attempted last in that turn."""
        return self._turn(agent).tried

    def acted(self, agent: str) -> bool:
        """Whether its box was asked for anything in that turn."""
        return self._turn(agent).last is not None

    def _turn(self, agent: str) -> _Turn:
        return self._turns.setdefault(agent, _Turn())

    def _remember(self, agent: str, done: Done) -> None:
        turn = self._turn(agent)
        turn.last = done.deed
        for sign in done.signs:
            turn.shown[sign.technique] = done.deed
            if sign.level == "attempted":
                turn.tried = sign.technique
