"""The door ``models``: the models that the scenario lists, behind the wire formats that programs know.

OpenAI's and Mistral's ``/v1/chat/completions`` and ``/v1/models``, Anthropic's ``/v1/messages``. No key is
needed and any is taken. What is asked goes to the run's own providers, within the run's budgets; an answer
is recorded whole before any of it is given, so a stream begins when the model has ended.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, Protocol, TypeAlias

from sandbox.isolation.doors import anthropic_wire, openai_wire
from sandbox.isolation.doors.asked import Answer, Asked, Settle, as_json
from sandbox.isolation.doors.chat import Unfit, Wanted
from sandbox.models.gateway import Outcome
from sandbox.models.provider import Request

__all__ = ["Behind", "Models", "Served"]

EVENTS: Final = "text/event-stream; charset=utf-8"
BORN: Final = 1_735_689_600
"""When the models say that they were made: 2025, in seconds."""
Maker: TypeAlias = Literal["openai", "mistral", "anthropic"]


@dataclass(frozen=True, slots=True)
class Served:
    """One model behind the door. ``model`` is ``provider/model``; ``asker`` is the name it is asked under."""

    model: str
    asker: str
    max_tokens: int
    options: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What a client calls it."""
        return self.model.partition("/")[2] or self.model


class Behind(Protocol):
    """The models themselves, and the purse."""

    async def ask(self, model: str, request: Request) -> Outcome:
        """Ask ``provider/model``. A failure is an outcome too."""

    def spent(self, agent: str, model: str, sent_bytes: int) -> str | None:
        """Say which budget leaves no room for this call; None if it may be made."""


@dataclass(frozen=True, slots=True)
class _Fault:
    """How a failure is told to a client: never where a model is asked, or by whom."""

    status: int
    message: str
    openai: tuple[str, str | None]
    """OpenAI's and Mistral's words for its type and code."""
    anthropic: str


_FAILED: Final = _Fault(500, "Internal server error.", ("server_error", None), "api_error")
_BUSY: Final = _Fault(
    503,
    "The model is overloaded. Please try again later.",
    ("server_error", None),
    "overloaded_error",
)
_FAULTS: Final[Mapping[str, _Fault]] = {
    "RateLimited": _Fault(
        429, "Rate limit reached.", ("rate_limit_error", "rate_limit_exceeded"), "rate_limit_error"
    ),
    "Overloaded": _BUSY,
    "Unreachable": _BUSY,
    "TimedOut": _BUSY,
    "ContextOverflow": _Fault(
        400,
        "The request is longer than the model's context.",
        ("invalid_request_error", "context_length_exceeded"),
        "invalid_request_error",
    ),
    "RequestRefused": _Fault(
        400, "The request was refused.", ("invalid_request_error", None), "invalid_request_error"
    ),
}
_SPENT: Final = _Fault(
    429,
    "You exceeded your current quota.",
    ("insufficient_quota", "insufficient_quota"),
    "rate_limit_error",
)


