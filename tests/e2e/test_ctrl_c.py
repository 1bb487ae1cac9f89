"""Ctrl+C ends a run in a moment, whatever agents have done to their boxes; the record is whole, nothing stays."""

import os
import random
import signal
import time
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.needs("nats")]

SEALED = [
    pytest.param("bubblewrap", marks=pytest.mark.needs("bubblewrap")),
    pytest.param("docker", marks=pytest.mark.needs("docker")),
    pytest.param("podman", marks=pytest.mark.needs("podman")),
]

SCENARIO = """
title: Deaf
agents:
  ada:
    tools: [talk, shell]
    script: [{do: [{shell: {command: 'echo kept > note; COMMAND', seconds: 120}}]}]
limits: {turns: 9, turn_seconds: 600}
"""
MOST = 20.0
"""Seconds. It takes 3 at most where the machine is idle; each question that is waited out adds 10 to 40."""


def interrupted(house, tier, command, there):
    """Start a run, send Ctrl+C once ``there(run)``, and give the events and how long it took."""
    scenario = house.scenario(SCENARIO.replace("COMMAND", command))
    process = house.start("run", scenario, "--plain", "--tier", tier)
    _until(lambda: house.runs() and there(house.runs()[-1].name))
    began = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: whoever is in the group gets it
    assert process.wait(120) == 130
    took = time.monotonic() - began
    house("verify", "last")
    return house.events(), took


@pytest.mark.parametrize("tier", SEALED)
def test_a_box_that_was_stopped_from_inside_holds_up_nothing(house, leftovers, tier):
    events, took = interrupted(house, tier, "kill -STOP $PPID", _is_deaf)
    kinds = [e["kind"] for e in events]
    assert kinds[kinds.index("operator.stop") + 1] == "turn.ended"
    assert [e["data"] for e in events if e["kind"].startswith("workspace")] == [
        {"turn": 1, "error": "the run was stopped, and the box did not give it within 1.5 s"}
    ]
    assert (kinds[-1], events[-1]["data"]["reason"]) == ("run.ended", "stopped")
    assert leftovers(house.runs()[-1].name) == []
    assert took < MOST


@pytest.mark.parametrize("tier", SEALED)
def test_a_tool_at_work_is_ended_and_its_folder_is_kept(house, leftovers, tier):
    seconds = f"{random.randint(10**5, 10**6)}"  # of this test alone: others' may still be ending
    events, took = interrupted(
        house, tier, f"exec sleep {seconds}", lambda _: _states(f"sleep\000{seconds}\000")
    )
    kept = [e["data"] for e in events if e["kind"].startswith("workspace")]
    assert [(one["turn"], one["changed"]) for one in kept] == [(1, ["note"])]
    assert events[-1]["data"]["reason"] == "stopped"
    assert [e for e in events if e["kind"] in {"flag", "witness.failed"}] == []
    assert leftovers(house.runs()[-1].name) == []
    assert took < MOST


@pytest.mark.parametrize("tier", SEALED)
def test_a_run_that_is_cut_short_before_it_began_was_none(house, leftovers, tier):
    """However far it came, there is a record that holds together, or none at all."""
    scenario = house.scenario(SCENARIO.replace("COMMAND", "sleep 99"))
    process = house.start("run", scenario, "--plain", "--tier", tier)
    _until(house.runs)
    name = house.runs()[-1].name
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(120) == 130
    for run in house.runs():
        house("verify", run.name)
    assert leftovers(name) == []


def _is_deaf(run):
    return "T" in _states(run)


def _states(words):
    """The states of the processes whose command line has these words."""
    states = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if words.encode() in (folder / "cmdline").read_bytes():
                states.append((folder / "stat").read_text().rpartition(")")[2].split()[0])
        except OSError:
            continue
    return states


def _until(is_so, seconds=60):
    give_up = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < give_up, "it never came to that"
        time.sleep(0.05)
