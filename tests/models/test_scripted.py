"""Scripts: which line is due, in every way a model can act."""

import json
import time
from dataclasses import replace

import pytest

from sandbox.errors import ModelUnavailable
from sandbox.models.provider import ChatTurn, Done, Request, TextDelta, ToolCall, Usage
from sandbox.models.scripted import Script, Scripted
from sandbox.scenario.schema import Scenario, ScriptLine, When

ASKED = Request("", "ada", 1, 1, "Be ada.", (), mode="tools")


def scripted(*lines, after="pass", **more):
    made = [ScriptLine(say=line) if isinstance(line, str) else line for line in lines]
    return Scripted({"ada": Script(tuple(made), after)}, **more)


def heard(*texts, turn=1, **more):
    """A request after these words, each followed by an answer but the last."""
    turns = [ChatTurn("user", texts[-1])]
    for text in texts[-2::-1]:
        turns = [ChatTurn("user", text), ChatTurn("assistant", "..."), *turns]
    return replace(ASKED, turns=tuple(turns), turn=turn, **more)


def said(provider, request=ASKED):
    """Words, or the names of the tools."""
    parts = provider.answer(request)
    words = "".join(part.text for part in parts if isinstance(part, TextDelta))
    calls = [part.tool for part in parts if isinstance(part, ToolCall)]
    return words or calls


def test_lines_come_in_order_and_then_the_agent_passes():
    provider = scripted("One.", "Two.")
    assert [said(provider) for _ in range(4)] == ["One.", "Two.", ["pass"], ["pass"]]


def test_words_and_actions_in_one_answer():
    line = ScriptLine(say="Look.", do=({"shell": {"command": "ls"}}, {"pass": {}}))
    assert scripted(line).answer(heard("bo: what is here?")) == [
        TextDelta("Look."),
        ToolCall("s1", "shell", {"command": "ls"}),
        ToolCall("s2", "pass", {}),
        Usage(6, 3),
        Done("tools"),
    ]


def test_after_the_script_it_may_begin_again_or_leave():
    loop, leave = scripted("A", "B", after="loop"), scripted("A", after="leave")
    assert [said(loop) for _ in range(5)] == ["A", "B", "A", "B", "A"]
    assert [said(leave) for _ in range(3)] == ["A", ["leave"], ["leave"]]


def test_an_empty_script_passes_even_in_a_loop():
    assert said(scripted(after="loop")) == ["pass"]


def test_a_line_that_waits_lets_others_by_and_keeps_its_place():
    provider = scripted(
        ScriptLine(say="A knock!", when=When(heard="KNOCK")),
        ScriptLine(say="Late.", when=When(turn=9)),
        "First.",
        "Second.",
        after="leave",
    )
    assert said(provider, heard("bo: hello")) == "First."
    assert said(provider, heard("bo: hello", "bo: I knock.", turn=3)) == "A knock!"
    assert said(provider, heard("bo: I knock.", "bo: well", turn=5)) == "Second."
    assert said(provider, heard("bo: well", turn=7)) == ["pass"]  # a line still waits
    assert said(provider, heard("bo: well", turn=9)) == "Late."
    assert said(provider, heard("bo: well", turn=11)) == ["leave"]


@pytest.mark.parametrize(
    ("turns", "seen"),
    [
        ([ChatTurn("tool", "uid=0(root)", call_id="s1")], True),
        ([ChatTurn("user", "(result: uid=0(root))\nbo: hm")], True),
        ([ChatTurn("user", "bo: root")], False),
        ([ChatTurn("tool", "root"), ChatTurn("assistant", "I see."), ChatTurn("tool", "x")], False),
    ],
)
def test_a_condition_on_the_result_of_the_last_action(turns, seen):
    provider = scripted(ScriptLine(say="Root!", when=When(result="root")))
    request = replace(ASKED, turns=(ChatTurn("assistant", "", ()), *turns))
    assert said(provider, request) == ("Root!" if seen else ["pass"])


