"""A real HTTP server on loopback that speaks OpenAI's wire format and says what a test tells it to."""

import asyncio
import json
from dataclasses import dataclass, field

import pytest


def event(data):
    text = data if isinstance(data, str) else json.dumps(data)
    return f"data: {text}\n\n".encode()


def delta(finish=None, **parts):
    return event({"choices": [{"index": 0, "delta": parts, "finish_reason": finish}]})


USAGE = event({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}})
DONE = event("[DONE]")
HELLO = (delta(role="assistant", content=""), delta(content="Hello"), delta(content=" there."))
GOOD = (*HELLO, delta("stop"), USAGE, DONE)


@dataclass
class Reply:
    """What the server answers; ``hangs`` keeps the connection open after the chunks, in silence."""

    chunks: tuple[bytes, ...] = GOOD
    status: int = 200
    kind: str = "text/event-stream"
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False
    cut: bool = False
    """Close in the middle of the body, which a length announced as longer."""


class WireServer:
    event = staticmethod(event)
    delta = staticmethod(delta)
    hello = HELLO
    usage = USAGE
    done = DONE

    def will(self, *chunks, **more):
        """Say what the next answers are."""
        self.reply = Reply(chunks, **more)

    def __init__(self):
        self.reply = Reply()
        self.asked = []
        self.heads = []
        self.gone = asyncio.Event()
        """A client went away before its answer was whole."""

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc):
        self._server.close()
        await self._server.wait_closed()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/v1"

    async def _serve(self, reader, writer):
        try:
            await self._answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.gone.set()
        finally:
            writer.close()

    async def _answer(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        names = dict(line.lower().split(": ", 1) for line in head.splitlines()[1:] if line)
        self.asked.append(await reader.readexactly(int(names.get("content-length", 0))))
        reply = self.reply
        more = {"content-type": reply.kind, "connection": "close", **reply.headers}
        if reply.cut:
            more["content-length"] = str(sum(map(len, reply.chunks)) + 100)
        lines = "".join(f"{name}: {value}\r\n" for name, value in more.items())
        writer.write(f"HTTP/1.1 {reply.status} Whatever\r\n{lines}\r\n".encode())
        for chunk in reply.chunks:
            writer.write(chunk)
            await writer.drain()
        if reply.hangs:
            await reader.read()
            self.gone.set()


@pytest.fixture
async def server():
    async with WireServer() as running:
        yield running


@pytest.fixture(autouse=True)
def no_keys(monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "BACKROOMS_MODELS"):
        monkeypatch.delenv(name, raising=False)
