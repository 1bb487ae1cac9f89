"""A person as a model: what is asked, and what a line means."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.tools.schemas import SCHEMAS
from sandbox.clock import ManualClock
from sandbox.engine.cast import tool_specs
from sandbox.errors import ModelUnavailable
from sandbox.models.human import Human, Prompt
from sandbox.models.human_line import Unclear, help_text, read_line
from sandbox.models.provider import ChatTurn, Done, Request, TextDelta, ToolCall, Usage

TOOLS = tool_specs(["say", "whisper", "open_room", "invite", "enter", "leave", "pass"])
REQUEST = Request(
    model="me",
    agent="ada",
    turn=3,
    think=1,
    system="You are ada.",
    turns=(ChatTurn("user", "bo: Is somebody there?\n(cy came into lobby.)"),),
    tools=TOOLS,
    mode="tools",
)


class Person:
    """Types the given lines, takes ten seconds for each, and goes away after the last."""

    def __init__(self, *lines):
        self.lines = list(lines)
        self.prompts = []
        self.clock = ManualClock()

    async def __call__(self, prompt):
        self.prompts.append(prompt)
        self.clock.advance(10)
        if not self.lines:
            raise EOFError
        return self.lines.pop(0)


async def answered(person, *requests):
    human = Human(person, clock=person.clock)
    return [[part async for part in human.stream(request)] for request in requests]


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("Yes, by the door.", TextDelta("Yes, by the door.")),
        ("//help is what I need", TextDelta("/help is what I need")),
        ("", ToolCall("p1", "pass", {})),
        ("  ", ToolCall("p1", "pass", {})),
        ("/pass", ToolCall("p1", "pass", {})),
        ("/leave", ToolCall("p1", "leave", {})),
        ("/leave attic", ToolCall("p1", "leave", {"room": "attic"})),
        ("/whisper bo not so loud", ToolCall("p1", "whisper", {"to": "bo", "text": "not so loud"})),
        ("/enter cellar", ToolCall("p1", "enter", {"room": "cellar"})),
    ],
)
async def test_what_a_line_means(line, part):
    stop = "tools" if isinstance(part, ToolCall) else "end"
    assert await answered(Person(line), REQUEST) == [[part, Usage(0, 0), Done(stop)]]


async def test_a_person_is_shown_what_is_new_and_how_long_there_is():
    person = Person("hello", "again")
    later = replace(
        REQUEST,
        turn=5,
        turns=(*REQUEST.turns, ChatTurn("assistant", "hello"), ChatTurn("user", "bo: hi")),
    )
    await answered(person, REQUEST, later)
    new = ("bo: Is somebody there?", "(cy came into lobby.)")
    assert person.prompts == [
        Prompt("ada", 3, "act", new, TOOLS, 120.0, system="You are ada."),
        Prompt("ada", 5, "act", ("bo: hi",), TOOLS, 120.0),
    ]


async def test_what_is_unclear_is_said_and_asked_again_with_the_time_that_is_left():
    person = Person("/sing", "/whisper bo", "/help", "/pass now", "fine")
    assert (await answered(person, REQUEST))[0][0] == TextDelta("fine")
    names = "/say, /whisper, /open_room, /invite, /enter, /leave, /pass"
    assert [(p.note, p.seconds) for p in person.prompts] == [
        ("", 120.0),
        (f"There is no action 'sing'. There are: {names}.", 110.0),
        ("It is written /whisper NAME TEXT.", 100.0),
        (help_text(TOOLS), 90.0),
        ("/pass takes nothing more.", 80.0),
    ]


async def test_the_time_of_a_turn_runs_on_from_think_to_think():
    person = Person("/whisper bo psst", "loud")
    await answered(person, REQUEST, replace(REQUEST, think=2), replace(REQUEST, turn=4))
    assert [p.seconds for p in person.prompts] == [120.0, 110.0, 120.0]


async def test_a_person_who_goes_away_leaves_or_passes():
    bare = replace(REQUEST, tools=tool_specs(["say"]))
    parts = await answered(Person(), REQUEST, replace(REQUEST, tools=tool_specs(["pass"])), bare)
    assert [p[:-2] for p in parts] == [
        [ToolCall("p1", "leave", {})],
        [ToolCall("p2", "pass", {})],
        [],
    ]


async def test_a_bid_is_yes_or_no_and_nothing_is_no():
    bid = replace(REQUEST, purpose="bid", tools=(), mode="talk")
    parts = await answered(Person("yes", ""), bid, replace(bid, turn=4))
    assert [p[0] for p in parts] == [TextDelta("yes"), TextDelta("no")]


async def test_without_a_terminal_nobody_can_be_asked():
    with pytest.raises(ModelUnavailable) as caught:
        await Human().ready("me")
    assert str(caught.value) == (
        "human/me needs a person at a terminal: standard input or output is none here. "
        "Start `backrooms run` in a terminal, without a pipe"
    )


@given(st.text())
def test_any_line_is_an_answer_or_unclear(line):
    tools = tool_specs(list(SCHEMAS))
    with suppress(Unclear):
        assert len(read_line(line, tools, "p1")) == 1
