"""The models behind a door, asked by their makers' own SDKs, which know nothing but a port."""

import json

import anthropic
import pytest
from mistralai.client import Mistral
from mistralai.client.errors import SDKError

from sandbox.models.gateway import Outcome
from sandbox.models.provider import ChatTurn, ToolCall

WORDS = (
    "Nobody here but the lights. They have been humming since I came, and B flat is all they know."
)
SAID = Outcome(text=WORDS, stop="end", tokens_in=7, tokens_out=21, money=0.002)
CALLED = Outcome(
    text="Let me look.", calls=(ToolCall("c1", "look", {"at": "door"}),), stop="tools", tokens_in=3
)
WEATHER = {"type": "object", "properties": {"at": {"type": "string"}}}
ASKED = [{"role": "user", "content": "Is anybody there?"}]


async def test_mistral_s_own_sdk(opened, models, behind_of):
    behind = behind_of(SAID, SAID, CALLED)
    async with (
        opened(models(behind), tcp=True) as door,
        Mistral(api_key="any", server_url=door.url) as client,
    ):
        listed = await client.models.list_async()
        whole = await client.chat.complete_async(
            model="mistral-large", messages=ASKED, random_seed=5
        )
        words = []
        stream = await client.chat.stream_async(model="mistral-large", messages=ASKED)
        async for event in stream:
            words.append(event.data.choices[0].delta.content)
        tools = [{"type": "function", "function": {"name": "look", "parameters": WEATHER}}]
        called = await client.chat.complete_async(
            model="mistral-large", messages=ASKED, tools=tools
        )
        with pytest.raises(SDKError) as unknown:
            await client.chat.complete_async(model="gpt-9", messages=ASKED)
    assert [model.id for model in listed.data] == ["mistral-large", "claude-haiku"]
    assert whole.choices[0].message.content == WORDS
    assert behind.asked[0][1].seed == 5
    assert ("".join(words), event.data.usage.total_tokens) == (WORDS, 28)
    assert called.choices[0].message.tool_calls[0].function.arguments == '{"at":"door"}'
    assert json.loads(unknown.value.body) == {
        "object": "error",
        "message": "Invalid model: gpt-9",
        "type": "invalid_model",
        "param": None,
        "code": "1500",
        "raw_status_code": 400,
    }


async def test_anthropic_s_own_sdk(opened, models, behind_of):
    behind = behind_of(SAID, CALLED, CALLED)
    asked = {"model": "claude-haiku", "max_tokens": 64, "messages": ASKED}
    async with (
        opened(models(behind), tcp=True) as door,
        anthropic.AsyncAnthropic(api_key="any", base_url=door.url, max_retries=0) as client,
    ):
        listed = await client.models.list()
        whole = await client.messages.create(**asked, system="Be brief.")
        async with client.messages.stream(**asked) as stream:
            words = "".join([text async for text in stream.text_stream])
            streamed = await stream.get_final_message()
        result = {"type": "tool_result", "tool_use_id": "c1", "content": "shut"}
        turns = [
            *ASKED,
            {
                "role": "assistant",
                "content": [block.model_dump() for block in streamed.content],
            },
            {"role": "user", "content": [result]},
        ]
        tools = [{"name": "look", "input_schema": WEATHER}]
        await client.messages.create(**asked | {"messages": turns}, tools=tools)
        with pytest.raises(anthropic.NotFoundError) as unknown:
            await client.messages.create(**asked | {"model": "claude-9"})
    assert [model.id for model in listed.data] == ["mistral-large", "claude-haiku"]
    assert (whole.content[0].text, whole.stop_reason) == (WORDS, "end_turn")
    assert (whole.usage.input_tokens, whole.usage.output_tokens) == (7, 21)
    assert (words, streamed.stop_reason) == ("Let me look.", "tool_use")
    assert streamed.content[1].input == {"at": "door"}
    assert behind.asked[0][1].system == "Be brief."
    assert behind.asked[2][1].turns[1:] == (
        ChatTurn("assistant", "Let me look.", (ToolCall("c1", "look", {"at": "door"}),)),
        ChatTurn("tool", "shut", call_id="c1"),
    )
    assert unknown.value.body == {
        "type": "error",
        "error": {"type": "not_found_error", "message": "model: claude-9"},
    }
