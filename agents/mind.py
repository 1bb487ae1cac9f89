"""Perceive, think, act: what an agent does with its turn, as a state machine without I/O.

One message of the mind is under way at any time. The house holds the history and decides what is
allowed; the mind decides what comes next::

    offer ─> thinking ─> asking ─> (acting ─> reporting) ─> asking ... ─> thinking ... ─> idle
    bid   ─> thinking ─> bidding ─> idle
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple, TypeAlias

from agents.bid import wants_floor
from agents.tools.outcome import Outcome
from agents.wire import (
    Ack,
    Bid,
    BidCall,
    Body,
    Call,
    Intent,
    JsonObject,
    Offer,
    Purpose,
    Result,
    Stop,
    ThinkRequest,
    Thought,
    TurnOver,
    Verdict,
    Welcome,
)

__all__ = ["Abandon", "Action", "End", "Mind", "Run", "Send"]


class Send(NamedTuple):
    """Send a message; ``re`` is the id of the message it answers."""

    body: Body
    re: str | None = None


class Run(NamedTuple):
    """Perform a tool in the box, then report to ``Mind.ran``."""

    turn: int
    call: str
    tool: str
    args: JsonObject


class Abandon(NamedTuple):
    """The turn is over: await no answer any more, and stop the tool that is at work."""


class End(NamedTuple):
    """The run is over: end the process."""

    reason: str


Action: TypeAlias = Send | Run | Abandon | End


class Mind:
    """One agent's mind: messages and results go in, actions come out."""

    def __init__(self) -> None:
        self._turn = 0  # the latest turn that we know of
        self._offered = 0  # the latest that was ours
        self._closed = 0  # the latest that is over for good
        self._upto = 0
        self._cause = ""  # id of the message that the next answer of ours is about
        self._awaited: type[Body] | None = None
        self._bidding = False
        self._calls: deque[Call] = deque()
        self._asked = Call("", "", {})
        self._running: Run | None = None

    @property
    def idle(self) -> bool:
        """Whether the mind waits for nothing but its next turn."""
        return self._awaited is None and self._running is None

    def receive(self, body: Body, id: str) -> list[Action]:
        """Take in one message of the house, each once; ``id`` is the message's own."""
        match body:
            case Thought():
                return self._thought(body)
            case Verdict():
                return self._verdict(body, id)
            case Ack():
                return self._ack(body)
            case Offer():
                return self._offer(body, id)
            case BidCall():
                return self._bid_call(body, id)
            case TurnOver():
                return self._turn_over(body, id)
            case Stop():
                return [*self._drop(), Send(Ack(), id), End(body.reason)]
            case Welcome():
                return []
            case _:
                return [Send(Ack(), id)]

    def ran(self, run: Run, outcome: Outcome) -> list[Action]:
        """Take in what a tool did; nothing comes of it if its turn is over."""
        if run is not self._running:
            return []
        self._running = None
        self._awaited = Ack
        return [Send(Result(run.turn, run.call, *outcome), self._cause)]

    def _offer(self, offer: Offer, id: str) -> list[Action]:
        if offer.turn < self._turn or offer.turn <= self._closed:
            return [Send(Ack(), id)]
        self._offered = offer.turn
        return self._begin(offer.turn, offer.upto, id, bidding=False)

    def _bid_call(self, call: BidCall, id: str) -> list[Action]:
        if call.turn < self._turn or call.turn <= max(self._offered, self._closed):
            return [Send(Ack(), id)]
        return self._begin(call.turn, call.upto, id, bidding=True)

    def _begin(self, turn: int, upto: int, id: str, *, bidding: bool) -> list[Action]:
        abandoned = self._drop()
        self._turn, self._upto, self._cause, self._bidding = turn, upto, id, bidding
        return [*abandoned, self._think("bid" if bidding else "act", id)]

    def _think(self, purpose: Purpose = "act", re: str | None = None) -> Send:
        self._awaited = Thought
        return Send(ThinkRequest(self._turn, self._upto, purpose), re)

    def _thought(self, thought: Thought) -> list[Action]:
        if self._awaited is not Thought or thought.turn != self._turn:
            return []
        self._awaited = None
        if thought.over:
            return self._close()
        if self._bidding:
            self._awaited = Ack
            want = thought.failed is None and wants_floor(thought.text)
            return [Send(Bid(self._turn, want), self._cause)]
        if thought.failed is not None:
            return []  # the house ends the turn
        self._calls.extend(_call(raw) for raw in thought.calls)
        if not self._calls and thought.malformed is None:
            self._calls.append(_spoken(thought.text))
        return self._next()

    def _next(self) -> list[Action]:
        if not self._calls:
            return [self._think()]
        self._asked = call = self._calls.popleft()
        self._awaited = Verdict
        return [Send(Intent(self._turn, call.id, call.tool, call.args))]

    def _verdict(self, verdict: Verdict, id: str) -> list[Action]:
        if self._awaited is not Verdict or verdict.turn != self._turn:
            return []
        self._awaited = None
        if verdict.over:
            return self._close()
        if not (verdict.allowed and verdict.run):
            return self._next()
        call = self._asked
        self._cause = id
        self._running = Run(self._turn, call.id, call.tool, call.args)
        return [self._running]

    def _ack(self, ack: Ack) -> list[Action]:
        if ack.over:
            return self._close()
        if self._awaited is not Ack:
            return []
        self._awaited = None
        return [] if self._bidding else self._next()

    def _turn_over(self, over: TurnOver, id: str) -> list[Action]:
        if over.turn < self._turn:
            return [Send(Ack(), id)]
        bid_only = self._bidding and over.turn == self._turn
        self._turn = over.turn
        if not bid_only:  # after a lost draw the same turn may still be offered to us
            self._closed = over.turn
        return [*self._drop(), Send(Ack(), id)]

    def _close(self) -> list[Action]:
        if not self._bidding:
            self._closed = self._turn
        return self._drop()

    def _drop(self) -> list[Action]:
        was_idle = self.idle
        self._awaited = self._running = None
        self._bidding = False
        self._calls.clear()
        return [] if was_idle else [Abandon()]


def _call(raw: JsonObject) -> Call:
    """One call as the house lists it; what is missing stays empty, and the house refuses it."""
    args = raw.get("args")
    return Call(
        str(raw.get("id", "")),
        str(raw.get("tool", "")),
        args if isinstance(args, dict) else {},
    )


def _spoken(text: str) -> Call:
    """What an answer without a call means: its words, said; without words, nothing to say."""
    if text.strip():
        return Call("text", "say", {"text": text})
    return Call("text", "pass", {})
