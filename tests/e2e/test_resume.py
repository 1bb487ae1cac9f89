"""``backrooms resume``, ``fork`` and ``tree`` as a user runs them."""

import json
import signal

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.needs("nats")]

ENDLESS = """
title: Endless
agents:
  ada: {script: [One., Two., {say: Three., seconds: 2}, Four., Five.]}
  bo: {script: [Uno., Dos., Tres., Cuatro.]}
limits: {turns: 8}
"""


def cut_short(house, number, sign='"turn":5'):
    """Play until ada thinks in turn 5, and send a signal then."""
    process = house.start("run", house.scenario(ENDLESS), "--json", "--tier", "none")
    for line in process.stdout:
        if '"think.request"' in line and sign in line:
            break
    process.send_signal(number)
    process.wait(timeout=30)


def said(events):
    return [e["data"]["text"] for e in events if e["kind"] == "say"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_run_goes_on_where_it_was_cut_short(house, leftovers, number):
    cut_short(house, number)
    out = house("resume", "last", "--plain")
    events = house.events()
    resumed = next(e["data"] for e in events if e["kind"] == "run.resumed")
    killed = number == signal.SIGKILL
    assert (resumed["why"], resumed["lost"]) == (("killed", 5) if killed else ("stopped", None))
    assert resumed["scenario"] == events[0]["data"]["scenario"]
    assert [e["data"] for e in events if e["kind"] == "turn.lost"] == [
        {"turn": 5, "agent": "ada"}
    ] * killed
    # What was asked when the engine was killed is asked again; what the operator cut off is not.
    rest = ["Tres.", "Three.", "Cuatro."] if killed else ["Tres.", "Four.", "Cuatro."]
    assert said(events) == ["One.", "Uno.", "Two.", "Dos.", *rest]
    assert "Endless goes on" in out
    assert events[-1]["data"]["turns"] == 8
    house("verify", "last")
    house("show", "last", "--saw", "ada")
    assert leftovers(events[0]["run"]) == []


def test_more_turns_and_another_model(house):
    house("run", house.scenario(ENDLESS.replace(", seconds: 2", "")), "--plain", "--tier", "none")
    house("resume", "last", code=2)
    house("resume", "last", "--turns", "9", "--model", "ada=scripted/other", "--plain")
    events = house.events()
    casts = [e["data"]["agents"] for e in events if e["kind"] in ("run.started", "run.resumed")]
    assert [cast["ada"]["model"] for cast in casts] == ["scripted", "scripted/other"]
    assert [e["data"]["turns"] for e in events if e["kind"] == "run.ended"] == [8, 9]
    house("show", "last", "--saw", "ada")
    assert "turns: 9" in (house.runs()[-1] / "scenario.yaml").read_text()


def test_forks_are_a_family(house):
    house("run", house.scenario(ENDLESS.replace(", seconds: 2", "")), "--plain", "--tier", "none")
    (parent,) = house.runs()
    house(
        "fork",
        "last",
        "--at",
        "turn:2",
        "--set",
        "agents.bo.script=[Hm.]",
        "--times",
        "2",
        "--plain",
    )
    house("fork", parent.name, "--at", "9", "--no-play")
    rows = [json.loads(row) for row in house("tree", parent.name, "--json").splitlines()]
    rows.sort(key=lambda row: row["set"].get("seed", 0) if row["turn"] == 2 else row["turn"] or -1)
    assert [(r["parent"], r["turn"], r["set"].get("seed"), r["end"]) for r in rows] == [
        (None, None, None, "turns"),
        (parent.name, 2, 1, "turns"),
        (parent.name, 1, None, "not played yet"),
        (parent.name, 2, 2, "turns"),
    ]
    unplayed = rows.pop(2)["run"]
    drawn = house("tree").splitlines()
    assert [line[:3] for line in drawn] == [parent.name[:3], "├─ ", "├─ ", "└─ "]
    (line,) = [line for line in drawn if unplayed in line]
    assert line.endswith("not played yet  from event 9, turn 1")
    for run in (parent.with_name(row["run"]) for row in rows[1:]):
        assert said(house.events(run))[:4] == ["One.", "Uno.", "Two.", "Hm."]
        house("verify", run.name)
        house("show", run.name, "--saw", "bo")
    house("resume", unplayed, "--plain")
    assert house.events(parent.with_name(unplayed))[-1]["kind"] == "run.ended"


@pytest.mark.needs("bubblewrap")
def test_work_folders_come_back(house):
    scenario = """
title: Files
agents:
  ada:
    tools: [shell, say, pass]
    script:
      - {do: {shell: {command: 'echo kept > note; mkdir d; echo deep > d/n'}}, say: Written.}
      - {do: {shell: {command: 'cat note d/n'}}, say: Read.}
limits: {turns: 1}
"""
    house("run", house.scenario(scenario), "--plain", "--tier", "bubblewrap")
    house("resume", "last", "--turns", "4", "--plain")
    events = house.events()
    (restored,) = [e for e in events if e["kind"] == "workspace.restored"]
    offered = next(
        e["seq"] for e in events if e["kind"] == "turn.offered" and e["data"]["turn"] == 2
    )
    assert restored["seq"] < offered
    outputs = [e["data"]["output"] for e in events if e["kind"] == "action.result"]
    assert outputs[-1] == "kept\ndeep\n"
    house(
        "fork",
        "last",
        "--at",
        "turn:1",
        "--set",
        "limits.turns=4",
        "--plain",
        "--tier",
        "bubblewrap",
    )
    fork = house.runs()[-1]
    forked = [e for e in house.events(fork) if e["kind"] == "action.result"]
    assert forked[-1]["data"]["output"] == "kept\ndeep\n"
    house("verify", fork.name)
