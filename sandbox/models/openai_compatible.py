"""Provider ``openai``: any server that speaks OpenAI's chat format (Ollama, vLLM, LM Studio, ...)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

import orjson

from sandbox.errors import ModelUnavailable
from sandbox.models.actions import action_schema
from sandbox.models.chat_body import json_action, messages, tools
from sandbox.models.chat_post import post, probe
from sandbox.models.endpoint import Endpoint, without_password
from sandbox.models.family import family_of
from sandbox.models.provider import Mode, Part, Request

if TYPE_CHECKING:
    import httpx2

__all__ = ["OpenAICompatible"]

OPENAI: Final = "https://api.openai.com/v1"
SILENT_SECONDS: Final = 300.0
"""How long a server may say nothing; a large model on a small machine reads its prompt that long."""


class OpenAICompatible:
    """Asks any server at ``/chat/completions``, streaming.

    The address is the agent's ``base_url``, else ``default_url`` (OPENAI_BASE_URL), else OpenAI's own.
    The key goes where ``may_have_key`` allows it (to ``default_url`` alone, if None): a scenario file
    may name an address, but never where a key is sent. ``addresses`` tells ``ready`` where each model
    is asked.
    """

    name = "openai"

    def __init__(
        self,
        *,
        key: str | None = None,
        default_url: str | None = None,
        addresses: Mapping[str, Sequence[str | None]] | None = None,
        may_have_key: Callable[[str], bool] | None = None,
        silent_seconds: float = SILENT_SECONDS,
    ) -> None:
        self._key = key or None
        self._default = (default_url or OPENAI).rstrip("/")
        self._addresses = addresses or {}
        self._may_have_key = may_have_key or (lambda url: url == self._default)
        self._silent = silent_seconds
        self._client: httpx2.AsyncClient | None = None

    def family(self, model: str) -> str:
        return family_of(model)

    def mode(self, model: str, *, acts: bool) -> Mode:  # noqa: ARG002 - the seam's arguments
        return "tools"

    def body(self, request: Request) -> bytes:
        # OpenAI's own servers refuse the older name of the limit, most others know no other.
        limit = "max_completion_tokens" if self._url(request) == OPENAI else "max_tokens"
        body: dict[str, Any] = {
            "model": request.model,
            "messages": messages(request.system, request.turns),
            limit: request.max_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if request.temperature is not None:
            body["temperature"] = request.temperature
        if request.seed is not None:
            body["seed"] = request.seed
        if request.mode == "tools" and request.tools:
            body["tools"] = tools(request.tools)
        if request.mode == "json" and request.tools:
            body["response_format"] = json_action(action_schema(request.tools))
        return orjson.dumps(body)

    async def ready(self, model: str) -> None:
        for address in dict.fromkeys(self._addresses.get(model) or (None,)):
            endpoint = self._endpoint((address or self._default).rstrip("/"))
            if endpoint.url == OPENAI and endpoint.key is None:
                raise ModelUnavailable(
                    f"{endpoint.who} needs a key. Set OPENAI_API_KEY, or give the agent the base_url "
                    "of another server, such as http://127.0.0.1:11434/v1"
                )
            await probe(self._connected(), endpoint, model)

    async def stream(self, request: Request) -> AsyncIterator[Part]:
        endpoint = self._endpoint(self._url(request))
        answer = post(
            self._connected(), endpoint, "/chat/completions", self.body(request), request.model
        )
        async with aclosing(answer):
            async for part in answer:
                yield part

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def _url(self, request: Request) -> str:
        return str(request.options.get("base_url") or self._default).rstrip("/")

    def _endpoint(self, url: str) -> Endpoint:
        ours = self._may_have_key(url)
        return Endpoint(
            url=url,
            who=f"the model server at {without_password(url)}",
            if_unreachable="Start it, or correct the agent's base_url or OPENAI_BASE_URL.",
            if_key_refused="Set OPENAI_API_KEY to a valid key."
            if ours
            else "OPENAI_API_KEY is sent to OPENAI_BASE_URL alone: set that to this address.",
            key=self._key if ours else None,
        )

    def _connected(self) -> httpx2.AsyncClient:
        if self._client is None:
            import httpx2  # 0.1 s that no other command should pay

            from sandbox.models.connection import open_client

            self._client = open_client(httpx2.AsyncClient, self._silent)
        return self._client
