"""Actions as JSON: what is read, what is refused and in which words."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.tools.schemas import SCHEMAS
from sandbox.models.actions import Malformed, action_schema, check_call, parse_action
from sandbox.models.provider import ToolCall, ToolSpec

TOOLS = tuple(ToolSpec(name, tool["about"], tool["schema"]) for name, tool in SCHEMAS.items())
SAY, PASS = (next(tool for tool in TOOLS if tool.name == name) for name in ("say", "pass"))


@pytest.mark.parametrize(
    "text",
    [
        '{"action": "say", "text": "hi"}',
        ' {"text": "hi", "action": "say"}\n',
        'Sure!\n```json\n{"action": "say", "text": "hi"}\n```\nDone.',
    ],
)
def test_an_action_is_read(text):
    assert parse_action(text, TOOLS) == ToolCall("json", "say", {"text": "hi"})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "there is no whole JSON object in it"),
        ("I say hello.", "there is no whole JSON object in it"),
        ('{"action": "say", "text": "I was cut', "there is no whole JSON object in it"),
        ("{action: say}", "its JSON cannot be read"),
        ('{"action": "say"} {"action": "pass"}', "its JSON cannot be read"),
        ('["say"]', "an action is one JSON object"),
        ('{"text": "hi"}', "the key 'action' must be there and be the name of an action"),
        ('{"action": 7}', "the key 'action' must be there and be the name of an action"),
        ('{"action": "fly"}', "there is no action 'fly'; the actions are: say, pass"),
        ('{"action": "say", "text": "\\ud800"}', "its JSON cannot be read"),
        ('{"action": "say", "text": NaN}', "its JSON cannot be read"),
        ("[" * 100_000, "there is no whole JSON object in it"),
        ('{"a":' * 100_000 + "}" * 100_000, "its JSON cannot be read"),
    ],
)
def test_what_is_no_action_is_named(text, reason):
    assert parse_action(text, (SAY, PASS)) == Malformed(reason)


actions = st.text() | st.text().map(lambda text: f"{{{text}}}") | st.builds(json.dumps, st.dictionaries(
    st.sampled_from(["action", "text", "to"]), st.sampled_from(["say", "pass", 1, None, []])
))  # fmt: skip


@given(actions)
def test_no_text_raises(text):
    read = parse_action(text, TOOLS)
    assert isinstance(read, ToolCall | Malformed)
    if isinstance(read, ToolCall):
        check_call(read, TOOLS)


@pytest.mark.parametrize(
    ("tool", "args", "wrong"),
    [
        ("say", {"text": "hi", "to": "bo"}, None),
        ("pass", {}, None),
        ("shell", {"command": "ls", "seconds": 5}, None),
        ("open_room", {"name": "den", "members": ["bo"], "enter": "nobody"}, None),
        ("say", {}, "Say needs 'text'."),
        ("say", {"text": 7}, "'text' of say must be a text, not a whole number."),
        ("say", {"text": True}, "'text' of say must be a text, not true or false."),
        ("say", {"text": ""}, "'text' of say must not be empty."),
        ("say", {"text": "hi", "loud": 1}, "Say does not take 'loud'; it takes text, to."),
        (
            "say",
            {"text": "x" * 100_001},
            "'text' of say has 100,001 characters; at most 100,000 are allowed.",
        ),
        ("pass", {"text": "hi"}, "Pass does not take 'text'; it takes no arguments."),
        ("say", "{broken", "The arguments of say must be one JSON object."),
        ("shell", {"command": "ls", "seconds": 0}, "'seconds' of shell must be above 0."),
        ("shell", {"command": "ls", "seconds": 999}, "'seconds' of shell must be at most 120."),
        (
            "shell",
            {"command": "ls", "seconds": True},
            "'seconds' of shell must be a number, not true or false.",
        ),
        (
            "open_room",
            {"name": "den", "members": ["bo", 3]},
            "An item of 'members' of open_room must be a text, not a whole number.",
        ),
        (
            "open_room",
            {"name": "den", "members": ["bo"] * 201},
            "'members' of open_room has 201 items; at most 200 are allowed.",
        ),
        (
            "open_room",
            {"name": "den", "enter": "me"},
            "'enter' of open_room must be one of 'anyone', 'invited', 'nobody'.",
        ),
    ],
)
def test_a_call_is_checked_against_its_tool(tool, args, wrong):
    assert check_call(ToolCall("s1", tool, args), TOOLS) == wrong


def test_a_tool_that_the_agent_has_not():
    assert check_call(ToolCall("s1", "shell", {}), (SAY, PASS)) == (
        "There is no action 'shell'; the actions are: say, pass."
    )


def test_the_schema_of_an_action_puts_its_name_first_and_leaves_large_bounds_out():
    text = {"type": "string", "minLength": 1}
    name = {"type": "string", "minLength": 1, "maxLength": 64}
    say, stop = action_schema((SAY, PASS))["anyOf"]
    assert list(say["properties"]) == ["action", "text", "to"]
    assert say == {
        "type": "object",
        "properties": {"action": {"const": "say"}, "text": text, "to": name},
        "required": ["action", "text"],
        "additionalProperties": False,
    }
    assert stop["properties"] == {"action": {"const": "pass"}}


def test_names_may_be_held_to_those_who_are_there():
    (say,) = action_schema((SAY,), ["bo", "cy"])["anyOf"]
    assert say["properties"]["to"] == {"type": "string", "enum": ["bo", "cy"]}


def test_making_a_schema_changes_no_tool():
    before = json.dumps(SCHEMAS)
    action_schema(TOOLS, ["bo"])
    assert json.dumps(SCHEMAS) == before


def keys(schema):
    yield from schema
    for part in schema.get("properties", {}).values():
        yield from keys(part)
    if "items" in schema:
        yield from keys(schema["items"])


def test_every_rule_that_a_tool_uses_is_checked():
    checked = {
        "type", "properties", "required", "additionalProperties", "description", "items", "enum",
        "minLength", "maxLength", "maxItems", "minimum", "maximum", "exclusiveMinimum",
    }  # fmt: skip
    assert {key for tool in TOOLS for key in keys(tool.schema)} <= checked
