"""Histories as strict makers demand them: what is sent of any turns, and that nothing is lost."""

import json
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.models.anthropic_messages import AnthropicMessages
from sandbox.models.capabilities import Capabilities
from sandbox.models.history import CUE, Heard, Spoke, alternating
from sandbox.models.mistral_chat import MistralChat
from sandbox.models.provider import ChatTurn, Request, ToolCall, ToolSpec

SHELL = ToolSpec("shell", "Runs a command line.", {"type": "object", "properties": {}})
CALL = ToolCall("c12-1", "shell", {"command": "ls"})
TURNS = (
    ChatTurn("user", "bo: Hello?"),
    ChatTurn("assistant", "Let me see.", (CALL,)),
    ChatTurn("tool", "a.txt", call_id="c12-1"),
    ChatTurn("user", "bo: And?"),
)
REQUEST = Request("m", "ada", 1, 1, "You are ada.", TURNS, (SHELL,), "tools", max_tokens=50)


def sent(kind, request=REQUEST, **more):
    return json.loads(kind(**more).body(request))


def test_anthropics_messages_whole():
    assert sent(AnthropicMessages) == {
        "model": "m",
        "max_tokens": 50,
        "system": "You are ada.",
        "tools": [
            {"name": "shell", "description": SHELL.about, "input_schema": dict(SHELL.schema)}
        ],
        "tool_choice": {"type": "auto"},
        "messages": [
            {"role": "user", "content": "bo: Hello?"},
            {
                "role": "assistant",
                "content": [
                    {"type": "text", "text": "Let me see."},
                    {"type": "tool_use", "id": "c12-1", "name": "shell", "input": CALL.args},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "c12-1", "content": "a.txt"},
                    {"type": "text", "text": "bo: And?"},
                ],
            },
        ],
        "cache_control": {"type": "ephemeral"},
        "stream": True,
    }


def test_mistrals_messages_whole():
    body = sent(MistralChat, replace(REQUEST, temperature=0.5, seed=7))
    call = body["messages"][2]["tool_calls"][0]["id"]
    assert (len(call), call.isalnum()) == (9, True)
    function = {"name": "shell", "description": SHELL.about, "parameters": dict(SHELL.schema)}
    assert body == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "You are ada."},
            {"role": "user", "content": "bo: Hello?"},
            {
                "role": "assistant",
                "content": "Let me see.",
                "tool_calls": [
                    {
                        "id": call,
                        "type": "function",
                        "function": {"name": "shell", "arguments": '{"command":"ls"}'},
                    }
                ],
            },
            {"role": "tool", "tool_call_id": call, "content": "a.txt\n\nbo: And?"},
        ],
        "max_tokens": 50,
        "stream": True,
        "tools": [{"type": "function", "function": function}],
        "tool_choice": "auto",
        "temperature": 0.5,
        "random_seed": 7,
    }


def test_in_mode_json_mistral_is_held_to_the_schema_and_claude_is_asked():
    request = replace(REQUEST, mode="json")
    schema = sent(MistralChat, request)["response_format"]["json_schema"]["schema"]
    assert schema["anyOf"][0]["properties"]["action"] == {"const": "shell"}
    assert "tools" not in sent(MistralChat, request)
    assert "tools" not in sent(AnthropicMessages, request)


@pytest.mark.parametrize(("known", "takes"), [(True, True), (False, False), (None, False)])
def test_what_is_known_of_a_model_decides_over_its_settings(known, takes):
    def capabilities(model):
        assert model == "anthropic/claude-x"
        return Capabilities(temperature=known, seed=known)

    request = replace(REQUEST, model="claude-x", temperature=0.5, seed=7)
    body = sent(AnthropicMessages, request, capabilities=capabilities)
    assert {"temperature", "seed"} <= body.keys() if takes else "seed" not in body


def test_a_call_that_is_no_json_goes_back_as_far_as_the_maker_takes_it():
    turns = (TURNS[0], ChatTurn("assistant", "", (replace(CALL, args="{oh"),)))
    request = replace(REQUEST, turns=turns)
    assert sent(AnthropicMessages, request)["messages"][1]["content"][0]["input"] == {}
    call = sent(MistralChat, request)["messages"][2]["tool_calls"][0]
    assert call["function"]["arguments"] == "{oh"


@pytest.mark.parametrize(
    ("turns", "sides"),
    [
        ((), [Heard(words=[CUE])]),
        ((ChatTurn("assistant", "Hi."),), [Heard(words=[CUE]), Spoke(["Hi."]), Heard(words=[CUE])]),
        ((ChatTurn("user", "a"), ChatTurn("user", "b")), [Heard(words=["a", "b"])]),
        (
            (ChatTurn("user", "a"), ChatTurn("assistant", " "), ChatTurn("user", "b")),
            [Heard(words=["a", "b"])],
        ),
        (
            (ChatTurn("tool", "late", call_id="c1"), ChatTurn("user", "a")),
            [Heard(words=["(result: late)", "a"])],
        ),
        (
            (ChatTurn("user", "a"), ChatTurn("assistant", "", (CALL,)), ChatTurn("user", "b")),
            [Heard(words=["a"]), Spoke(calls=[CALL]), Heard({"c12-1": "(no result)"}, ["b"])],
        ),
    ],
)
def test_histories_that_makers_would_refuse(turns, sides):
    assert alternating(turns) == sides


ids = st.sampled_from(["c1", "c2", "c3"])
texts = st.sampled_from(["", " ", "one", "two", "three"])
spoken = st.builds(
    lambda text, calls: ChatTurn("assistant", text, tuple(ToolCall(c, "t", {}) for c in calls)),
    texts,
    st.lists(ids, unique=True, max_size=2),
)
heard = st.builds(ChatTurn, st.just("user"), texts)
results = st.builds(lambda text, call: ChatTurn("tool", text, call_id=call), texts, ids)


@given(st.lists(spoken | heard | results, max_size=12))
def test_any_history_becomes_one_that_every_maker_takes(turns):
    sides = alternating(turns)
    assert isinstance(sides[0], Heard)
    assert isinstance(sides[-1], Heard)
    assert all(type(one) is not type(two) for one, two in pairwise(sides))
    assert all(word.strip() for side in sides for word in side.words)
    for one, two in pairwise(sides):
        if isinstance(one, Spoke):
            assert list(two.results) == [call.id for call in one.calls]
            assert one.words or one.calls
        else:
            assert one.words or one.results
    told = "\n".join(f"{side.words}{getattr(side, 'results', '')}" for side in sides)
    assert all(turn.text in told for turn in turns if turn.role == "user" and turn.text.strip())


@given(st.lists(spoken | heard | results, max_size=12))
def test_mistral_never_hears_a_user_behind_a_result(turns):
    messages = sent(MistralChat, replace(REQUEST, turns=turns))["messages"]
    roles = [message["role"] for message in messages]
    assert ("tool", "user") not in set(pairwise(roles))
    assert roles[-1] in {"user", "tool"}
