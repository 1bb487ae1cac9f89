"""Both makers' APIs on loopback, over real weights: llama.cpp's own two endpoints, and tool calls.

    python tests/e2e/makers.py CLAUDE.gguf MISTRAL.gguf

Prints one JSON line, ``{"url": ..., "anthropic": ..., "mistral": ...}``: the address of this server, and
those of llama.cpp's own servers behind it. Ends when stdin does.

Words come from llama.cpp as it streams them, on ``/v1/messages`` and ``/v1/chat/completions``. Models this
small write no tool calls by themselves, so the server decides when one is due (the third answer of a
conversation); what is called for is written by the model, held to the tool's schema by a grammar.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import httpx2
import xllamacpp

CALL_AT = 2
"""Answers before the one that is a call."""
TOOL = "shell"
LONGEST = 40
"""Tokens of an answer: small models say nothing new after that."""
SEED = 11


def serve(weights: str) -> xllamacpp.Server:
    params = xllamacpp.CommonParams()
    params.model.path = weights
    params.n_ctx = 8192
    params.n_parallel = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.cache_ram_mib = 64
    params.offline = True
    params.verbosity = 0
    params.hostnames, params.port = ["127.0.0.1"], 0
    return xllamacpp.Server(params)


def needed(schema: dict[str, Any]) -> dict[str, Any]:
    """What a tool cannot do without: so small a model may ask for a shell of 8,236,268 seconds."""
    kept = {name: schema["properties"][name] for name in schema["required"]}
    return schema | {"properties": kept}


class Anthropic:
    """The Messages API."""

    path = "/v1/messages"

    @staticmethod
    def plain(asked: dict[str, Any]) -> list[dict[str, str]]:
        turns = [{"role": m["role"], "content": _flat(m["content"])} for m in asked["messages"]]
        return [{"role": "system", "content": asked["system"]}, *turns]

    @staticmethod
    def tools(asked: dict[str, Any]) -> dict[str, Any]:
        return {tool["name"]: tool["input_schema"] for tool in asked.get("tools", ())}

    @staticmethod
    def words(asked: dict[str, Any], turns: list[dict[str, str]]) -> dict[str, Any]:
        return {"model": asked["model"], "system": turns[0]["content"], "messages": turns[1:]}

    @staticmethod
    def call(args: dict[str, Any], model: str) -> list[bytes]:
        usage = {"input_tokens": 9, "output_tokens": 1}
        message = {"id": "msg_1", "type": "message", "role": "assistant", "model": model}
        message |= {"content": [], "stop_reason": None, "stop_sequence": None, "usage": usage}
        block = {"type": "tool_use", "id": "toolu_1", "name": TOOL, "input": {}}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(args)}
        ended = {"stop_reason": "tool_use", "stop_sequence": None}
        events = [
            {"type": "message_start", "message": message},
            {"type": "content_block_start", "index": 0, "content_block": block},
            {"type": "content_block_delta", "index": 0, "delta": delta},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": ended, "usage": {"output_tokens": 20}},
            {"type": "message_stop"},
        ]
        return [f"event: {e['type']}\ndata: {json.dumps(e)}\n\n".encode() for e in events]


class Mistral:
    """Chat completions."""

    path = "/v1/chat/completions"

    @staticmethod
    def plain(asked: dict[str, Any]) -> list[dict[str, str]]:
        return [
            {"role": "user", "content": f"Result: {m['content']}"}
            if m["role"] == "tool"
            else {"role": m["role"], "content": m["content"] or _calls(m)}
            for m in asked["messages"]
        ]

    @staticmethod
    def tools(asked: dict[str, Any]) -> dict[str, Any]:
        made = [tool["function"] for tool in asked.get("tools", ())]
        return {tool["name"]: tool["parameters"] for tool in made}

    @staticmethod
    def words(asked: dict[str, Any], turns: list[dict[str, str]]) -> dict[str, Any]:
        options = {"stream_options": {"include_usage": True}}
        return {"model": asked["model"], "messages": turns} | options

    @staticmethod
    def call(args: dict[str, Any], model: str) -> list[bytes]:
        function = {"name": TOOL, "arguments": json.dumps(args)}
        calls = [{"id": "abcdefghi", "type": "function", "index": 0, "function": function}]
        delta = {"role": "assistant", "content": "", "tool_calls": calls}
        choice = {"index": 0, "delta": delta, "finish_reason": "tool_calls"}
        usage = {"prompt_tokens": 9, "completion_tokens": 20, "total_tokens": 29}
        chunk = {"id": "c1", "model": model, "choices": [choice], "usage": usage}
        return [f"data: {json.dumps(chunk)}\n\n".encode(), b"data: [DONE]\n\n"]


def _flat(content: str | list[dict[str, Any]]) -> str:
    if isinstance(content, str):
        return content
    texts = {"text": "text", "tool_use": "input", "tool_result": "content"}
    return "\n".join(str(block[texts[block["type"]]]) for block in content)


def _calls(message: dict[str, Any]) -> str:
    return "\n".join(call["function"]["arguments"] for call in message["tool_calls"])


WIRES = {wire.path: wire for wire in (Anthropic, Mistral)}


class Makers:
    """Answers for both makers; ``engines`` are the addresses of llama.cpp's servers, by path."""

    def __init__(self, engines: dict[str, str]) -> None:
        self._engines = engines
        self._client = httpx2.AsyncClient(timeout=300)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            path = head.split(" ", 2)[1]
            names = dict(line.lower().split(": ", 1) for line in head.splitlines()[1:] if line)
            body = await reader.readexactly(int(names.get("content-length", 0)))
            kind = "text/event-stream" if path in WIRES else "application/json"
            writer.write(f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\n".encode())
            writer.write(b"connection: close\r\n\r\n")
            if path in WIRES:
                await self._answer(path, json.loads(body), writer)
            else:
                writer.write(b'{"object": "list", "data": []}')
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has gone
        finally:
            writer.close()

    async def _answer(self, path: str, asked: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        wire, engine = WIRES[path], self._engines[path]
        turns, tools = wire.plain(asked), wire.tools(asked)
        limits = {"max_tokens": LONGEST, "temperature": 0.8, "seed": SEED + len(turns)}
        if TOOL in tools and sum(turn["role"] == "assistant" for turn in turns) == CALL_AT:
            asks = needed(tools[TOOL])
            schema = {"type": "json_schema", "json_schema": {"name": "call", "schema": asks}}
            turns.append(
                {"role": "user", "content": "Write a command line for the shell, as JSON."}
            )
            question = {"messages": turns, "response_format": schema} | limits
            reply = await self._client.post(f"{engine}{Mistral.path}", json=question)
            text = reply.json()["choices"][0]["message"]["content"]
            try:
                args = json.loads(text)
            except ValueError:
                args = {"command": "ls"}  # cut off by the limit of tokens
            for chunk in wire.call(args, asked["model"]):
                writer.write(chunk)
            return
        question = wire.words(asked, turns) | limits | {"stream": True}
        async with self._client.stream("POST", engine + path, json=question) as reply:
            async for chunk in reply.aiter_raw():
                writer.write(chunk)
                await writer.drain()


async def main(claude: str, mistral: str) -> None:
    servers = [serve(claude), serve(mistral)]
    engines = [server.listening_address for server in servers]
    makers = Makers(dict(zip(WIRES, engines, strict=True)))
    front = await asyncio.start_server(makers.serve, "127.0.0.1", 0)
    port = front.sockets[0].getsockname()[1]
    addresses = {"url": f"http://127.0.0.1:{port}", "anthropic": engines[0], "mistral": engines[1]}
    print(json.dumps(addresses), flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
