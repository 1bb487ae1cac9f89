"""The gateway: every agent's context and provider, and the one place where models are asked."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, assert_never, cast

import orjson

from sandbox.clock import Clock, SystemClock
from sandbox.engine.cast import CastMember
from sandbox.errors import CutShort, ModelError
from sandbox.models.actions import parse_action
from sandbox.models.context import Context, Saw, Trimmed
from sandbox.models.prices import cost
from sandbox.models.provider import (
    Done,
    Part,
    Provider,
    Reasoning,
    Request,
    TextDelta,
    ToolCall,
    Usage,
)
from sandbox.models.retry import RetryPolicy

__all__ = ["LONGEST_ANSWER", "Gateway", "Outcome", "Retrying", "gather"]

AT_ONCE: Final = 8
"""Calls per provider: enough for a room of bidders, few enough for an ordinary account's limits."""
MOST_CALLS: Final = 16
"""Actions of one answer; eight have been seen."""
DEEPEST: Final = 32
"""Levels of a call's arguments; no tool's schema has more than three."""
TOOL_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
LONGEST_ANSWER: Final = 60_000
"""Characters of one answer, or of one call's arguments, that still travel as one message on the bus."""


def _unheard(what: object) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one think: an answer, or why there is none (``error``)."""

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    stop: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    money: float | None = None
    sent_sha256: str = ""
    sent_bytes: int = 0
    malformed: str | None = None
    error: str | None = None
    error_kind: str = ""
    reasoning: str = ""
    cache_read: int = 0
    cache_write: int = 0


@dataclass(frozen=True, slots=True)
class Retrying:
    """A think has failed in passing and is tried again in ``wait`` seconds."""

    attempt: int
    error: str
    error_kind: str
    wait: float


class Gateway:
    """Builds what each model is sent from recorded events, and asks it.

    Args:
        cast: who takes part.
        providers: by the first part of a model's name.
        clock: for the waits between attempts.
        jitter: draws in [0, 1); not part of the run's seed, since it changes nothing that is recorded
            but times.
        at_once: calls under way per provider at most.
    """

    def __init__(
        self,
        cast: Mapping[str, CastMember],
        providers: Mapping[str, Provider],
        *,
        clock: Clock | None = None,
        jitter: Callable[[], float] = random.random,
        at_once: int = AT_ONCE,
    ) -> None:
        self._providers = providers
        self._clock = clock or SystemClock()
        self._jitter = jitter
        self._policy = RetryPolicy()
        self._lanes = {name: asyncio.Semaphore(at_once) for name in providers}
        self.contexts = {agent: Context(member) for agent, member in cast.items()}

    def request(self, agent: str, turn: int, think: int, purpose: str) -> tuple[Request, Saw]:
        """What the agent's model is to be sent now."""
        return self.contexts[agent].request(turn, think, purpose)

    def trim(self, agent: str) -> Trimmed | None:
        """What must be left out of the agent's next request; it is once ``context.trimmed`` was fed."""
        return self.contexts[agent].trim()

    def overflowed(self, agent: str) -> bool:
        """The maker found the agent's context too long; whether a shorter one can be tried."""
        return self.contexts[agent].overflowed()

    async def ask(
        self,
        request: Request,
        *,
        words: Callable[[str | None], None] = _unheard,
        retrying: Callable[[Retrying], None] = _unheard,
    ) -> Outcome:
        """Ask the agent's model, again where a failure may pass. A failure in the end is an outcome too.

        Args:
            request: what is sent.
            words: hears the answer as it comes; None where it begins anew.
            retrying: hears of each failed attempt that is followed by another.
        """
        model = self.contexts[request.agent].member.model
        return await self.ask_model(model, request, words=words, retrying=retrying)

    async def ask_model(
        self,
        model: str,
        request: Request,
        *,
        words: Callable[[str | None], None] = _unheard,
        retrying: Callable[[Retrying], None] = _unheard,
    ) -> Outcome:
        """Ask ``provider/model``, whoever it is that asks; all else as ``ask``."""
        name = model.partition("/")[0]
        provider, lane = self._providers[name], self._lanes[name]
        attempt = 0
        while True:
            attempt += 1
            answer = Gathering(request)
            try:
                async with lane:
                    await _stream(provider, request, answer, words)
            except ModelError as error:
                wait = self._policy.wait(error, attempt, self._jitter())
                kind = type(error).__name__
                if wait is None:
                    failed = replace(answer.outcome(), error=str(error), error_kind=kind)
                    return _priced(failed, model)
                retrying(Retrying(attempt, str(error), kind, round(wait, 3)))
                words(None)
                await self._clock.sleep(wait)
            else:
                return _priced(answer.outcome(), model)


