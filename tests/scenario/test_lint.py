"""What is allowed but probably not meant."""

import pytest

from sandbox.scenario import lint, load, loads, shipped

SCRIPT = "script: [hi]"


@pytest.mark.parametrize(
    ("text", "remarks"),
    [
        (
            "agents: {ada: , bo: {script: [hi]}}",
            ["agents.ada: a scripted model without a script never says a word"],
        ),
        (
            "agents: {ada: {model: scriptd/x}}",
            ["agents.ada.model: there is no model provider 'scriptd'. Did you mean 'scripted/x'?"],
        ),
        (
            "agents: {ada: {script: [hi], base_url: http://x}}",
            ["agents.ada.base_url: scripted is not asked at any address"],
        ),
        (
            "agents: {ada: {script: [hi], persona: a, system: b}}\npremise: c",
            [
                "agents.ada.persona: not used: 'system' stands in its place",
                "agents.ada.system: the agent is not told the premise: 'system' stands in its place",
            ],
        ),
        (
            "agents: {ada: {model: openai/x, actions: talk, tools: [talk, shell]}}",
            ["agents.ada.actions: an agent of words only uses none of its tools"],
        ),
        (
            (
                "agents: {ada: {script: [{do: {shell: ls}}, {do: {whisper: {too: bo}}}, "
                "{say: x, when: {turn: 21}}]}}"
            ),
            [
                "agents.ada.script.0.do: 'shell' is none of the agent's tools, so it will be refused",
                "agents.ada.script.1.do: Whisper needs 'to'",
                "agents.ada.script.2.when.turn: never reached: the run is over by then",
            ],
        ),
        (
            "agents: {ada: {script: [hi]}}\norder: {kind: moderator, moderator: ada}",
            [
                (
                    "agents.ada.tools: the moderator has no tool 'next', so it cannot name anybody: "
                    "write [talk, next]"
                )
            ],
        ),
        (
            "agents: {ada: openai/m}\nstop: {silence: 50}\nlimits: {money: 2}",
            [
                "stop.silence: never reached: the run ends after 20 turns",
                "limits.money: the price of openai/m is not known, so it does not count",
            ],
        ),
        (
            "agents: {ada: {script: [hi]}, bo: local/qwen, cy: {script: [hi]}}\nlimits: {turns: 4}",
            [],
        ),
    ],
)
def test_the_remarks(text, remarks):
    assert [str(remark) for remark in lint(loads(f"title: t\n{text}\n"))] == remarks


@pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
def test_the_shipped_scenarios_are_above_all_remarks(path):
    assert lint(load(path)) == []
