"""Every provider over HTTP, each in its maker's own wire format: one table of failures, one of answers."""

import asyncio
import hashlib
import json
import subprocess
import sys
from contextlib import aclosing
from dataclasses import replace

import pytest

from sandbox.errors import (
    AnswerMalformed,
    ContextOverflow,
    CutShort,
    KeyRefused,
    ModelError,
    ModelUnavailable,
    Overloaded,
    RateLimited,
    RequestRefused,
    TimedOut,
    Unreachable,
)
from sandbox.models.provider import (
    ChatTurn,
    Done,
    Reasoning,
    Request,
    TextDelta,
    ToolCall,
    ToolSpec,
    Usage,
)

KEY = "sk-very-secret"
SAY = ToolSpec(
    "say", "Says a text.", {"type": "object", "properties": {"text": {"type": "string"}}}
)
REQUEST = Request(
    model="some-model",
    agent="ada",
    turn=1,
    think=1,
    system="You are ada.",
    turns=(ChatTurn("user", "bo: Héllo?"),),
    tools=(SAY,),
    mode="tools",
)


@pytest.fixture
async def provider(server, wire):
    made = wire.kind(key=KEY, default_url=server.url, silent_seconds=5)
    yield made
    await made.close()


async def ask(provider, request=REQUEST):
    return [part async for part in provider.stream(request)]


async def failure(provider, request=REQUEST):
    with pytest.raises(ModelError) as caught:
        await ask(provider, request)
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None  # an SDK's error holds the request, and the key in it
    return caught.value


async def test_the_bytes_that_arrive_are_the_body_and_their_hash_is_done(provider, server, wire):
    server.will(*wire.words, *wire.stop("stop"))
    done = (await ask(provider))[-1]
    (arrived,) = server.asked
    assert arrived == provider.body(REQUEST)
    assert done.sent_sha256 == hashlib.sha256(arrived).hexdigest()
    assert done.sent_bytes == len(arrived)
    assert server.heads[0].startswith(f"POST {wire.path} ")
    assert f"authorization: bearer {KEY}" in server.heads[0].lower()


async def test_words_come_before_the_last_byte_is_sent(provider, server, wire):
    chunks = (*wire.words, *wire.stop("stop"))
    server.will(*chunks, waits_after=len(chunks) - 1)
    async with aclosing(provider.stream(REQUEST)) as parts:
        assert await asyncio.wait_for(anext(parts), 5) == TextDelta("Hello")
        assert not server.finished
        server.go.set()
        assert isinstance([part async for part in parts][-1], Done)


async def test_a_call_and_a_thought(provider, server, wire):
    reason = "tool_use" if wire.name == "anthropic" else "tool_calls"
    call = wire.call("c2", "say", '{"text": "hi"}')
    server.will(*wire.words, *wire.thought("Hm."), *call, *wire.stop(reason))
    *parts, usage, done = await ask(provider)
    assert parts == [
        TextDelta("Hello"),
        TextDelta(" there."),
        Reasoning("Hm."),
        ToolCall("c2", "say", {"text": "hi"}),
    ]
    cached = (2, 1) if wire.name == "anthropic" else (0, 0)
    assert usage == Usage(7, 3, None, *cached)
    assert done.stop == "tools"


STOPS = {
    "anthropic": {
        "end_turn": "end",
        "max_tokens": "length",
        "stop_sequence": "stop",
        "refusal": "refusal",
        "pause_turn": "end",
        "model_context_window_exceeded": "length",
        "something new": "end",
    },
    "mistral": {
        "stop": "end",
        "length": "length",
        "model_length": "length",
        "content_filter": "filter",
    },
    "openai": {"stop": "end", "length": "length", "content_filter": "filter"},
}


@pytest.mark.parametrize(
    ("wire", "reason", "stop"),
    [(name, *pair) for name, stops in STOPS.items() for pair in stops.items()],
    indirect=["wire"],
)
async def test_why_an_answer_ended(provider, server, wire, reason, stop):
    server.will(*wire.words, *wire.stop(reason))
    assert (await ask(provider))[-1].stop == stop


STATUSES = [
    (401, "authentication_error", "Invalid key.", KeyRefused, None),
    (402, "billing_error", "Credit is used up.", KeyRefused, None),
    (403, "permission_error", "Not yours.", KeyRefused, None),
    (404, "not_found_error", "model: some-model", ModelUnavailable, None),
    (408, "timeout_error", "Too slow.", TimedOut, None),
    (413, "request_too_large", "Request exceeds the maximum size.", RequestRefused, None),
    (422, "invalid_request_error", "Not valid.", RequestRefused, None),
    (429, "rate_limit_error", "Slow down.", RateLimited, None),
    (429, "rate_limit_error", "Slow down.", RateLimited, 7.5),
    (429, "insufficient_quota", "Check your plan.", KeyRefused, None),
    (500, "api_error", "Internal error.", Overloaded, None),
    (502, "api_error", "Bad gateway.", Overloaded, None),
    (503, "api_error", "Unavailable.", Overloaded, 3.0),
    (529, "overloaded_error", "Overloaded.", Overloaded, None),
    (400, "invalid_request_error", "messages: wrong.", RequestRefused, None),
]


@pytest.mark.parametrize(("status", "kind", "text", "error", "wait"), STATUSES)
async def test_a_status(provider, server, wire, *, status, kind, text, error, wait):
    headers = {} if wait is None else {"retry-after": str(wait)}
    said = wire.error(kind, text)
    server.will(said, status=status, kind="application/json", headers=headers)
    found = await failure(provider)
    assert type(found) is error
    assert text.rstrip(".") in str(found)
    assert getattr(found, "retry_after", None) == wait
    assert len(server.asked) == 1  # nobody but the gateway asks again