def _priced(outcome: Outcome, model: str) -> Outcome:
    """Say what an answer cost, where its provider has not and the price is known."""
    if outcome.money is not None or not (outcome.tokens_in or outcome.tokens_out):
        return outcome
    usage = Usage(
        outcome.tokens_in,
        outcome.tokens_out,
        cache_read=outcome.cache_read,
        cache_write=outcome.cache_write,
    )
    return replace(outcome, money=cost(model, usage))


async def _stream(
    provider: Provider, request: Request, answer: Gathering, words: Callable[[str], None]
) -> None:
    async for part in provider.stream(request):
        answer.add(part)
        if isinstance(part, TextDelta):
            words(part.text)
    if not answer.done:
        raise CutShort(
            f"the answer of {request.model!r:.80} ended without a reason: it is not whole"
        )


class Gathering:
    """Puts the parts of one answer together."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._calls: list[ToolCall] = []
        self._usage = Usage(0, 0)
        self._done: Done | None = None

    @property
    def done(self) -> bool:
        """Whether the answer is whole."""
        return self._done is not None

    def add(self, part: Part) -> None:
        """Take in the next part."""
        match part:
            case TextDelta():
                self._text.append(part.text)
            case ToolCall():
                self._calls.append(part)
            case Reasoning():
                self._reasoning.append(part.text)
            case Usage():
                self._usage = part
            case Done():
                self._done = part
            case _:
                assert_never(part)

    def outcome(self) -> Outcome:
        """The answer as far as it has come; in mode ``json`` its text is read as an action."""
        text, calls, done = "".join(self._text), list(self._calls), self._done
        if not text.isascii():
            text = text.encode("utf-8", "replace").decode()  # half a surrogate pair cannot travel
        malformed = None
        if done is not None and self._request.mode == "json" and self._request.purpose == "act":
            read = parse_action(text, self._request.tools)
            if isinstance(read, ToolCall):
                calls.append(read)
            elif not calls:
                malformed = read.reason
        sound: list[ToolCall] = []
        for call in calls:
            try:
                sound.append(_sound(call))
            except ValueError as error:
                malformed = str(error)
        if len(sound) > MOST_CALLS:
            sound, malformed = [], f"it asks for more than {MOST_CALLS} actions at once"
        if len(text) > LONGEST_ANSWER or len(orjson.dumps(text)) > 4 * LONGEST_ANSWER:
            sound, malformed = [], f"it is longer than {LONGEST_ANSWER} characters"
            text = text[:LONGEST_ANSWER]
        if done is not None and done.malformed is not None:
            malformed = done.malformed
        return Outcome(
            text=text,
            calls=tuple(sound),
            stop=done.stop if done is not None else "",
            tokens_in=self._usage.tokens_in,
            tokens_out=self._usage.tokens_out,
            money=self._usage.money,
            sent_sha256=done.sent_sha256 if done is not None else "",
            sent_bytes=done.sent_bytes if done is not None else 0,
            malformed=malformed,
            reasoning="".join(self._reasoning),
            cache_read=self._usage.cache_read,
            cache_write=self._usage.cache_write,
        )


def gather(request: Request, parts: list[Part]) -> Outcome:
    """The outcome of an answer that is there at once, as a scripted model's."""
    answer = Gathering(request)
    for part in parts:
        answer.add(part)
    return answer.outcome()


def arguments(call: ToolCall) -> dict[str, Any]:
    """The arguments of a call whose JSON was read."""
    return dict(call.args) if not isinstance(call.args, str) else {}


def _sound(call: ToolCall) -> ToolCall:
    """A call whose arguments are JSON that survives the way to the box and back unchanged."""
    if not TOOL_NAME.fullmatch(call.tool):
        raise ValueError(f"{call.tool!r:.60} is no name of an action")
    about = f"the arguments of {call.tool!r:.60}"
    if isinstance(call.args, str):
        raise ValueError(f"{about} are no JSON object")  # noqa: TRY004 - the model's mistake, not a caller's
    try:
        raw = orjson.dumps(dict(call.args))
    except TypeError:
        raise ValueError(f"{about} hold something that is no JSON") from None
    if _deeper(call.args, DEEPEST):
        raise ValueError(f"{about} are nested deeper than {DEEPEST} levels")
    if len(raw) > LONGEST_ANSWER:
        raise ValueError(f"{about} are longer than {LONGEST_ANSWER} characters")
    return ToolCall(call.id, call.tool, orjson.loads(raw))


def _deeper(value: object, levels: int) -> bool:
    parts = value.values() if isinstance(value, Mapping) else value
    if not isinstance(value, Mapping | list):
        return False
    return levels == 0 or any(_deeper(part, levels - 1) for part in cast("Iterable[object]", parts))
