"""The gateway: every agent's context and provider, and the one place where models are asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, assert_never

import orjson

from sandbox.engine.cast import CastMember
from sandbox.errors import ModelError
from sandbox.models.actions import parse_action
from sandbox.models.context import Context, Saw
from sandbox.models.provider import Done, Part, Provider, Reasoning, Request, TextDelta, ToolCall, Usage
from sandbox.transcript.event import Event

__all__ = ["LONGEST_ANSWER", "Gateway", "Outcome", "gather"]

LONGEST_ANSWER: Final = 60_000
"""Characters of one answer, or of one call's arguments, that still travel as one message on the bus."""


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


class Gateway:
    """Builds what each model is sent from recorded events, and asks it."""

    def __init__(self, cast: Mapping[str, CastMember], providers: Mapping[str, Provider]) -> None:
        self._providers = providers
        self.contexts = {agent: Context(member) for agent, member in cast.items()}

    def feed(self, agent: str, event: Event) -> None:
        """An event that ``agent`` can perceive, or its own, was recorded."""
        self.contexts[agent].feed(event)

    def request(self, agent: str, turn: int, think: int, purpose: str) -> tuple[Request, Saw]:
        """What the agent's model is to be sent now."""
        return self.contexts[agent].request(turn, think, purpose)

    def provider_of(self, agent: str) -> Provider:
        """Who is asked for this agent."""
        return self._providers[self.contexts[agent].member.provider]

    async def ask(self, request: Request, watch: Callable[[str], None] | None = None) -> Outcome:
        """Ask the model; ``watch`` sees the words as they come. A failure is an outcome, not an exception."""
        answer = Gathering(request)
        try:
            async for part in self.provider_of(request.agent).stream(request):
                answer.add(part)
                if watch is not None and isinstance(part, TextDelta):
                    watch(part.text)
        except ModelError as error:
            return replace(answer.outcome(), error=str(error), error_kind=type(error).__name__)
        return answer.outcome()


class Gathering:
    """Puts the parts of one answer together."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._calls: list[ToolCall] = []
        self._usage = Usage(0, 0)
        self._done: Done | None = None

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
        if len(text) > LONGEST_ANSWER:
            sound, malformed = [], f"it is longer than {LONGEST_ANSWER} characters"
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
    about = f"the arguments of {call.tool!r:.60}"
    if isinstance(call.args, str):
        raise ValueError(f"{about} are no JSON object")  # noqa: TRY004 - the model's mistake, not a caller's
    try:
        raw = orjson.dumps(dict(call.args))
    except TypeError:
        raise ValueError(f"{about} hold something that is no JSON") from None
    if len(raw) > LONGEST_ANSWER:
        raise ValueError(f"{about} are longer than {LONGEST_ANSWER} characters")
    return ToolCall(call.id, call.tool, orjson.loads(raw))
