"""Values set by path, as on a command line."""

import pytest

from sandbox.errors import UsageError
from sandbox.scenario import loads
from sandbox.scenario.values import read_value, with_values

SCENARIO = loads("title: t\nagents: {ada: {script: [a, {raw: b}]}, bo: {}}")


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("limits.turns", "40", 40),
        ("limits.turn_seconds", "90s", "90s"),
        ("limits.money", "0.5", 0.5),
        ("agents.ada.model", "scripted/x", "scripted/x"),
        ("agents.ada.persona", "You are: tired", "You are: tired"),
        ("agents.ada.persona", "[half a list", "[half a list"),
        ("agents.ada.system", "12", "12"),
        ("agents.ada.budget.tokens", "5", 5),
        ("agents.bo.script", "[x, {say: y}]", ["x", {"say": "y"}]),
        ("order", "{kind: moderator, moderator: bo}", {"kind": "moderator", "moderator": "bo"}),
        ("fiction", "true", True),
    ],
)
def test_a_value_is_read_as_its_place_wants_it(path, text, value):
    assert read_value(SCENARIO, path, text) == value
    with_values(SCENARIO, {path: value})


def test_a_scenario_with_no_other_values_is_the_same():
    assert with_values(SCENARIO, {}) == SCENARIO


def test_a_model_that_is_not_scripted_takes_the_script_away():
    changed = with_values(SCENARIO, {"agents.ada.model": "local/smollm2"})
    assert (changed.agents["ada"].model, changed.agents["ada"].script) == ("local/smollm2", ())


@pytest.mark.parametrize(
    ("path", "text", "answer"),
    [
        ("limits.trns", "4", "'limits.trns': there is no 'trns' in 'limits'. Did you mean 'turns'?"),
        ("agents.zoe.model", "x", "'agents.zoe.model': there is no 'zoe' in 'agents'. There are: ada, bo."),
        (
            "agents.ada.model.x", "x",
            "'agents.ada.model.x': 'model' is 'scripted' and nothing lies in it. Give all of it: agents.ada.model=...",
        ),
        ("limits.turns", "0", "limits.turns: 'turns' must be at least 1, not 0. Write a larger number."),
        (
            "agents.ada.budget.tokns", "5",
            "agents.ada.budget.tokns: unknown key 'tokns' in the budget of 'ada'. Did you mean 'tokens'?",
        ),
        ("order.moderator", "zed", "order.moderator: there is no agent 'zed'. The agents are: ada, bo."),
        ("agents", "5", "agents: 'agents' must be a mapping, not 5. Write lines of 'key: value', indented."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_one_sentence(path, text, answer):
    with pytest.raises(UsageError) as caught:
        with_values(SCENARIO, {path: read_value(SCENARIO, path, text)})
    assert str(caught.value) == answer
