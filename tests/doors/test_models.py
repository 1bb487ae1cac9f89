"""The models behind a door, asked by plain HTTP through a real port."""

import asyncio
import json

import httpx2
import pytest

from sandbox.models.gateway import Outcome
from sandbox.models.provider import ChatTurn, ToolCall, ToolSpec

NOW = 1_790_000_000.0
WORDS = (
    "Nobody here but the lights. They have been humming since I came, and B flat is all they know."
)
SAID = Outcome(text=WORDS, stop="end", tokens_in=7, tokens_out=21, money=0.002)
CALLED = Outcome(
    text="Let me look.", calls=(ToolCall("c1", "look", {"at": "door"}),), stop="tools", tokens_in=3
)
WEATHER = {"type": "object", "properties": {"at": {"type": "string"}}}
ASKED = [{"role": "user", "content": "Is anybody there?"}]
HEADERS = {"authorization": "Bearer any", "host": "door"}


@pytest.fixture
async def post(opened, models, behind_of):
    """Send one JSON body to a door with these outcomes; give status, body and what is behind."""

    async def post(path, body, *outcomes, why=None, **headers):
        behind = behind_of(*outcomes)
        behind.why = why
        async with opened(models(behind), tcp=True) as door, httpx2.AsyncClient() as client:
            answer = await client.post(door.url + path, json=body, headers=headers)
        return answer, behind

    return post


async def test_openai_s_format(post, notes):
    body = {
        "model": "mistral-large",
        "messages": [{"role": "system", "content": "Be brief."}, *ASKED],
    }
    body |= {"temperature": 0.5, "seed": 7, "max_completion_tokens": 900, "user": "x"}
    answer, behind = await post("/v1/chat/completions", body, SAID, authorization="Bearer sk-1")
    told = answer.json()
    assert told.pop("id").startswith("chatcmpl-")
    assert told == {
        "object": "chat.completion",
        "created": int(NOW),
        "model": "mistral-large",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": WORDS},
                "finish_reason": "stop",
                "logprobs": None,
            }
        ],
        "usage": {"prompt_tokens": 7, "completion_tokens": 21, "total_tokens": 28},
    }
    ((model, request),) = behind.asked
    assert (model, request.model, request.agent) == (
        "mistral/mistral-large", "mistral-large", "door/mistral/mistral-large",
    )  # fmt: skip
    assert (request.system, request.turns) == (
        "Be brief.",
        (ChatTurn("user", "Is anybody there?"),),
    )
    assert (request.temperature, request.seed, request.max_tokens) == (0.5, 7, 500)
    assert (request.mode, request.options) == ("talk", {"base_url": "http://x"})

    touched, answered = notes.of("door.touched")[0], notes.of("door.answered")[0]
    assert json.loads(touched["body"]) == body
    assert "sk-1" not in json.dumps(touched)
    assert answered | {"bytes": 0} == {
        "door": "door",
        "act": "chat",
        "status": 200,
        "bytes": 0,
        "model": "mistral/mistral-large",
        "stream": False,
        "text": WORDS,
        "calls": [],
        "stop": "end",
        "tokens_in": 7,
        "tokens_out": 21,
        "money": 0.002,
    }


def data_of(text):
    return [line[6:] for line in text.splitlines() if line.startswith("data: ")]


async def test_openai_s_stream(post):
    body = {"model": "mistral-large", "messages": ASKED, "stream": True}
    answer, _ = await post("/v1/chat/completions", body, SAID)
    *chunks, end = data_of(answer.text)
    assert (answer.headers["content-type"], end) == ("text/event-stream; charset=utf-8", "[DONE]")
    choices = [json.loads(chunk)["choices"][0] for chunk in chunks]
    assert "".join(c["delta"].get("content") or "" for c in choices) == WORDS
    assert [c["finish_reason"] for c in choices] == [None] * (len(choices) - 1) + ["stop"]

    body["stream_options"] = {"include_usage": True}
    answer, _ = await post("/v1/chat/completions", body, CALLED)
    *_, called, stop, used = [json.loads(chunk) for chunk in data_of(answer.text)[:-1]]
    assert called["choices"][0]["delta"]["tool_calls"] == [
        {"index": 0, "id": "c1", "type": "function",
         "function": {"name": "look", "arguments": '{"at":"door"}'}},
    ]  # fmt: skip
    assert stop["choices"][0]["finish_reason"] == "tool_calls"
    assert (used["choices"], used["usage"]["prompt_tokens"]) == ([], 3)


