"""Provider ``local``: small models on this machine, without key or network, by llama.cpp."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from sandbox.errors import ModelError, ModelUnavailable
from sandbox.models.actions import action_schema
from sandbox.models.catalog import models_folder, weights_of
from sandbox.models.chat_body import json_action, messages
from sandbox.models.chat_post import post
from sandbox.models.endpoint import Endpoint
from sandbox.models.engine_process import EngineProcess
from sandbox.models.provider import Mode, Part, Request, TextDelta
from sandbox.models.talk_prompt import kept, transcript

if TYPE_CHECKING:
    import httpx2

__all__ = ["Local"]

CONTEXT: Final = 8192
"""Tokens; what both models of the catalogue were trained for."""
LONGEST_ANSWER: Final = 2048
"""Tokens; a larger ``max_tokens`` would leave no room for the history."""
SPARE: Final = 256
"""Tokens for the template and its marks."""
TEMPERATURE: Final = 0.8
ANSWER_SECONDS: Final = 600.0
"""How long the process may say nothing: several agents may wait for one model."""

SAMPLING: Final = {
    "top_p": 0.9,
    "min_p": 0.05,
    "repeat_penalty": 1.1,
    "repeat_last_n": 256,
    "dry_multiplier": 0.8,
}
"""Without the penalties both models say one line for ever; with llama.cpp's 64 tokens of looking
back they come round to it (12 turns, words and actions, two seeds each)."""
YES_OR_NO: Final = 'root ::= " yes" | " no"'


@dataclass(slots=True)
class _Engine:
    process: EngineProcess
    client: httpx2.AsyncClient | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Local:
    """Runs each model in a child process of its own. ``folder`` holds the weights, ``context`` is in tokens.

    In mode ``talk`` the model goes on writing a transcript up to the end of its line; in mode
    ``json`` it answers in chat form, held to the actions' schema by a grammar. The same request gives
    the same text. What does not fit into the context is left out by the rule of ``talk_prompt.kept``.
    """

    name = "local"

    def __init__(self, folder: Path | None = None, context: int = CONTEXT) -> None:
        self._folder = folder or models_folder()
        self._context = context
        self._engines: dict[str, _Engine] = {}

    def family(self, model: str) -> str:
        return weights_of(model).family

    def mode(self, model: str, *, acts: bool) -> Mode:  # noqa: ARG002 - the seam's arguments
        return "json" if acts else "talk"

    def body(self, request: Request) -> bytes:
        limit = min(request.max_tokens, LONGEST_ANSWER)
        room = self._context - limit - SPARE
        body: dict[str, Any] = {}
        if _chats(request):
            schema = action_schema(request.tools, request.names)
            body["messages"] = messages(request.system, kept(request, room))
            body["response_format"] = json_action(schema)
        else:
            body["prompt"] = transcript(request, room)
            body["stop"] = ["\n", *(f" {name}:" for name in request.names)]
        if request.purpose == "bid":
            body["grammar"] = YES_OR_NO
        body["max_tokens"] = limit
        body["temperature"] = TEMPERATURE if request.temperature is None else request.temperature
        body["seed"] = request.seed or 0
        return orjson.dumps(
            {**body, **SAMPLING, "stream": True, "stream_options": {"include_usage": True}}
        )

    async def ready(self, model: str) -> None:
        await self._client(model)

    async def stream(self, request: Request) -> AsyncIterator[Part]:
        body = self.body(request)
        client = await self._client(request.model)
        path = "/v1/chat/completions" if _chats(request) else "/v1/completions"
        endpoint = Endpoint(
            url="http://llama",
            who=f"the process of local/{request.model}",
            if_unreachable="It starts again with the next question.",
            if_key_refused="",
        )
        trim = Trim()
        try:
            async with aclosing(post(client, endpoint, path, body, request.model)) as answer:
                async for part in answer:
                    if not isinstance(part, TextDelta):
                        yield part
                    elif text := trim.feed(part.text):
                        yield TextDelta(text)
        except ModelError:
            engine = self._engines.get(request.model)
            ended = await engine.process.ended() if engine is not None else None
            if ended is not None:
                raise ended from None
            raise

    async def close(self) -> None:
        while self._engines:
            _, engine = self._engines.popitem()
            await _stop(engine)

    def process(self, model: str) -> EngineProcess:
        """The process of a model that is ready, for measurements."""
        return self._engines[model].process

    async def _client(self, model: str) -> httpx2.AsyncClient:
        """The connection to the model's process, which is started where it does not run."""
        if model not in self._engines:
            process = EngineProcess(model, self._weights(model), self._context)
            self._engines[model] = _Engine(process)
        engine = self._engines[model]
        async with engine.lock:
            if engine.client is None or not engine.process.alive:
                await _stop(engine)
                await engine.process.start()
                engine.client = _connected(engine.process.socket)
            return engine.client

    def _weights(self, model: str) -> Path:
        weights = weights_of(model)
        if find_spec("xllamacpp") is None:
            raise ModelUnavailable(
                f"local/{model} needs llama.cpp, which is not installed here. "
                "Install the extra 'local': pip install 'backrooms[local]'"
            )
        path = self._folder / weights.file
        if not path.is_file() or path.stat().st_size != weights.size:
            raise ModelUnavailable(
                f"the weights of local/{model} are not in {self._folder}. "
                f"Fetch them ({weights.megabytes} MB): backrooms models fetch {model}"
            )
        return path


class Trim:
    """Takes the white space off both ends of words that come in pieces."""

    def __init__(self) -> None:
        self._held = ""
        self._begun = False

    def feed(self, text: str) -> str:
        """The next piece, without the space that may turn out to be at an end."""
        text = self._held + text
        if not self._begun:
            text = text.lstrip()
        words = text.rstrip()
        self._held = text[len(words) :]
        self._begun = self._begun or bool(words)
        return words


def _chats(request: Request) -> bool:
    return request.mode != "talk" and bool(request.tools)


def _connected(socket: str) -> httpx2.AsyncClient:
    import httpx2  # 0.1 s that no other command should pay

    # The server closes a connection at any time after an answer: a new one for each is the safe way.
    limits = httpx2.Limits(max_keepalive_connections=0)
    return httpx2.AsyncClient(
        transport=httpx2.AsyncHTTPTransport(uds=socket, limits=limits),
        timeout=httpx2.Timeout(ANSWER_SECONDS, connect=5.0),
    )


async def _stop(engine: _Engine) -> None:
    client, engine.client = engine.client, None
    try:
        if client is not None:
            await client.aclose()
    finally:
        await engine.process.stop()
