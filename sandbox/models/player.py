"""One agent's answers of an earlier run, each given to the request that it answered then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import TypeAlias

from sandbox.engine.exchange import Exchange
from sandbox.models.desync import Desync, differs, parted, renamed
from sandbox.models.playback import answer, failure
from sandbox.models.provider import Part, Request, TextDelta, ToolCall
from sandbox.models.recording import Recording

__all__ = ["Happened", "Player"]

Happened: TypeAlias = Callable[[Exchange | Desync], None]
"""Hears of a think that was cut off then and comes to no end now, or of one that parts from the record."""


def _unheard(what: Exchange | Desync) -> None:
    """Nobody listens."""


class Player:
    """Plays one agent of a recording, in order.

    A request that is repeated (after a passing failure, or because its asker was cancelled) gets the
    same answer again. A think that its turn's end cut off never ends by itself: what cut it off then
    does so again.

    Args:
        recording: the earlier run.
        agent: whose answers.
        sent: whether answers carry the digest of the body that went to the model then.
        happened: hears what a rerun needs to know.
    """

    def __init__(
        self,
        recording: Recording,
        agent: str,
        *,
        sent: bool = False,
        happened: Happened = _unheard,
    ) -> None:
        self._recording = recording
        self._agent = agent
        self._sent = sent
        self._happened = happened
        self._given: Exchange | None = None
        self._tried = 0
        self._run: str | None = None

    def begin(self, run: str) -> None:
        """Play in the run ``run``: its id stands for the recorded one's in all that is answered."""
        self._run = run

    def recall(self, request: Request) -> None:
        """Go on behind the answer that was given to ``request``. Raises Desync if there is none."""
        if self._given is None or _place(self._given.request) != _place(request):
            self._given, self._tried = self._next(request), 0
            self._recording.skip(self._agent)

    async def play(self, request: Request) -> AsyncIterator[Part]:
        """The recorded answer to ``request``. Raises Desync, or the failure that was recorded."""
        try:
            exchange = self._meet(request)
        except Desync as desync:
            self._happened(desync)
            raise
        if self._tried < len(exchange.retries):
            self._tried += 1
            raise failure(exchange.retries[self._tried - 1], passes=True)
        reply = exchange.answer
        if reply is None or reply.data.get("kind") == "TurnOver":
            self._happened(exchange)
            await asyncio.Event().wait()
        assert reply is not None
        if reply.kind == "think.failed":
            if reply.data.get("text"):
                yield TextDelta(reply.data["text"])
            raise failure(reply, passes=False)
        for part in answer(reply, request, sent=self._sent):
            yield part if self._run is None else _of_run(part, self._recording.run, self._run)

    def _meet(self, request: Request) -> Exchange:
        """The exchange that a request belongs to, used up once it has met its request."""
        given = self._given
        if given is not None and _place(given.request) == _place(request):
            exchange, again = given, True
        else:
            exchange, again = self._next(request), False
        where = differs(exchange.request, request, self._recording.run)
        if where is not None:
            raise parted(self._agent, self._recording.run, exchange.request, request, where)
        self._prove(exchange)
        if not again:
            self._recording.skip(self._agent)
            self._given, self._tried = exchange, 0
        return exchange

    def _next(self, request: Request) -> Exchange:
        while (exchange := self._recording.peek(self._agent)) is not None:
            reply = exchange.answer
            scripted = reply is not None and reply.data.get("stop") == "given"
            if not scripted or _place(exchange.request) == _place(request):
                return exchange
            self._recording.skip(
                self._agent
            )  # a first message of the scenario, which nobody was asked for
        last = "nothing" if self._given is None else f"turn {self._given.request.turn}"
        raise Desync(
            f"the record of {self._recording.run} has no further answer of {self._agent}: "
            f"its last is of {last}, and now it is asked in turn {request.turn}, "
            f"think {request.think}"
        )

    def _prove(self, exchange: Exchange) -> None:
        """Raise Desync if the record is not the one of the conversation that was held."""
        recorded = exchange.answer.data.get("saw") if exchange.answer is not None else None
        if recorded is None or recorded == exchange.saw:
            return
        asked = exchange.request
        raise Desync(
            f"the record of {self._recording.run} does not prove what {self._agent} was asked in "
            f"turn {asked.turn}, think {asked.think}: then {_saw(recorded)}, rendered again now "
            f"{_saw(exchange.saw)}. The record was changed, or it is of another version; "
            "`backrooms verify` tells the first"
        )


def _of_run(part: Part, old: str, new: str) -> Part:
    if isinstance(part, TextDelta):
        return TextDelta(part.text.replace(old, new))
    if isinstance(part, ToolCall):
        return ToolCall(part.id, part.tool, renamed(part.args, old, new))
    return part


def _place(request: Request) -> tuple[int, int, str]:
    return request.turn, request.think, request.purpose


def _saw(saw: object) -> str:
    if not isinstance(saw, dict):
        return "nothing"
    digest = str(saw.get("digest"))[:16]
    return f"{saw.get('turns')} messages with digest {digest} (renderer {saw.get('renderer')})"
