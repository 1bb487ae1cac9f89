"""A real HTTP server on loopback that says what a test tells it to, in the wire format of each maker."""

import asyncio
import json
from dataclasses import dataclass, field

import pytest

from sandbox.models.anthropic_messages import AnthropicMessages
from sandbox.models.mistral_chat import MistralChat
from sandbox.models.openai_compatible import OpenAICompatible


def event(data, name=None):
    text = data if isinstance(data, str) else json.dumps(data)
    return (f"event: {name}\n" if name else "").encode() + f"data: {text}\n\n".encode()


def delta(finish=None, **parts):
    return event({"choices": [{"index": 0, "delta": parts, "finish_reason": finish}]})


USAGE = event({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}})
DONE = event("[DONE]")
HELLO = (delta(role="assistant", content=""), delta(content="Hello"), delta(content=" there."))
GOOD = (*HELLO, delta("stop"), USAGE, DONE)


class OpenAIWire:
    """Chat completions as OpenAI's own servers and most others stream them."""

    name = "openai"
    kind = OpenAICompatible
    path = "/v1/chat/completions"
    key_variable = "OPENAI_API_KEY"
    url_variable = "OPENAI_BASE_URL"
    words = HELLO
    broken = b'data: {"choices": [7]}\n\n'

    def stop(self, reason):
        return (delta(reason), USAGE, DONE)

    def call(self, id, tool, args):
        function = {"name": tool, "arguments": args}
        return (delta(tool_calls=[{"index": 0, "id": id, "function": function}]),)

    def thought(self, text):
        return (delta(reasoning_content=text),)

    def error(self, kind, text):
        return json.dumps({"error": {"message": text, "type": kind, "code": None}}).encode()

    def error_event(self, kind, text):
        return event({"error": {"message": text, "type": kind, "code": None}})


class MistralWire(OpenAIWire):
    """Chat completions as Mistral streams them: usage in the last chunk, a call in one piece."""

    name = "mistral"
    kind = MistralChat
    key_variable = "MISTRAL_API_KEY"
    url_variable = "MISTRAL_BASE_URL"

    def __init__(self):
        self.words = tuple(self.chunk(None, content=text) for text in ("", "Hello", " there."))

    def chunk(self, finish, usage=None, **parts):
        choice = {"index": 0, "delta": parts, "finish_reason": finish}
        whole = {"id": "c1", "object": "chat.completion.chunk", "model": "m", "created": 1}
        return event(whole | {"choices": [choice]} | ({"usage": usage} if usage else {}))

    def stop(self, reason):
        usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
        return (self.chunk(reason, usage, content=""), DONE)

    def call(self, id, tool, args):
        function = {"name": tool, "arguments": args}
        call = {"index": 0, "id": id, "type": "function", "function": function}
        return (self.chunk(None, content="", tool_calls=[call]),)

    def thought(self, text):
        thinking = {"type": "thinking", "thinking": [{"type": "text", "text": text}]}
        return (self.chunk(None, content=[thinking]),)

    def error(self, kind, text):
        return json.dumps({"object": "error", "message": text, "type": kind, "code": None}).encode()

    def error_event(self, kind, text):
        return event({"object": "error", "message": text, "type": kind, "code": None})


class AnthropicWire:
    """The Messages API as Anthropic streams it."""

    name = "anthropic"
    kind = AnthropicMessages
    path = "/v1/messages"
    key_variable = "ANTHROPIC_API_KEY"
    url_variable = "ANTHROPIC_BASE_URL"
    broken = event({"type": "content_block_delta", "index": 0, "delta": 7}, "content_block_delta")

    def __init__(self):
        message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m"}
        message |= {"content": [], "stop_reason": None, "stop_sequence": None}
        message["usage"] = {"input_tokens": 4, "output_tokens": 1}
        message["usage"] |= {"cache_read_input_tokens": 2, "cache_creation_input_tokens": 1}
        text = {"type": "text", "text": ""}
        self.words = (
            self.event("message_start", message=message),
            self.event("ping"),
            self.event("content_block_start", index=0, content_block=text),
            *(self.delta(0, type="text_delta", text=text) for text in ("Hello", " there.")),
            self.event("content_block_stop", index=0),
        )

    def event(self, kind, **more):
        return event({"type": kind} | more, kind)

    def delta(self, index, **parts):
        return self.event("content_block_delta", index=index, delta=parts)

    def stop(self, reason):
        ended = {"stop_reason": reason, "stop_sequence": None}
        usage = {"output_tokens": 3}
        return (self.event("message_delta", delta=ended, usage=usage), self.event("message_stop"))

    def call(self, id, tool, args):
        block = {"type": "tool_use", "id": id, "name": tool, "input": {}}
        half = len(args) // 2
        return (
            self.event("content_block_start", index=1, content_block=block),
            self.delta(1, type="input_json_delta", partial_json=args[:half]),
            self.delta(1, type="input_json_delta", partial_json=args[half:]),
            self.event("content_block_stop", index=1),
        )

    def thought(self, text):
        block = {"type": "thinking", "thinking": "", "signature": ""}
        return (
            self.event("content_block_start", index=2, content_block=block),
            self.delta(2, type="thinking_delta", thinking=text),
            self.delta(2, type="signature_delta", signature="c2ln"),
            self.event("content_block_stop", index=2),
        )

    def error(self, kind, text):
        return json.dumps({"type": "error", "error": {"type": kind, "message": text}}).encode()

    def error_event(self, kind, text):
        return self.event("error", error={"type": kind, "message": text})


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
    waits_after: int | None = None
    """Chunks that are sent before the server waits for ``go``."""


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
        self.go = asyncio.Event()
        self.finished = False
        """The last byte of an answer was sent."""

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
        for index, chunk in enumerate(reply.chunks):
            if index == reply.waits_after:
                await self.go.wait()
            writer.write(chunk)
            await writer.drain()
        self.finished = True
        if reply.hangs:
            await reader.read()
            self.gone.set()


@pytest.fixture
async def server():
    async with WireServer() as running:
        yield running


WIRES = {wire.name: wire for wire in (AnthropicWire(), MistralWire(), OpenAIWire())}


@pytest.fixture(params=WIRES)
def wire(request):
    """Each maker's wire format in turn."""
    return WIRES[request.param]


@pytest.fixture
def wires():
    return WIRES


@pytest.fixture(autouse=True)
def no_keys(monkeypatch, tmp_path):
    """Nobody's own keys, addresses and settings, from wherever they may come."""
    for wire in WIRES.values():
        monkeypatch.delenv(wire.key_variable, raising=False)
        monkeypatch.delenv(wire.url_variable, raising=False)
    monkeypatch.delenv("BACKROOMS_MODELS", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
