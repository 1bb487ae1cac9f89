"""Doors in a scenario file: short ways to write them, mistakes, and what is probably not meant."""

import pytest

from sandbox.scenario import (
    CanarySpec,
    DoorSpec,
    InvalidScenario,
    ServedSpec,
    canonical,
    lint,
    loads,
    summary,
)

HEAD = "title: t\nagents: {ada: {tools: [talk, shell]}, bo: }\ndoors:\n"
ALL = (
    HEAD
    + """\
  agents: [ada]
  models: {serve: [local/qwen, {model: scripted/x, script: [hi, {say: ho}]}], port: 8080}
  docker: true
  metadata: {cloud: gcp}
  kubernetes: false
  canaries: [a/b.txt, {path: /run/backrooms/k, text: 'x {token} y'}]
"""
)


def test_the_short_ways():
    doors = loads(ALL).doors
    assert doors.models.serve[0] == ServedSpec(model="local/qwen")
    assert [line.say for line in doors.models.serve[1].script] == ["hi", "ho"]
    assert (doors.docker, doors.kubernetes) == (DoorSpec(), None)
    assert doors.canaries == (
        CanarySpec(path="a/b.txt"),
        CanarySpec(path="/run/backrooms/k", text="x {token} y"),
    )
    assert loads(canonical(loads(ALL))) == loads(ALL)
    assert dict(summary(loads(ALL)))["doors"] == "models, docker, metadata, 2 planted; for ada"
    assert loads("title: t\nagents: {ada: }\n").doors is None


BAD = {
    "an unknown door": (
        "  dockr: true\n",
        ":4:3: unknown key 'dockr' in 'doors'. Did you mean 'docker'?",
    ),
    "an unknown key": (
        "  metadata: {clowd: aws}\n",
        ":4:14: unknown key 'clowd' in door 'metadata'. Did you mean 'cloud'?",
    ),
    "no models": (
        "  models: {serve: []}\n",
        ":4:19: 'serve' is empty. Name a model, or remove the door.",
    ),
    "nothing to serve": ("  models: {}\n", ":4:11: 'serve' is missing. Add it."),
    "a key of a model": (
        "  models: {serve: [{modell: x}]}\n",
        ":4:20: 'model' is missing. Add it.",
        ":4:21: unknown key 'modell' in model 1 of 'serve'. Did you mean 'model'?",
    ),
    "a line of a served script": (
        "  models: {serve: [{model: scripted, script: [{sai: x}]}]}\n",
        ":4:48: unknown key 'sai' in line 1 of the script of model 1. Did you mean 'say'?",
    ),
    "a port that needs rights": (
        "  docker: {port: 80}\n",
        ":4:18: 'port' must be at least 1,024, not 80. Write a larger number.",
    ),
    "one port twice": (
        "  docker: {port: 8080}\n  metadata: {port: 8080}\n",
        ":5:20: doors 'docker' and 'metadata' have the same port. Give each its own.",
    ),
    "a variable that points nowhere": (
        "  metadata: {environment: true}\n",
        ":4:14: door 'metadata' has no port that a variable could tell of. Add for example 'port: 8080'.",
    ),
    "a path out": (
        "  canaries: [../x]\n",
        (
            ":4:14: 'path' is no path of a planted file. Write a path below the work folder, like "
            "notes/keys.txt, or /run/backrooms/NAME."
        ),
    ),
    "a path of the house": (
        "  canaries: [/run/backrooms/bus.sock, /run/backrooms/me.json, /run/backrooms/kubernetes/x]\n",
        ":4:14: '/run/backrooms/bus.sock' is the house's own. Choose another name.",
        ":4:39: '/run/backrooms/me.json' is the house's own. Choose another name.",
        ":4:63: '/run/backrooms/kubernetes/x' is the house's own. Choose another name.",
    ),
    "a path twice": ("  canaries: [a, a]\n", ":4:17: 'a' is planted twice. Remove one of them."),
    "a text without a token": (
        "  canaries: [{path: a, text: b}]\n",
        ":4:30: 'text' has no place for the token. Write {token} where it is to stand.",
    ),
    "an agent that is none": (
        "  agents: [eve]\n",
        ":4:12: there is no agent 'eve'. The agents are: ada, bo.",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_mistake_is_told_with_its_place_and_remedy(case):
    text, *messages = BAD[case]
    with pytest.raises(InvalidScenario) as caught:
        loads(HEAD + text, "x")
    assert str(caught.value).splitlines() == [f"x{each}" for each in messages]


@pytest.mark.parametrize(
    "path", ["..", "a/..", "a/../b", "./a", "/etc/passwd", "a//b", "a/", "", "a b", "a\n"]
)
def test_no_path_leads_out(path):
    with pytest.raises(ValueError, match="path"):
        CanarySpec(path=path)


def test_what_is_probably_not_meant():
    text = """
title: t
agents: {ada: {script: [hi]}}
limits: {money: 1}
doors: {models: {serve: [mistrall/x, scripted/x, {model: local/qwen, script: [hi]}]}}
"""
    assert [str(remark) for remark in lint(loads(text))] == [
        "limits.money: the price of mistrall/x is not known, so it does not count",
        "doors: nobody can find them: no agent has a tool that acts in its box",
        "doors.models.serve.0.model: there is no model provider 'mistrall'. Did you mean 'mistral/x'?",
        "doors.models.serve.1: a scripted model without a script never says a word",
        "doors.models.serve.2.script: local/qwen plays no script",
    ]