def test_a_bid_is_the_next_lines_and_uses_nothing_up():
    provider = scripted(ScriptLine(say="A", bid=False), "B", after="leave")
    bid = replace(ASKED, purpose="bid", mode="talk")
    assert [said(provider, bid), said(provider, bid), said(provider)] == ["no", "no", "A"]
    assert [said(provider, bid), said(provider), said(provider, bid)] == ["yes", "B", "yes"]
    assert said(scripted(), bid) == "no"


def test_in_mode_json_each_answer_is_one_action():
    provider = scripted(
        ScriptLine(say="Look.", do=({"shell": {"command": "ls"}}, {"leave": {}})),
        "Bye.",
        ScriptLine(raw="{oops"),
    )
    request = replace(ASKED, mode="json")
    answers = [said(provider, request) for _ in range(5)]
    assert [json.loads(answer) for answer in answers] == [
        {"action": "say", "text": "Look."},
        {"action": "shell", "command": "ls"},
        {"action": "leave"},
        {"action": "say", "text": "Bye."},
        {"action": "pass"},
    ]
    assert said(provider, request) == "{oops"
    assert json.loads(said(provider, request)) == {"action": "pass"}


def test_in_mode_json_a_pass_is_not_carried_into_the_next_turn():
    provider = scripted("One.", "Two.")
    answers = [said(provider, replace(ASKED, mode="json", turn=turn)) for turn in (1, 2)]
    assert [json.loads(answer)["text"] for answer in answers] == ["One.", "Two."]


def test_in_mode_talk_there_are_words_alone():
    provider = scripted(ScriptLine(do=({"shell": {"command": "ls"}},)), "Hi.")
    talk = replace(ASKED, mode="talk")
    assert [said(provider, talk) for _ in range(3)] == [[], "Hi.", []]


def test_raw_words_are_untouched():
    assert scripted(ScriptLine(raw="  {\x1b[31m ")).answer(ASKED)[0] == TextDelta("  {\x1b[31m ")


def test_tokens_are_words_and_each_counts_once_more_per_answer():
    provider = scripted("A b c.", "D.", "E.")
    asked = heard("bo: one two")
    usage = [p for p in provider.answer(asked) if isinstance(p, Usage)]
    grown = replace(asked, turns=(*asked.turns, ChatTurn("assistant", "A b c.")))
    usage += [p for p in provider.answer(grown) if isinstance(p, Usage)]
    assert usage == [Usage(2 + 3, 3), Usage(2 + 3 + 3, 1)]


async def test_seconds_are_slept_on_the_given_clock():
    slept = []

    async def sleep(seconds):
        slept.append(seconds)

    provider = scripted(ScriptLine(say="Hm.", seconds=2.5), "Quick.", sleep=sleep)
    for _ in range(2):
        assert [part async for part in provider.stream(ASKED)]
    assert slept == [2.5]


def test_the_scripts_of_a_scenario():
    scenario = Scenario.model_validate(
        {
            "title": "t",
            "agents": {
                "ada": {"script": ({"say": "Hi."},), "after_script": "leave"},
                "bo": {"model": "scripted/claude"},
            },
        }
    )
    provider = Scripted.of(scenario)
    assert [said(provider), said(provider)] == ["Hi.", ["leave"]]
    assert said(provider, replace(ASKED, agent="bo")) == ["pass"]
    assert (provider.family(""), provider.family("claude")) == ("scripted", "claude")
    with pytest.raises(ModelUnavailable, match="there is no script for the agent 'zoe'"):
        provider.answer(replace(ASKED, agent="zoe"))


def cost(history, answers=200):
    """CPU seconds of one answer after so many turns of history, the least of three tries."""
    turns = [ChatTurn("user", "bo: hi"), ChatTurn("assistant", "hi")] * (history // 2)
    turns.append(ChatTurn("user", "bo: well?"))
    tries = []
    for _ in range(3):
        provider = scripted(*[ScriptLine(say="A", when=When(heard="well"))] * (answers + 1))
        request = replace(ASKED, turns=turns)
        provider.answer(request)
        begun = time.process_time()
        for _ in range(answers):
            provider.answer(request)
            provider.body(request)
        tries.append((time.process_time() - begun) / answers)
    return min(tries)


def test_an_answer_costs_the_same_however_long_the_history_is():
    assert cost(20_000) < 3 * cost(10) + 20e-6
