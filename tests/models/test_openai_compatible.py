"""The provider ``openai`` against a real HTTP server: what is sent, what is read, how failures read."""

import asyncio
import json
from dataclasses import replace

import pytest

from sandbox.errors import ModelFailed, ModelUnavailable
from sandbox.models.openai_compatible import OpenAICompatible
from sandbox.models.provider import ChatTurn, Done, Request, TextDelta, ToolCall, ToolSpec, Usage

KEY = "sk-very-secret"
SHELL = ToolSpec(
    "shell",
    "Runs a command line.",
    {"type": "object", "properties": {"command": {"type": "string"}}, "required": ["command"]},
)
REQUEST = Request(
    model="llama3.2",
    agent="ada",
    turn=1,
    think=1,
    system="You are ada.",
    turns=(ChatTurn("user", "bo: Hello?"),),
)


async def ask(provider, request=REQUEST):
    return [part async for part in provider.stream(request)]


@pytest.fixture
async def provider(server):
    made = OpenAICompatible(key=KEY, default_url=server.url, silent_seconds=5)
    yield made
    await made.close()


async def failure(provider, request=REQUEST):
    with pytest.raises((ModelFailed, ModelUnavailable)) as caught:
        await ask(provider, request)
    assert KEY not in str(caught.value)
    return type(caught.value).__name__, str(caught.value)


async def test_words_usage_and_done(provider, server):
    *parts, done = await ask(provider)
    assert parts == [TextDelta("Hello"), TextDelta(" there."), Usage(7, 3)]
    assert done.stop == "end"


async def test_exactly_the_body_is_posted(provider, server):
    request = replace(REQUEST, temperature=0.5, seed=9, max_tokens=50)
    done = (await ask(provider, request))[-1]
    assert server.asked == [provider.body(request)]
    assert done.sent_bytes == len(server.asked[0])
    assert json.loads(server.asked[0]) == {
        "model": "llama3.2",
        "messages": [
            {"role": "system", "content": "You are ada."},
            {"role": "user", "content": "bo: Hello?"},
        ],
        "max_tokens": 50,
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.5,
        "seed": 9,
    }


def test_calls_and_results_are_sent_in_the_makers_form():
    turns = (
        ChatTurn("assistant", "", (ToolCall("c1", "shell", {"command": "ls"}),)),
        ChatTurn("tool", "a.txt", call_id="c1"),
    )
    request = replace(REQUEST, turns=turns, tools=(SHELL,), mode="tools")
    body = json.loads(OpenAICompatible().body(request))
    call = {"name": "shell", "arguments": '{"command":"ls"}'}
    assert body["messages"][1:] == [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c1", "type": "function", "function": call}],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "a.txt"},
    ]
    function = {"name": "shell", "description": SHELL.about, "parameters": SHELL.schema}
    assert body["tools"] == [{"type": "function", "function": function}]
    assert body["max_completion_tokens"] == 512  # OpenAI's own servers take no other name


def test_in_mode_json_the_answer_is_held_to_the_actions_schema():
    body = json.loads(OpenAICompatible().body(replace(REQUEST, tools=(SHELL,), mode="json")))
    assert "tools" not in body
    (action,) = body["response_format"]["json_schema"]["schema"]["anyOf"]
    assert action["properties"]["action"] == {"const": "shell"}


async def test_calls_come_in_pieces(provider, server):
    def piece(index, **call):
        return server.delta(tool_calls=[{"index": index, **call}])

    server.will(
        server.delta(content="Let me see."),
        piece(0, id="a", function={"name": "shell", "arguments": ""}),
        piece(0, function={"arguments": '{"comm'}),
        piece(1, id="b", function={"name": "shell", "arguments": '{"command": '}),
        piece(0, function={"arguments": 'and": "ls"}'}),
        server.delta("tool_calls"),
        server.usage,
        server.done,
    )
    assert (await ask(provider))[:-2] == [
        TextDelta("Let me see."),
        ToolCall("a", "shell", {"command": "ls"}),
        ToolCall("b", "shell", '{"command": '),
    ]


@pytest.mark.parametrize(
    ("finish", "stop"),
    [("stop", "end"), ("length", "length"), ("content_filter", "filter"), ("eos", "end")],
)
async def test_why_it_stopped(provider, server, finish, stop):
    server.will(*server.hello, server.delta(finish))
    assert isinstance(done := (await ask(provider))[-1], Done)
    assert done.stop == stop


async def test_a_refusal_is_told_apart(provider, server):
    server.will(server.delta(refusal="I cannot."), server.delta("stop"))
    parts = await ask(provider)
    assert (parts[0], parts[-1].stop) == (TextDelta("I cannot."), "refusal")


def status(code, why="Bad luck.", **headers):
    said = json.dumps({"error": {"message": why, "type": "x"}}).encode()
    return {"chunks": (said,), "status": code, "kind": "application/json", "headers": headers}