async def test_tools_go_there_and_back(post):
    function = {"name": "look", "description": "Look.", "parameters": WEATHER}
    call = {
        "id": "c1",
        "type": "function",
        "function": {"name": "look", "arguments": '{"at": "door"}'},
    }
    turns = [
        *ASKED,
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "shut"}]},
    ]
    body = {"model": "mistral-large", "messages": turns}
    body["tools"] = [{"type": "function", "function": function}]
    answer, behind = await post("/v1/chat/completions", body, CALLED)
    assert answer.json()["choices"][0]["finish_reason"] == "tool_calls"
    request = behind.asked[0][1]
    assert request.mode == "tools"
    assert request.tools == (ToolSpec("look", "Look.", WEATHER),)
    assert request.turns[1:] == (
        ChatTurn("assistant", "", (ToolCall("c1", "look", {"at": "door"}),)),
        ChatTurn("tool", "shut", call_id="c1"),
    )


FAILED = [
    ("RateLimited", 429, "rate_limit_error", "rate_limit_error"),
    ("Overloaded", 503, "server_error", "overloaded_error"),
    ("ContextOverflow", 400, "invalid_request_error", "invalid_request_error"),
    ("KeyRefused", 500, "server_error", "api_error"),
]


@pytest.mark.parametrize(("kind", "status", "openai", "claude"), FAILED)
async def test_a_failure_is_told_in_the_maker_s_words_and_never_where_it_was(
    post, notes, kind, status, openai, claude
):
    failed = Outcome(error="https://secret.host said no to sk-house", error_kind=kind)
    body = {"model": "mistral-large", "messages": ASKED, "max_tokens": 5}
    answer, _ = await post("/v1/chat/completions", body, failed)
    assert (answer.status_code, answer.json()["error"]["type"]) == (status, openai)
    other, _ = await post("/v1/messages", body, failed)
    assert (other.status_code, other.json()["error"]["type"]) == (status, claude)
    assert "secret" not in answer.text + other.text
    assert notes.of("door.answered")[0]["error"] == failed.error


async def test_a_spent_budget_is_a_quota(post, notes):
    body = {"model": "mistral-large", "messages": ASKED, "max_tokens": 5}
    why = "ada has used 90 tokens of 90"
    answer, behind = await post("/v1/chat/completions", body, why=why)
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "insufficient_quota")
    assert behind.asked == []
    assert notes.of("door.answered")[0]["error"] == why


BAD = {
    "no JSON": (b"{", "the body: Input should be a valid dictionary or instance of _Body"),
    "no messages": (b'{"model": "m"}', "messages: Field required"),
    "no model": (b'{"messages": [{"role": "user", "content": ""}]}', "model: Field required"),
    "a picture": (
        b'{"model": "m", "messages": [{"role": "user", "content": [{"type": "image_url"}]}]}',
        "messages.0.content.str: Input should be a valid string",
    ),
    "two answers": (
        b'{"model": "m", "n": 2, "messages": [{"role": "user", "content": "x"}]}',
        "n: Input should be 1",
    ),
    "only a system prompt": (
        b'{"model": "m", "messages": [{"role": "system", "content": "x"}]}',
        "messages: there is nothing to answer",
    ),
    "a deep one": (b'{"model": ' + b"[" * 5000 + b"]" * 5000 + b"}", None),
}


@pytest.mark.parametrize("case", BAD)
async def test_what_is_no_chat_is_refused(opened, models, behind_of, case):
    body, why = BAD[case]
    async with opened(models(behind_of()), tcp=True) as door, httpx2.AsyncClient() as client:
        answer = await client.post(f"{door.url}/v1/chat/completions", content=body)
    assert answer.status_code == 400
    assert why in (None, answer.json()["error"]["message"])


async def test_lists_and_what_is_not_there(opened, models, behind_of):
    async with (
        opened(models(behind_of()), tcp=True) as door,
        httpx2.AsyncClient(base_url=door.url) as client,
    ):
        listed = (await client.get("/v1/models")).json()
        one = (await client.get("/models/claude-haiku")).json()
        claude = (
            await client.get("/v1/models/claude-haiku", headers={"anthropic-version": "1"})
        ).json()
        nowhere = await client.post("/v1/embeddings", json={})
        unknown = await client.get("/v1/models/gpt-9")
    assert (listed["object"], [m["owned_by"] for m in listed["data"]]) == (
        "list",
        ["mistral", "anthropic"],
    )
    assert (one["id"], claude["type"]) == ("claude-haiku", "model")
    assert (nowhere.status_code, unknown.status_code) == (404, 404)
    assert unknown.json()["error"]["code"] == "model_not_found"


async def test_two_calls_at_once_are_made_one_after_the_other(opened, notes, models, behind_of):
    class Slow(behind_of):
        under_way = 0

        async def ask(self, model, request):
            Slow.under_way += 1
            assert Slow.under_way == 1
            await asyncio.sleep(0.02)
            Slow.under_way -= 1
            return SAID

    body = {"model": "mistral-large", "messages": ASKED}
    async with (
        opened(models(Slow()), tcp=True) as door,
        httpx2.AsyncClient(base_url=door.url) as client,
        asyncio.TaskGroup() as tasks,
    ):
        for _ in range(5):
            tasks.create_task(client.post("/v1/chat/completions", json=body))
    assert [data["status"] for data in notes.of("door.answered")] == [200] * 5