OVERFLOWS = [
    "prompt is too long: 210000 tokens > 200000 maximum",
    "input length and `max_tokens` exceed context limit: 198000 + 8192 > 200000",
    "Prompt contains 40960 tokens, too large for model with 32768 maximum context length",
    "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000",
    "request (9210 tokens) exceeds the available context size (4096 tokens), try increasing it",
    "The decoder prompt (length 9000) is longer than the maximum model length of 8192.",
]


@pytest.mark.parametrize("text", OVERFLOWS)
async def test_a_request_that_is_too_long(provider, server, wire, text):
    said = wire.error("invalid_request_error", text)
    server.will(said, status=400, kind="application/json")
    assert type(await failure(provider)) is ContextOverflow


async def test_a_redirect_is_not_followed(provider, server, wire):
    server.will(b"", status=307, headers={"location": "http://127.0.0.1:9/", "content-length": "0"})
    assert type(await failure(provider)) is ModelUnavailable
    assert len(server.asked) == 1


BREAKS = {
    "ends cleanly without a reason": (lambda w: w.words, {}, CutShort),
    "ends before a word": (lambda w: (), {}, CutShort),
    "is aborted": (lambda w: w.words, {"cut": True}, Unreachable),
    "is not of the format": (lambda w: (*w.words, w.broken), {}, AnswerMalformed),
    "is no JSON": (
        lambda w: (*w.words, b"event: message_delta\ndata: {nonsense\n\n"),
        {},
        AnswerMalformed,
    ),
    "is nested too deeply": (
        lambda w: (b"event: message_delta\ndata: " + b"[" * 200_000 + b"\n\n",),
        {},
        AnswerMalformed,
    ),
    "never ends": (lambda w: (b"data: " + b"x" * (1 << 20),) * 17, {}, AnswerMalformed),
    "is a page": (lambda w: (b"<html>",), {"kind": "text/html"}, AnswerMalformed),
    "says it is overloaded": (
        lambda w: (*w.words, w.error_event("overloaded_error", "Overloaded")),
        {},
        Overloaded,
    ),
    "says too often": (
        lambda w: (*w.words, w.error_event("rate_limit_error", "Slow down")),
        {},
        RateLimited,
    ),
    "says too long": (
        lambda w: (w.error_event("invalid_request_error", "prompt is too long: 9 > 8"),),
        {},
        ContextOverflow,
    ),
    "says something new": (
        lambda w: (*w.words, w.error_event("lights_out", "The lights went out")),
        {},
        CutShort,
    ),
}


@pytest.mark.parametrize("how", BREAKS)
async def test_an_answer_that_breaks(provider, server, wire, how):
    chunks, more, error = BREAKS[how]
    server.will(*chunks(wire), **more)
    assert type(await failure(provider)) is error


async def test_a_server_that_falls_silent(server, wire):
    server.will(*wire.words, hangs=True)
    provider = wire.kind(default_url=server.url, silent_seconds=0.2)
    assert type(await failure(provider)) is TimedOut
    await provider.close()


async def test_nobody_there(wire):
    provider = wire.kind(key=KEY, default_url="http://127.0.0.1:9")
    assert type(await failure(provider)) is Unreachable
    with pytest.raises(ModelUnavailable, match=r"cannot be reached \(connection refused\)"):
        await provider.ready("some-model")
    await provider.close()


async def test_an_address_that_is_none(wire):
    assert type(await failure(wire.kind(default_url="http://[::1"))) is ModelUnavailable


async def test_the_key_goes_to_the_users_own_address_alone(provider, server, wire, monkeypatch):
    monkeypatch.setenv(wire.key_variable, KEY)
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", f"X-Secret: {KEY}")
    server.will(*wire.words, *wire.stop("stop"))
    await ask(provider)
    other = f"http://localhost:{server.port}/v1"
    await ask(provider, replace(REQUEST, options={"base_url": other}))
    ours, others = server.heads
    assert KEY in ours
    assert KEY not in others
    assert KEY not in repr(provider)


async def test_the_makers_own_address_needs_a_key(wire):
    with pytest.raises(ModelUnavailable, match=f"needs a key. Set {wire.key_variable}, or give"):
        await wire.kind().ready("some-model")


async def test_ready_asks_for_the_models_and_believes_a_refused_key_alone(provider, server, wire):
    server.will(b"nothing here", status=404)
    await provider.ready("some-model")
    assert server.heads[0].startswith("GET /v1/models ")
    server.will(wire.error("authentication_error", "no"), status=401, kind="application/json")
    with pytest.raises(KeyRefused, match=f"does not accept the key: no. Set {wire.key_variable}"):
        await provider.ready("some-model")


@pytest.mark.parametrize(("model", "takes"), [("claude-sonnet-5-5", False), ("llama3.2", True)])
def test_what_a_model_does_not_take_is_not_sent(wires, model, takes):
    body = wires["anthropic"].kind().body(replace(REQUEST, model=model, temperature=0.5, seed=3))
    sent = json.loads(body)
    assert (sent.get("temperature"), sent.get("seed")) == ((0.5, 3) if takes else (None, None))


def test_no_sdk_is_loaded_before_a_model_is_asked(wires):
    modules = ", ".join(sorted({wire.kind.__module__ for wire in wires.values()}))
    code = (
        f"import sys, {modules}; print({{'anthropic', 'mistralai', 'httpx2'}} & {{*sys.modules}})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "set()\n"
