"""An agent's context: what its model is sent, built from recorded events alone, a little at a time.

``feed`` takes the events that concern the agent, in order. Nothing is rendered twice and nothing
is sent twice to the digest: the cost of a turn does not grow with the history.
"""

from __future__ import annotations

import hashlib
from typing import Final, TypedDict

import orjson

from agents.render import VERSION, outcome, render
from sandbox.engine.cast import CastMember
from sandbox.models.provider import ChatTurn, Request, ToolCall
from sandbox.transcript.event import Event

__all__ = ["Context", "Saw", "Trimmed"]

SILENCE: Final = "(Nobody has spoken. It is your turn.)"
BID_CUE: Final = "(Would you like to speak next? Answer yes or no.)"
NO_RESULT: Final = "(The turn ended here.)"
LATE_TURN: Final = "(Your last turn ended before you answered.)"

_ACTIONS: Final = frozenset({"action.result", "action.refused"})
_EFFECTS: Final = frozenset(
    {"say", "whisper", "message.held", "turn.chosen"}
    | {"room.opened", "room.invited", "room.joined", "room.left"}
)


class Saw(TypedDict):
    """What a model was sent, in short: renderer version, number of turns, chained digest."""

    renderer: int
    turns: int
    digest: str


class Trimmed(TypedDict):
    """What was left out of a context: by which policy, the first turn still sent, how many went."""

    policy: str
    start: int
    dropped: int
    bytes: int


