"""``backrooms check``."""

import json

import pytest

from sandbox.cli import main
from sandbox.scenario import Scenario, load

GOOD = """\
title: Tea
agents:
  ada: {model: local/qwen, tools: [talk, shell]}
  bo: {tools: [say], script: [hi]}
  cy:
rooms: {den: [ada, bo], hall: {members: [cy], enter: [bo]}}
order: {kind: moderator, moderator: ada}
limits: {seconds: 5m, tokens: 1000}
stop: {word: End.}
asked: [contact.cross-model]
"""


SUMMARY = """\
good.yaml: Tea
  agents    ada  local/qwen  talk, shell
            bo  scripted  say
            cy  scripted  talk
  rooms     den  ada, bo; who is invited may enter
            hall  cy; bo may enter
  order     moderator, ada moderates
  ends      after 20 turns, after 300 s, after 1,000 tokens, when an agent says 'End.' or when all have left
  boxes     tier bubblewrap or stronger; 512 MiB, 1 core, 128 processes
  asked     contact.cross-model
  warning   agents.ada.tools: the moderator has no tool 'next', so it cannot name anybody: write [talk, next]
  warning   agents.cy: a scripted model without a script never says a word
"""


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "bad.yaml").write_text("title: t\nagents: {ada: }\nseed: x\ntilte: u\n")


def test_a_good_one_is_summed_up(capsys):
    assert main(["check", "good.yaml"]) == 0
    assert capsys.readouterr().out == SUMMARY


def test_a_bad_one_is_told_what_is_wrong_and_the_next_one_is_still_checked(capsys):
    assert main(["check", "bad.yaml", "nobody", "good.yaml"]) == 2
    out, err = capsys.readouterr()
    assert out.startswith("good.yaml: Tea\n")
    assert err.splitlines()[:2] == [
        "bad.yaml:3:7: 'seed' must be a whole number, not 'x'. Write digits only, for example 20.",
        "bad.yaml:4:1: unknown key 'tilte'. Did you mean 'title'?",
    ]
    assert err.splitlines()[2].startswith("there is no scenario 'nobody' here. ")


def test_for_programs(capsys):
    assert main(["check", "--json", "good.yaml", "bad.yaml"]) == 2
    good, bad = json.loads(capsys.readouterr().out)
    assert (good["ok"], good["least_tier"]) == (True, "bubblewrap")
    assert good["warnings"][1] == {
        "place": "agents.cy",
        "text": "a scripted model without a script never says a word",
    }
    assert Scenario.model_validate(good["scenario"]) == load("good.yaml")
    error = bad.pop("error")
    assert bad == {
        "file": "bad.yaml",
        "ok": False,
        "problems": [
            {
                "file": "bad.yaml",
                "line": 3,
                "column": 7,
                "what": "'seed' must be a whole number, not 'x'",
                "remedy": "Write digits only, for example 20.",
            },
            {
                "file": "bad.yaml",
                "line": 4,
                "column": 1,
                "what": "unknown key 'tilte'",
                "remedy": "Did you mean 'title'?",
            },
        ],
    }
    assert error.splitlines()[1] == "bad.yaml:4:1: unknown key 'tilte'. Did you mean 'title'?"


def test_no_escape_code_of_a_file_reaches_the_terminal(tmp_path, capsys):
    (tmp_path / "x.yaml").write_text('title: "a\\u202eb"\nagents: {ada: "scripted/\\e[31m"}\n')
    main(["check", "x.yaml"])
    (tmp_path / "x.yaml").write_text('"\\e[31m": 1\n')
    main(["check", "x.yaml"])
    out, err = capsys.readouterr()
    assert all(line.isprintable() for line in (out + err).splitlines())


def test_without_a_scenario_it_asks_for_one(capsys):
    assert main(["check"]) == 2
    assert capsys.readouterr().err == (
        "backrooms: check takes at least one SCENARIO. For example: backrooms check demo\n"
    )


def test_the_schema_is_for_editors(capsys):
    assert main(["check", "--schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["required"] == ["title", "agents"]
    assert set(schema["properties"]) >= {"title", "agents", "rooms", "include"}
    assert schema["$defs"]["Limits"]["properties"]["turn_seconds"] == {
        "anyOf": [{"type": "number"}, {"type": "string"}],
        "default": 120.0,
        "description": "The deadline of one turn, written like ``seconds``.",
        "title": "Turn Seconds",
    }
