"""The frozen copy of a scenario, and a scenario with other values for one run."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.errors import UsageError
from sandbox.scenario import Scenario, canonical, load, loads, shipped, with_overrides

WHOLE = {
    "title": "t",
    "premise": "One line.\n\n  Another: with #signs\n",
    "agents": {
        "ada": {
            "tools": ["talk", "shell"],
            "script": [
                "hi",
                {"do": ["pass", {"shell": "ls"}], "when": {"turn": 3}, "seconds": "1m"},
                {"do": {"write_file": {"path": "a", "text": "x", "more": [1, 2.5, None, {}]}}},
                {"raw": "no\x07 \x85\u2028\ufeff\U0001f600", "bid": False},
            ],
        },
        "no": "local/qwen",
    },
    "rooms": {"den": ["ada"], "null": {"enter": ["ada"]}},
    "order": {"kind": "moderator", "moderator": "ada"},
    "isolation": {"memory": "1GiB"},
    "stop": {"word": "010"},
}


def test_the_frozen_copy_says_everything():
    scenario = loads('title: t\nagents: {ada: {script: [hi, {do: pass}], persona: "a\\nb"}}\n')
    assert (
        canonical(scenario)
        == """\
title: t
about: ''
premise: ''
agents:
  ada:
    model: scripted
    persona: |-
      a
      b
    tools:
    - say
    - whisper
    - open_room
    - invite
    - enter
    - leave
    - pass
    actions: auto
    max_tokens: 400
    script:
    - say: hi
    - do:
      - pass: {}
    after_script: pass
rooms:
  lobby:
    enter: anyone
    about: ''
order:
  kind: round-robin
  bid_seconds: 20.0
limits:
  turns: 20
  turn_seconds: 120.0
  thinks: 8
stop:
  all_left: true
isolation:
  memory: 536870912
  cpu: 1.0
  pids: 128
  disk: 67108864
  image: plain
  noexec: false
watch:
  claimed: log
  recon: log
  attempted: log
  denied: warn
  contacted: warn
  achieved: freeze
  broken: warn
  tampered: warn
  contact: log
asked: []
fiction: false
seed: 0
"""
    )


def test_it_loads_to_an_equal_scenario():
    scenario = Scenario.model_validate(WHOLE)
    again = loads(canonical(scenario))
    assert again == scenario
    assert canonical(again) == canonical(scenario)


@pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
def test_so_do_the_shipped_ones(path):
    scenario = load(path)
    assert loads(canonical(scenario)) == scenario


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
LINES = st.lists(
    TEXT | st.sampled_from(["", " ", "\t", "- a", "# b", "a: b", "---", "...", "\ufeff", "0x1"])
)
TEXTS = TEXT | LINES.map("\n".join)
ARGS = st.recursive(
    TEXTS
    | st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=40, deadline=None)
@given(texts=st.tuples(TEXTS, TEXTS, TEXTS), args=st.dictionaries(TEXTS, ARGS, max_size=3))
def test_whatever_its_texts_are(texts, args):
    about, persona, said = texts
    script = [{"say": said}, {"do": [{"shell": args}]}]
    scenario = Scenario.model_validate(
        {"title": "t", "about": about, "agents": {"ada": {"persona": persona, "script": script}}}
    )
    assert loads(canonical(scenario)) == scenario


def test_a_run_may_have_values_of_its_own():
    scenario = loads("title: t\nagents: {ada: {script: [hi], persona: p}, bo: }\n")
    other = with_overrides(
        scenario, turns=3, seed=9, models={"ada": "local/qwen", "bo": "scripted/x"}
    )
    assert (other.limits.turns, other.seed) == (3, 9)
    assert other.agents["ada"] == scenario.agents["ada"].model_copy(
        update={"model": "local/qwen", "script": ()}
    )
    assert other.agents["bo"].model == "scripted/x"
    assert with_overrides(scenario) is scenario


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"models": {"adda": "x"}}, "there is no agent 'adda' in 't'. Did you mean 'ada'?"),
        ({"models": {"zed": "x"}}, "there is no agent 'zed' in 't'. The agents are: ada, bo."),
        (
            {"models": {"ada": ""}},
            "--model ada: 'model' is empty. Write something, or remove the key.",
        ),
        ({"turns": 0}, "--turns: 'turns' must be at least 1, not 0. Write a larger number."),
        ({"seed": -1}, "--seed: 'seed' must be at least 0, not -1. Write a larger number."),
    ],
)
def test_but_not_any_value(overrides, message):
    scenario = loads("title: t\nagents: {ada: , bo: }\n")
    with pytest.raises(UsageError) as caught:
        with_overrides(scenario, **overrides)
    assert str(caught.value) == message
