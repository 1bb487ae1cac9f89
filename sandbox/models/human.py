"""Provider ``human``: a person answers for an agent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

import orjson

from sandbox.clock import Clock, SystemClock
from sandbox.errors import ModelUnavailable
from sandbox.models.chat_body import messages
from sandbox.models.conditions import since_last_answer
from sandbox.models.human_line import Unclear, help_text, read_bid, read_line
from sandbox.models.provider import Done, Mode, Part, Request, ToolCall, ToolSpec, Usage

__all__ = ["Ask", "Human", "Prompt"]

TURN_SECONDS: Final = 120.0
BID_SECONDS: Final = 20.0
"""What a scenario gives for a turn and for a bid where it says nothing."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a person is to answer. ``new`` is what the agent perceived since its last answer.

    ``system`` is what it was told in the beginning, given with its first prompt only. ``seconds`` are
    left until its turn ends without an answer. ``note`` says what was wrong with the last line, or
    what was asked for with ``/help``. None of the texts is safe for a terminal.
    """

    agent: str
    turn: int
    purpose: Literal["act", "bid"]
    new: tuple[str, ...]
    tools: tuple[ToolSpec, ...]
    seconds: float
    system: str = ""
    note: str = ""


Ask: TypeAlias = Callable[[Prompt], Awaitable[str]]
"""Shows a prompt and returns the line that was typed. Raises EOFError where the person has gone."""


class Human:
    """Asks one person for all agents of this provider, one at a time.

    Words are said, ``/ACTION`` is an action, an empty line passes, and a person who goes away leaves.

    Args:
        ask: how; None where nobody can be asked.
        turn_seconds: the deadline of a turn.
        bid_seconds: the deadline of a bid.
        clock: for the seconds that are left.
    """

    name = "human"

    def __init__(
        self,
        ask: Ask | None = None,
        turn_seconds: float = TURN_SECONDS,
        bid_seconds: float = BID_SECONDS,
        clock: Clock | None = None,
    ) -> None:
        self._ask = ask
        self._limits = {"act": turn_seconds, "bid": bid_seconds}
        self._clock = clock or SystemClock()
        self._one_at_a_time = asyncio.Lock()
        self._begun: dict[str, tuple[int, str, float]] = {}
        self._known: set[str] = set()
        self._calls = 0

    def family(self, model: str) -> str:  # noqa: ARG002 - the seam's arguments
        return self.name

    def mode(self, model: str, *, acts: bool) -> Mode:  # noqa: ARG002 - as above
        return "tools"

    def body(self, request: Request) -> bytes:
        """The whole history; nothing goes over a wire, and a person is shown only what is new."""
        return orjson.dumps(messages(request.system, request.turns))

    async def ready(self, model: str) -> None:
        self._asker(model)

    async def stream(self, request: Request) -> AsyncIterator[Part]:
        ask, began = self._asker(request.model), self._began(request)
        agent = request.agent
        note, answer = "", None
        async with self._one_at_a_time:
            while answer is None:
                left = self._limits[request.purpose] - (self._clock.monotonic() - began)
                prompt = _prompt(request, max(0.0, left), note)
                if agent in self._known:
                    prompt = replace(prompt, system="")
                try:
                    answer = self._read(await ask(prompt), request)
                except EOFError:
                    answer = self._gone(request)
                except Unclear as unclear:
                    note = str(unclear)
        self._known.add(agent)
        for part in answer:
            yield part
        yield Usage(0, 0)
        calls = any(isinstance(part, ToolCall) for part in answer)
        yield Done("tools" if calls else "end")

    async def close(self) -> None:
        return

    def _asker(self, model: str) -> Ask:
        if self._ask is None:
            raise ModelUnavailable(
                f"human/{model} needs a person at a terminal: standard input or output is none here. "
                "Start `backrooms run` in a terminal, without a pipe"
            )
        return self._ask

    def _began(self, request: Request) -> float:
        """When the turn of the request began, as far as it was seen from here."""
        turn, purpose, began = self._begun.get(request.agent, (0, "", 0.0))
        if (turn, purpose) != (request.turn, request.purpose):
            began = self._clock.monotonic()
            self._begun[request.agent] = (request.turn, request.purpose, began)
        return began

    def _read(self, line: str, request: Request) -> list[Part]:
        if line.strip() == "/help":
            raise Unclear(help_text(request.tools))
        if request.purpose == "bid":
            return read_bid(line)
        return read_line(line, request.tools, self._id())

    def _gone(self, request: Request) -> list[Part]:
        """The person is there no more: the agent leaves, or passes where it cannot."""
        if request.purpose == "bid":
            return read_bid("yes")  # to leave it needs a turn
        names = {tool.name for tool in request.tools}
        for name in ("leave", "pass"):
            if name in names:
                return [ToolCall(self._id(), name, {})]
        return []

    def _id(self) -> str:
        self._calls += 1
        return f"p{self._calls}"


def _prompt(request: Request, seconds: float, note: str) -> Prompt:
    new = [turn.text for turn in since_last_answer(request.turns)]
    first = not any(turn.role == "assistant" for turn in request.turns)
    return Prompt(
        agent=request.agent,
        turn=request.turn,
        purpose=request.purpose,
        new=tuple(line for text in new for line in text.splitlines()),
        tools=request.tools,
        seconds=seconds,
        system=request.system if first else "",
        note=note,
    )
