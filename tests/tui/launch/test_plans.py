"""What is played instead of what the file says: overrides, and the stand-ins of a dry run."""

from pathlib import Path

import pytest

from sandbox.errors import NoSuchRun, UsageError
from sandbox.scenario import load, loads, shipped
from sandbox.scenario.template import templates
from sandbox.tui.launch.facts import loosened
from sandbox.tui.launch.overrides import overridden
from sandbox.tui.launch.plans import dry, plan_for

TWO = loads("title: t\nagents: {ada: {script: [a]}, bo: local/qwen}\nlimits: {turns: 9}\nseed: 3\n")


@pytest.mark.parametrize(
    "scenario",
    [*map(load, shipped()), *(loads(each.text) for each in templates())],
    ids=lambda each: each.title,
)
def test_a_dry_run_needs_no_model_no_key_and_no_box(scenario):
    played = dry(scenario)
    assert {spec.model.partition("/")[0] for spec in played.agents.values()} == {"scripted"}
    assert (played.least_tier, played.doors) == ("none", None)
    assert played.limits.turns <= 3
    assert loads_again(played) == played


def loads_again(scenario):
    return type(scenario).model_validate_json(scenario.model_dump_json())


def test_a_script_stays_and_a_model_has_a_stand_in():
    played = dry(TWO)
    assert played.agents["ada"].script == TWO.agents["ada"].script
    assert [line.say for line in played.agents["bo"].script] == [
        "I am bo. I stand in for local/qwen."
    ]


def test_a_moderator_gives_the_word_to_each():
    played = dry(
        loads(
            "title: t\nagents: {cy: {model: local/qwen, tools: [talk, next]}, ada: , bo: }\n"
            "order: {kind: moderator, moderator: cy}\n"
        )
    )
    assert [line.do for line in played.agents["cy"].script] == [
        ({"next": {"agent": "ada"}},),
        ({"next": {"agent": "bo"}},),
    ]


def test_a_recorded_agent_needs_its_run(tmp_path):
    scenario = loads("title: t\nagents: {ada: recorded/20260101-000000-x-aaaa}\n")
    with pytest.raises(NoSuchRun):
        plan_for(scenario, tmp_path)


def test_nothing_typed_changes_nothing():
    found = overridden(TWO, {"turns": " "}, Path("r"))
    assert (found.scenario, found.tier, found.root) == (TWO, None, Path("r"))


def test_what_is_typed_is_read():
    typed = {"turns": "1,000", "seed": "5", "tier": "gvisor", "models": "scripted, bo=openai/x"}
    found = overridden(TWO, typed | {"record": "out"}, Path("r"))
    assert (
        found.scenario.limits.turns,
        found.scenario.seed,
        found.tier,
        [spec.model for spec in found.scenario.agents.values()],
        found.root,
    ) == (1000, 5, "gvisor", ["scripted", "openai/x"], Path("out"))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"turns": "many"}, "turns: 'many' is no whole number."),
        ({"turns": "0"}, "--turns: 'turns' must be at least 1, not 0. Write a larger number."),
        ({"tier": "dokcer"}, "tier: there is none called 'dokcer'. Did you mean 'docker'?"),
        ({"models": "bo="}, "models: 'bo=' is no AGENT=PROVIDER/MODEL."),
        (
            {"models": "qwen"},
            "models: there is no model provider 'qwen'. Did you mean 'local/qwen'?.",
        ),
        ({"models": "cy=scripted"}, "there is no agent 'cy' in 't'. The agents are: ada, bo."),
    ],
)
def test_what_cannot_be_is_said_with_its_field(typed, sentence):
    with pytest.raises(UsageError) as caught:
        overridden(TWO, typed, Path("r"))
    assert str(caught.value) == sentence


def test_what_loosens_a_box_is_named():
    loose = loads(
        "title: t\nagents: {ada: }\n"
        "isolation: {tier: none, memory: 1GiB, cpu: 2, pids: 999, disk: 1GiB, image: tools}\n"
    )
    assert loosened(TWO.isolation) == []
    assert loosened(loose.isolation) == [
        "tier: none",
        "memory: 1024MiB",
        "disk: 1024MiB",
        "cpu: 2",
        "pids: 999",
        "image: tools",
    ]
