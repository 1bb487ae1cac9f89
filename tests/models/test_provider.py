"""What every provider does: the double, scripted, the makers over real HTTP, local with real weights."""

import asyncio
import hashlib
import json
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, get_args

import pytest

from sandbox.errors import ModelError, ModelFailed
from sandbox.models.anthropic_messages import AnthropicMessages
from sandbox.models.local import Local
from sandbox.models.memory import CannedProvider
from sandbox.models.mistral_chat import MistralChat
from sandbox.models.openai_compatible import OpenAICompatible
from sandbox.models.provider import (
    ChatTurn,
    Done,
    Mode,
    Provider,
    Request,
    TextDelta,
    ToolCall,
    Usage,
)
from sandbox.models.scripted import Script, Scripted
from sandbox.scenario.schema import ScriptLine

ASKED = Request(
    model="any",
    agent="ada",
    turn=3,
    think=1,
    system="You are ada. You are in a room called lobby, with bo.",
    turns=(
        ChatTurn("user", "bo: Is somebody there?"),
        ChatTurn("assistant", "Yes, by the door."),
        ChatTurn("user", "bo: What is behind it?"),
    ),
    max_tokens=24,
    seed=7,
    names=("bo",),
)


@dataclass
class Case:
    provider: Any
    request: Request
    broken: Any
    """A provider of the same kind, and a request that it cannot answer."""
    unanswerable: Request
    wired: bool = True
    """A body goes over a wire."""


async def double(server, tmp_path):
    answers = ["Nothing."] * 5
    return Case(CannedProvider(answers), ASKED, CannedProvider([ModelFailed("no")]), ASKED)


async def scripted(server, tmp_path):
    lines = tuple(ScriptLine(say=f"Door {n}.") for n in range(5))
    playing = Scripted({"ada": Script(lines)})
    return Case(
        playing, replace(ASKED, model=""), playing, replace(ASKED, agent="zoe"), wired=False
    )


async def openai(server, tmp_path):
    asked = replace(ASKED, options={"base_url": server.url})
    nowhere = replace(ASKED, options={"base_url": "http://127.0.0.1:9/v1"})
    return Case(OpenAICompatible(default_url=server.url), asked, OpenAICompatible(), nowhere)


async def anthropic(server, tmp_path):
    return await hosted(AnthropicMessages, server, [
        event(type="message_start", message={"usage": {"input_tokens": 7, "output_tokens": 1}}),
        event(type="content_block_start", index=0, content_block={"type": "text", "text": "No"}),
        event(type="content_block_delta", index=0, delta={"type": "text_delta", "text": "thing"}),
        event(type="message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 3}),
    ])  # fmt: skip


async def mistral(server, tmp_path):
    choice = {"index": 0, "delta": {"content": "Nothing."}, "finish_reason": None}
    usage = {"prompt_tokens": 7, "completion_tokens": 3}
    return await hosted(MistralChat, server, [
        event(id="c", model="any", choices=[choice]),
        event(id="c", model="any", choices=[choice | {"finish_reason": "stop"}], usage=usage),
    ])  # fmt: skip


async def hosted(kind, server, chunks):
    server.will(*chunks)
    asked = replace(ASKED, options={"base_url": server.url})
    nowhere = replace(ASKED, options={"base_url": "http://127.0.0.1:9"})
    return Case(kind(default_url=server.url), asked, kind(), nowhere)


def event(**data):
    name = f"event: {data['type']}\n" if "type" in data else ""
    return f"{name}data: {json.dumps(data)}\n\n".encode()


async def local(server, tmp_path):
    asked = replace(ASKED, model="smollm2")
    return Case(Local(), asked, Local(tmp_path), asked)


KINDS = [
    double,
    scripted,
    openai,
    anthropic,
    mistral,
    pytest.param(local, marks=pytest.mark.needs("local-model")),
]


@pytest.fixture(params=KINDS)
async def case(request, server, tmp_path):
    made = await request.param(server, tmp_path)
    yield made
    await made.provider.close()
    await made.broken.close()


async def asked(provider, request):
    return [part async for part in provider.stream(request)]


async def test_a_stream_is_words_and_calls_then_usage_then_done(case):
    parts = await asked(case.provider, case.request)
    kinds = [type(part) for part in parts]
    assert kinds[-2:] == [Usage, Done]
    assert set(kinds[:-2]) <= {TextDelta, ToolCall}
    assert "".join(part.text for part in parts if isinstance(part, TextDelta)).strip()


async def test_the_body_is_a_pure_function_and_is_what_was_sent(case):
    before = repr(case.request)
    body = case.provider.body(case.request)
    parts = await asked(case.provider, case.request)
    assert case.provider.body(case.request) == body
    assert repr(case.request) == before
    sent = (hashlib.sha256(body).hexdigest(), len(body)) if case.wired else ("", 0)
    assert (parts[-1].sent_sha256, parts[-1].sent_bytes) == sent


async def test_what_cannot_be_answered_is_a_model_error(case):
    with pytest.raises(ModelError):
        await asked(case.broken, case.unanswerable)


async def test_a_stream_left_in_the_middle_leaves_nothing_behind(case):
    await case.provider.ready(case.request.model)
    before = asyncio.all_tasks()
    async with aclosing(case.provider.stream(case.request)) as parts:
        await anext(parts)
    # The HTTP client closes its inner generators in tasks of their own, a tick later.
    late = asyncio.all_tasks() - before
    if late:
        await asyncio.wait(late, timeout=5)
    assert asyncio.all_tasks() <= before
    assert isinstance((await asked(case.provider, case.request))[-1], Done)


async def test_a_cancelled_question_can_be_asked_again(case):
    await case.provider.ready(case.request.model)
    task = asyncio.create_task(asked(case.provider, case.request))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert isinstance((await asked(case.provider, case.request))[-1], Done)


async def test_closing_twice_is_the_same_as_once(case):
    await asked(case.provider, case.request)
    await case.provider.close()
    await case.provider.close()


async def test_a_provider_says_what_its_models_are(case):
    provider: Provider = case.provider
    assert provider.name
    assert provider.family(case.request.model)
    assert {provider.mode(case.request.model, acts=acts) for acts in (True, False)} <= {
        *get_args(Mode)
    }
