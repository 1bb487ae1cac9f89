"""What the gateway and its adapters add to a bare call of the maker's SDK, on the same server, in one run.

    python tests/bench/gateway.py [--calls 20] [--messages 10 200 2000]

CPU milliseconds of this process per call, medians; the server is another process. ``bare`` is the SDK as
its maker shows it: typed arguments, its own client, the words put together. ``adapter`` is ``stream`` of our
provider, ``gateway`` the whole way: the request from the agent's context, the call, the outcome. OpenAI's
format has no SDK here; its ``bare`` is httpx2 with ``json``. Calls of the three take turns.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable

from sandbox.engine.cast import CastMember
from sandbox.models.anthropic_messages import AnthropicMessages
from sandbox.models.gateway import Gateway
from sandbox.models.mistral_chat import MistralChat
from sandbox.models.openai_compatible import OpenAICompatible
from sandbox.models.provider import ChatTurn, TextDelta

WORDS = 40
KINDS = {
    "anthropic": AnthropicMessages,
    "mistral": MistralChat,
    "openai": OpenAICompatible,
}
SYSTEM = "You are in a building of yellow rooms. The lights hum. " * 8
Call = Callable[[], Awaitable[str]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=20)
    parser.add_argument("--messages", type=int, nargs="+", default=[10, 200, 2000])
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        asyncio.run(serve())
        return
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, __file__, "--serve"], text=True, **pipes) as server:
        asyncio.run(measure(server.stdout.readline().strip(), args.calls, args.messages))
        server.kill()


async def measure(url: str, calls: int, sizes: list[int]) -> None:
    print("CPU ms per call, medians of", calls)
    print(f"{'':>9} {'messages':>8} {'bare':>8} {'adapter':>8} {'gateway':>8} {'added':>8}")
    for name, kind in KINDS.items():
        provider = kind(default_url=f"{url}/v1")
        await provider.ready("m")
        for size in sizes:
            ways = [
                BARE[name](url, history(size)),
                adapter(provider, history(size)),
                through(provider, history(size)),
            ]
            cpu: list[list[float]] = [[] for _ in ways]
            for _ in range(calls + 2):
                for spent, way in zip(cpu, ways, strict=True):
                    begun = time.process_time()
                    text = await way()
                    spent.append((time.process_time() - begun) * 1000)
                    assert text.split() == ["word"] * WORDS
            bare, ours, whole = (statistics.median(spent[2:]) for spent in cpu)
            print(
                f"{name:>9} {size:>8,} {bare:8.2f} {ours:8.2f} {whole:8.2f} {whole - bare:+8.2f}",
                flush=True,
            )
        await provider.close()


def history(size: int) -> list[ChatTurn]:
    text = "The door at the end of the corridor was open yesterday, and nobody closed it. " * 3
    turns = [ChatTurn("assistant" if n % 2 else "user", f"{n}: {text}") for n in range(size)]
    return turns if size % 2 else [*turns[1:], ChatTurn("user", text)]


def member(provider: str) -> CastMember:
    return CastMember(
        agent="ada",
        model=f"{provider}/m",
        family="m",
        mode="talk",
        tools=(),
        home="lobby",
        system=SYSTEM,
        names=("bo",),
        first=None,
        max_tokens=100,
        temperature=None,
        seed=0,
        options={},
    )


def through(provider, turns: list[ChatTurn]) -> Call:
    gateway = Gateway({"ada": member(provider.name)}, {provider.name: provider})
    gateway.contexts["ada"].turns.extend(turns)
    gateway.request("ada", 1, 1, "act")  # what is old was digested in earlier turns

    async def call() -> str:
        request, _ = gateway.request("ada", 1, 1, "act")
        return (await gateway.ask(request)).text

    return call


def adapter(provider, turns: list[ChatTurn]) -> Call:
    gateway = Gateway({"ada": member(provider.name)}, {provider.name: provider})
    gateway.contexts["ada"].turns.extend(turns)
    request, _ = gateway.request("ada", 1, 1, "act")

    async def call() -> str:
        parts = [part async for part in provider.stream(request)]
        return "".join(part.text for part in parts if isinstance(part, TextDelta))

    return call


def plain(turns: list[ChatTurn]) -> list[dict[str, str]]:
    return [{"role": turn.role, "content": turn.text} for turn in turns]


def bare_anthropic(url: str, turns: list[ChatTurn]) -> Call:
    from anthropic import AsyncAnthropic

    client, messages = AsyncAnthropic(base_url=url, api_key="none", max_retries=0), plain(turns)

    async def call() -> str:
        stream = await client.messages.create(
            model="m", max_tokens=100, system=SYSTEM, messages=messages, stream=True
        )
        deltas = [e.delta async for e in stream if e.type == "content_block_delta"]
        return "".join(delta.text for delta in deltas if delta.type == "text_delta")

    return call


def bare_mistral(url: str, turns: list[ChatTurn]) -> Call:
    from mistralai.client import Mistral

    client = Mistral(api_key="none", server_url=url)
    messages = [{"role": "system", "content": SYSTEM}, *plain(turns)]

    async def call() -> str:
        asked = {"model": "m", "max_tokens": 100, "messages": messages}
        async with await client.chat.stream_async(**asked) as stream:
            deltas = [event.data.choices[0].delta async for event in stream]
        return "".join(delta.content for delta in deltas)

    return call


def bare_openai(url: str, turns: list[ChatTurn]) -> Call:
    import httpx2

    client = httpx2.AsyncClient(timeout=60)
    messages = [{"role": "system", "content": SYSTEM}, *plain(turns)]

    async def call() -> str:
        asked = {"model": "m", "max_tokens": 100, "messages": messages, "stream": True}
        async with client.stream("POST", f"{url}/v1/chat/completions", json=asked) as response:
            lines = [line[6:] async for line in response.aiter_lines() if line[:7] == "data: {"]
        return "".join(json.loads(line)["choices"][0]["delta"]["content"] for line in lines)

    return call


BARE = {"anthropic": bare_anthropic, "mistral": bare_mistral, "openai": bare_openai}


async def serve() -> None:
    """Answer every question with the same words, in the format of its path."""
    answers = {"/v1/messages": messages_answer(), "/v1/chat/completions": chat_answer()}

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        names = dict(line.split(": ", 1) for line in head.splitlines()[1:] if line)
        await reader.readexactly(int(names.get("content-length", 0)))
        chunks = answers.get(head.split(" ", 2)[1], ())
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n")
        writer.write(b"connection: close\r\n\r\n")
        for chunk in chunks:
            writer.write(chunk)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(one, "127.0.0.1", 0, limit=1 << 24)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.to_thread(sys.stdin.read)


def messages_answer() -> list[bytes]:
    message = {"id": "m", "type": "message", "role": "assistant", "model": "m", "content": []}
    message |= {"stop_reason": None, "usage": {"input_tokens": 9, "output_tokens": 1}}
    delta = {"type": "text_delta", "text": "word "}
    events = [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *[{"type": "content_block_delta", "index": 0, "delta": delta}] * WORDS,
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn"},
            "usage": {"output_tokens": 9},
        },
        {"type": "message_stop"},
    ]
    return [f"event: {e['type']}\ndata: {json.dumps(e)}\n\n".encode() for e in events]


def chat_answer() -> list[bytes]:
    def chunk(finish: str | None, **delta: str) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        usage = {} if finish is None else {"usage": {"prompt_tokens": 9, "completion_tokens": 9}}
        return f"data: {json.dumps({'id': 'c', 'model': 'm', 'choices': [choice]} | usage)}\n\n".encode()

    words = [chunk(None, content="word ")] * WORDS
    return [*words, chunk("stop", content=""), b"data: [DONE]\n\n"]


if __name__ == "__main__":
    main()