class Context:
    """The turns of one agent. ``turns`` is append-only and shared with requests."""

    def __init__(self, member: CastMember) -> None:
        self.member = member
        self.turns: list[ChatTurn] = []
        self._heard: list[str] = []
        self._fresh: list[Event] = []
        self._calls: dict[str, str | None] = {}  # call id -> result, of the last answer
        self._intents: dict[int, str] = {}  # seq of an intent -> call id
        self._start = 0  # the first turn that is still sent
        self._begin(member)

    def _begin(self, member: CastMember) -> None:
        """Digest and measure from the first turn on."""
        tools = [[t.name, t.about, t.schema] for t in member.tools]
        head = orjson.dumps([VERSION, member.model, member.system, member.mode, tools])
        self._digest = hashlib.sha256(head).digest()
        self._digested = 0
        self._head_bytes = len(head)
        self._bytes = 0  # of the turns that are sent
        self._measured = self._start
        self._too_long = False

    @property
    def sent_bytes(self) -> int:
        """Bytes of text that a request holds now, about."""
        self._measure()
        return self._head_bytes + self._bytes

    def overflowed(self) -> bool:
        """The maker says that the context is too long; whether less could be sent."""
        self._too_long = len(self.turns) - self._start > 2
        return self._too_long

    def trim(self) -> Trimmed | None:
        """Decide what to leave out, the oldest first; it is left out once the event was fed.

        Policy ``half``: when a request would not fit, the oldest turns go until half of the room is
        free, so that the beginning of what is sent, which makers cache, changes seldom.
        """
        room = self.member.context_bytes
        self._measure()
        if not self._too_long and (room is None or self.sent_bytes <= room):
            return None
        goal = (self._bytes if self._too_long or room is None else room - self._head_bytes) // 2
        self._too_long = False
        start, left = self._start, self._bytes
        while start < len(self.turns) - 1 and (left > goal or self.turns[start].role != "user"):
            left -= _size(self.turns[start])
            start += 1
        if start == self._start:
            return None
        return Trimmed(policy="half", start=start, dropped=start - self._start, bytes=left)

    def _measure(self) -> None:
        self._bytes += sum(_size(turn) for turn in self.turns[self._measured :])
        self._measured = len(self.turns)

    def recast(self, member: CastMember) -> None:
        """Go on as another member of the same name: what was heard stays, told in its way of acting.

        Another model is sent what was left out for the one before, as far as it has room.
        """
        if member == self.member:
            return
        self._finish_calls()
        before, self.member = self.member, member
        if member.mode != "tools":
            self.turns = [_in_words(turn) for turn in self.turns]
        if (member.model, member.context_bytes) != (before.model, before.context_bytes):
            self._start = 0
        self._begin(member)

    def feed(self, event: Event) -> None:
        """Take in one event that the agent can perceive or that is its own."""
        if event.actor != self.member.agent:
            self._fresh.append(event)  # rendered when it is asked for: many agents hear every word
            return
        kind = event.kind
        if kind == "think.request":
            self._hear()
            if event.data["purpose"] == "act":
                self._seal(event.data.get("extra") or "")
            else:
                self._fold()
        elif kind == "think.done":
            if event.data["purpose"] == "act":
                self._answer(event)
        elif kind == "context.trimmed":
            self._measure()
            start = event.data["start"]
            self._bytes -= sum(_size(turn) for turn in self.turns[self._start : start])
            self._start = start
        elif kind == "action.intent":
            self._intents[event.seq] = event.data["call"]
        elif kind in _ACTIONS or (kind in _EFFECTS and event.parent in self._intents):
            self._settle(event)
        else:
            self._fresh.append(event)

    def request(self, turn: int, think: int, purpose: str) -> tuple[Request, Saw]:
        """What is to be sent now, and its digest. Call it right after its ``think.request`` was fed."""
        member = self.member
        turns = self.turns[self._start :] if self._start else self.turns
        if purpose == "bid":
            turns = [*turns, ChatTurn("user", BID_CUE)]
        request = Request(
            model=member.model_name,
            agent=member.agent,
            turn=turn,
            think=think,
            system=member.system,
            turns=turns,
            tools=member.tools if purpose == "act" else (),
            mode=member.mode if purpose == "act" else "talk",
            purpose="bid" if purpose == "bid" else "act",
            max_tokens=member.max_tokens if purpose == "act" else 8,
            temperature=member.temperature,
            seed=(member.seed + turn * 64 + think) & 0x7FFF_FFFF,
            names=member.names,
            options=member.options,
        )
        digest = self._chain()
        if purpose == "bid":
            digest = hashlib.sha256(digest + _canonical(turns[-1])).digest()
        if self._start:
            digest = hashlib.sha256(digest + b"%d" % self._start).digest()
        return request, Saw(renderer=VERSION, turns=len(turns), digest=digest.hex())

    def _hear(self) -> None:
        agent, home = self.member.agent, self.member.home
        for event in self._fresh:
            line = render(event.kind, event.actor, event.room, event.data, agent, home)
            if line is not None:
                self._heard.append(line)
        self._fresh.clear()

    def _fold(self) -> None:
        """Make a turn of what was heard: an agent that is only asked for bids hears a lot."""
        self._finish_calls()
        if self._heard:
            self.turns.append(ChatTurn("user", "\n".join(self._heard)))
            self._heard.clear()

    def _seal(self, extra: str) -> None:
        self._finish_calls()
        if extra:
            self._heard.append(f"(note to yourself: {extra})")
        last = self.turns[-1].role if self.turns else None
        if not self._heard and last in (None, "assistant"):
            self._heard.append(SILENCE)
        if self._heard:
            self.turns.append(ChatTurn("user", "\n".join(self._heard)))
            self._heard.clear()
        elif self.turns and self.turns[-1].role == "assistant":
            self.turns.append(ChatTurn("user", SILENCE))

    def _answer(self, event: Event) -> None:
        data = event.data
        self._intents.clear()
        if self.turns and self.turns[-1].role == "assistant":
            self.turns.append(ChatTurn("user", LATE_TURN))
        native = self.member.mode == "tools"
        calls = tuple(ToolCall(c["id"], c["tool"], c["args"]) for c in data["calls"])
        self.turns.append(ChatTurn("assistant", data["text"], calls if native else ()))
        self._calls = {call.id: None for call in calls}
        if data.get("malformed"):
            self._heard.append(f"(That was no action: {data['malformed']})")

    def _settle(self, event: Event) -> None:
        call = event.data.get("call") if event.kind in _ACTIONS else None
        call = call or self._intents.get(event.parent or 0)
        if call not in self._calls:
            if event.kind == "action.refused":
                self._heard.append(f"({outcome(event.kind, event.data)})")
            return
        self._calls[call] = outcome(event.kind, event.data)

    def _finish_calls(self) -> None:
        """Give every call of the last answer its result: makers refuse a history where one is missing."""
        native = self.member.mode == "tools"
        for call, result in self._calls.items():
            if native:
                self.turns.append(ChatTurn("tool", result or NO_RESULT, call_id=call))
            elif result is not None:
                self._heard.insert(0, f"(result: {result})")
        self._calls = {}

    def _chain(self) -> bytes:
        for turn in self.turns[self._digested :]:
            self._digest = hashlib.sha256(self._digest + _canonical(turn)).digest()
        self._digested = len(self.turns)
        return self._digest


def _in_words(turn: ChatTurn) -> ChatTurn:
    """A turn for a model without tool calls of its own."""
    if turn.role == "tool":
        return ChatTurn("user", f"(result: {turn.text})")
    return ChatTurn(turn.role, turn.text) if turn.calls else turn


def _size(turn: ChatTurn) -> int:
    size = len(turn.text.encode("utf-8", "replace"))
    return size + sum(len(str(call.args)) for call in turn.calls)


def _canonical(turn: ChatTurn) -> bytes:
    calls = [[c.id, c.tool, c.args] for c in turn.calls]
    return orjson.dumps(
        [turn.role, turn.text, calls, turn.call_id], option=orjson.OPT_SORT_KEYS, default=str
    )