REFUSALS = [
    (
        status(401, f"Incorrect API key provided: {KEY}."),
        "KeyRefused",
        (
            "{who} does not accept the key: Incorrect API key provided: (the key). "
            "Set OPENAI_API_KEY to a valid key."
        ),
    ),
    (
        status(403),
        "KeyRefused",
        (
            "{who} does not allow 'llama3.2' with this key: Bad luck. "
            "Set OPENAI_API_KEY to a valid key."
        ),
    ),
    (
        status(404, "model not found"),
        "ModelUnavailable",
        (
            "{who} knows no model 'llama3.2' or has no such path: model not found. "
            "See which models it lists; a base URL mostly ends in /v1"
        ),
    ),
    (
        status(429, "slow down", **{"retry-after": "7"}),
        "RateLimited",
        "{who} was asked too often: slow down; it asks to wait 7 s",
    ),
    (
        status(400, "a\x1b[31mb\nc"),
        "RequestRefused",
        "{who} refused the request with status 400: a [31mb c",
    ),
    (status(500), "Overloaded", "{who} failed with status 500: Bad luck"),
    (status(529, ""), "Overloaded", "{who} failed with status 529"),
    (
        status(302, location="http://evil.test/"),
        "ModelUnavailable",
        "{who} sends us elsewhere (status 302): give the final address",
    ),
]


@pytest.mark.parametrize(("reply", "kind", "text"), REFUSALS)
async def test_refusals(provider, server, reply, kind, text):
    server.will(*reply.pop("chunks"), **reply)
    who = f"the model server at {server.url}"
    assert await failure(provider) == (kind, text.format(who=who))


async def test_a_stream_that_ends_without_a_reason_is_a_failure(provider, server):
    server.will(*server.hello, server.done)
    text = f"the model server at {server.url} broke off in the middle of an answer"
    assert await failure(provider) == ("CutShort", text)


async def test_a_connection_that_breaks_is_a_failure(provider, server):
    server.will(*server.hello, cut=True)
    kind, text = await failure(provider)
    assert kind == "Unreachable"
    assert text.startswith(f"the model server at {server.url}: the connection broke (")


@pytest.mark.parametrize(
    ("chunk", "error", "text"),
    [
        (
            b"data: {nonsense\n\n",
            "AnswerMalformed",
            "sent what is not of its format: no JSON: {nonsense",
        ),
        (b"data: [1]\n\n", "AnswerMalformed", "sent what is not of its format: no object: [1]"),
        (
            b'data: {"choices": [7]}\n\n',
            "AnswerMalformed",
            'sent what is not of its format: {"choices": [7]}',
        ),
        (
            b'data: {"error": {"message": "out of memory"}}\n\n',
            "CutShort",
            "broke off with an error: out of memory",
        ),
        (
            b"data: " + b"x" * (1 << 20),
            "AnswerMalformed",
            "sent what is not of its format: one event has more than",
        ),
    ],
)
async def test_an_answer_that_is_none(provider, server, chunk, error, text):
    server.will(*server.hello, chunk)
    kind, said = await failure(provider)
    assert kind == error
    assert said.startswith(f"the model server at {server.url} {text}")


async def test_an_answer_that_is_no_stream(provider, server):
    server.will(b"<html>", kind="text/html")
    who = f"the model server at {server.url}"
    assert await failure(provider) == (
        "AnswerMalformed",
        f"{who} answered with 'text/html', not a stream",
    )


async def test_a_server_that_falls_silent(server):
    server.will(*server.hello, hangs=True)
    provider = OpenAICompatible(default_url=server.url, silent_seconds=0.05)
    who = f"the model server at {server.url}"
    assert await failure(provider) == ("TimedOut", f"{who} said nothing for too long")
    await provider.close()


async def test_a_cancelled_question_hangs_up(provider, server):
    server.will(*server.hello, hangs=True)
    begun = asyncio.Event()

    async def question():
        async for _ in provider.stream(REQUEST):
            begun.set()

    task = asyncio.create_task(question())
    await begun.wait()
    task.cancel()
    await asyncio.wait([task])
    await asyncio.wait_for(server.gone.wait(), 5)


async def test_nobody_there():
    provider = OpenAICompatible(default_url="http://user:pass@127.0.0.1:9/v1/")
    assert await failure(provider) == (
        "Unreachable",
        (
            "the model server at http://127.0.0.1:9/v1 cannot be reached (connection refused). "
            "Start it, or correct the agent's base_url or OPENAI_BASE_URL."
        ),
    )
    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        await provider.ready("llama3.2")
    await provider.close()


async def test_the_key_goes_to_the_users_own_address_alone(provider, server):
    await ask(provider)
    other = replace(REQUEST, options={"base_url": f"http://localhost:{server.port}/v1"})
    await ask(provider, other)
    assert [f"authorization: bearer {KEY}" in head.lower() for head in server.heads] == [
        True,
        False,
    ]
    assert KEY not in repr(provider)


async def test_openai_itself_needs_a_key():
    with pytest.raises(ModelUnavailable) as caught:
        await OpenAICompatible().ready("gpt-5")
    assert str(caught.value) == (
        "the model server at https://api.openai.com/v1 needs a key. Set OPENAI_API_KEY, or give the "
        "agent the base_url of another server, such as http://127.0.0.1:11434/v1"
    )


async def test_ready_asks_every_address_of_the_model(provider, server):
    made = OpenAICompatible(addresses={"llama3.2": [server.url, "http://127.0.0.1:9/v1"]})
    with pytest.raises(ModelUnavailable, match=r"127\.0\.0\.1:9/v1 cannot be reached"):
        await made.ready("llama3.2")
    assert server.heads[0].startswith("GET /v1/models ")
    await made.close()