class Models:
    """One agent's door to the models. One call at a time: so that no two slip past a budget together."""

    def __init__(
        self, agent: str, served: Mapping[str, Served], behind: Behind, now: Callable[[], float]
    ) -> None:
        self._agent = agent
        self._served = served
        self._behind = behind
        self._now = now
        self._one = asyncio.Lock()
        self._asked = 0

    async def reply(self, asked: Asked, settle: Settle) -> Answer:
        """Answer one request; a call is settled before another may be made."""
        path = re.sub(r"^/v1(?=/)", "", asked.path.rstrip("/"))
        maker = _maker(asked, path)
        if asked.method == "POST" and path in {"/chat/completions", "/messages"}:
            async with self._one:
                answer = await self._chat(asked, maker)
                await settle(answer)
            return answer
        if asked.method in {"GET", "HEAD"} and (match := re.fullmatch(r"/models(?:/(.+))?", path)):
            answer = self._list(maker, match[1])
        else:
            why = _Fault(404, "Not found.", ("invalid_request_error", None), "not_found_error")
            answer = _told("unknown", why, maker)
        await settle(answer)
        return answer

    def _list(self, maker: Maker, name: str | None) -> Answer:
        names = list(dict.fromkeys(served.name for served in self._served.values()))
        made = datetime.fromtimestamp(BORN, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if name is not None and name not in self._served:
            return _told("models.read", _unknown(name, maker), maker)
        if maker == "anthropic":
            wire = anthropic_wire
            if name is None:
                return as_json("models.list", wire.listed(names, made))
            return as_json("models.read", wire.entry(name, made))
        owners = {one: self._served[one].model.partition("/")[0] for one in names}
        if name is None:
            return as_json("models.list", openai_wire.listed(owners, BORN))
        owner = self._served[name].model.partition("/")[0]
        return as_json("models.read", openai_wire.entry(name, owner, BORN))

    async def _chat(self, asked: Asked, maker: Maker) -> Answer:
        try:
            if maker == "anthropic":
                wanted = anthropic_wire.wanted(asked.json())
            else:
                wanted = openai_wire.wanted(asked.json(), mistral=maker == "mistral")
        except Unfit as error:
            kind = "invalid_request_error"
            return _told("chat", _Fault(400, str(error), (kind, None), kind), maker)
        served = self._served.get(wanted.model)
        if served is None:
            return _told("chat", _unknown(wanted.model, maker), maker)
        why = self._behind.spent(self._agent, served.model, len(asked.body))
        if why is not None:
            return _told("chat", _SPENT, maker, {"model": served.model, "error": why})
        outcome = await self._behind.ask(served.model, self._request(wanted, served))
        facts = {"model": served.model, "stream": wanted.stream, **_facts(outcome)}
        if outcome.error is not None:
            return _told("chat", _FAULTS.get(outcome.error_kind, _FAILED), maker, facts)
        return self._said(wanted, outcome, maker, facts)

    def _request(self, wanted: Wanted, served: Served) -> Request:
        self._asked += 1
        most = served.max_tokens
        return Request(
            model=served.model.partition("/")[2],
            agent=served.asker,
            turn=self._asked,
            think=1,
            system=wanted.system,
            turns=wanted.turns,
            tools=wanted.tools,
            mode="tools" if wanted.tools else "talk",
            max_tokens=min(wanted.max_tokens or most, most),
            temperature=wanted.temperature,
            seed=wanted.seed,
            options=served.options,
        )

    def _said(
        self, wanted: Wanted, outcome: Outcome, maker: Maker, facts: Mapping[str, Any]
    ) -> Answer:
        created, id = int(self._now()), secrets.token_hex(12)
        if maker == "anthropic":
            whole = anthropic_wire.message(f"msg_{id}", wanted.model, outcome)
            parts = anthropic_wire.chunks(f"msg_{id}", wanted.model, outcome)
        else:
            mistral = maker == "mistral"
            id = id if mistral else f"chatcmpl-{id}"
            whole = openai_wire.completion(id, created, wanted.model, outcome)
            parts = openai_wire.chunks(
                id, created, wanted.model, outcome, mistral=mistral, usage=wanted.usage
            )
        if wanted.stream:
            return Answer("chat", kind=EVENTS, parts=parts, facts=facts)
        return as_json("chat", whole, facts=facts)


def _maker(asked: Asked, path: str) -> Maker:
    """Whose words a client expects: by the path, by what only one maker's clients send."""
    if path == "/messages" or asked.header("anthropic-version"):
        return "anthropic"
    if "mistral" in asked.header("user-agent").lower():
        return "mistral"
    body = asked.json() if asked.method == "POST" else None
    only = {"random_seed", "safe_prompt", "prompt_mode"}
    return "mistral" if isinstance(body, dict) and only & body.keys() else "openai"


def _unknown(name: str, maker: Maker) -> _Fault:
    if maker == "mistral":
        return _Fault(400, f"Invalid model: {name}", ("invalid_model", "1500"), "")
    message = f"model: {name}" if maker == "anthropic" else f"The model `{name}` does not exist."
    return _Fault(404, message, ("invalid_request_error", "model_not_found"), "not_found_error")


def _told(act: str, why: _Fault, maker: Maker, facts: Mapping[str, Any] | None = None) -> Answer:
    """A failure in the maker's own format."""
    if maker == "anthropic":
        body = anthropic_wire.fault(why.message, why.anthropic)
    else:
        kind, code = why.openai
        body = openai_wire.fault(why.status, why.message, kind, code, mistral=maker == "mistral")
    return Answer(act, why.status, body, facts=facts or {})


def _facts(outcome: Outcome) -> dict[str, Any]:
    """What the record keeps of an answer: all of it, in the words of ``think.done``."""
    facts: dict[str, Any] = {
        "text": outcome.text,
        "calls": [{"id": c.id, "tool": c.tool, "args": c.args} for c in outcome.calls],
        "stop": outcome.stop,
        "tokens_in": outcome.tokens_in,
        "tokens_out": outcome.tokens_out,
        "money": outcome.money,
    }
    if outcome.reasoning:
        facts["reasoning"] = outcome.reasoning
    if outcome.sent_sha256:
        facts["sent"] = {"sha256": outcome.sent_sha256, "bytes": outcome.sent_bytes}
    if outcome.error is not None:
        facts |= {"error": outcome.error, "error_kind": outcome.error_kind}
    return facts
