"""A flag freezes a real box: nothing in it runs on, the others play on, and the operator thaws it."""

import json
import subprocess
import sys
import time

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.needs("nats")]

SEALED = [
    pytest.param("bubblewrap", marks=pytest.mark.needs("bubblewrap")),
    pytest.param("docker", marks=pytest.mark.needs("docker")),
    pytest.param("podman", marks=pytest.mark.needs("podman")),
    pytest.param("gvisor", marks=pytest.mark.needs("gvisor")),
]

FROZEN = """
title: Frozen
agents:
  ada:
    tools: [say, pass, shell]
    script:
      - do:
          shell: |
            echo kept > note; sleep 0.2
            python3 -c 'import socket
            link = socket.socket(socket.AF_UNIX); link.connect("/run/backrooms/docker.sock")
            link.sendall(b"GET /version HTTP/1.0\\r\\n\\r\\n"); link.recv(1)'
            sleep 3
      - do: {shell: 'cat note'}
      - I am back.
  bo: {script: [{say: One., seconds: 0.3}], after_script: loop}
doors: {agents: [ada], docker: true}
watch: {contacted: freeze}
limits: {turns: TURNS}
"""


def kinds(events, *wanted):
    return [(e["kind"], e["actor"]) for e in events if e["kind"] in wanted]


@pytest.mark.parametrize("tier", SEALED)
def test_a_box_is_frozen_kept_and_taken_away(house, leftovers, tier):
    said = house("run", house.scenario(FROZEN.replace("TURNS", "5")), "--tier", tier, "--plain")
    events = house.events()
    flags = [e for e in events if e["kind"] == "flag" and e["data"].get("reaction") == "freeze"]
    frozen = next(e for e in events if e["kind"] == "box.frozen")
    assert (frozen["actor"], frozen["data"]["flag"], frozen["parent"]) == (
        "ada",
        flags[0]["seq"],
        flags[0]["seq"],
    )
    manifest = json.loads(_artifact(house, frozen["data"]["manifest"]))
    assert "note" in manifest
    assert ("turn.ended", "ada") in kinds(events, "turn.ended")
    assert {e["data"]["reason"] for e in events if e["kind"] == "turn.ended"} == {"frozen", "spoke"}
    assert events[-1]["data"]["reason"] == "turns"
    assert [e["actor"] for e in events if e["kind"] == "turn.offered"] == ["ada", *["bo"] * 4]
    assert "its box is frozen: ada contacted docker-sock" in said
    assert leftovers(house.runs()[-1].name) == []


@pytest.mark.parametrize("tier", SEALED[:2])
def test_the_operator_thaws_it(house, tier):
    process = house.start(
        "run", house.scenario(FROZEN.replace("TURNS", "400")), "--tier", tier, "--plain"
    )
    _until(lambda: _has(house, "box.frozen"))
    run = house.runs()[-1].name  # somebody else's may be "last"
    assert house("tell", run, "thaw", "ada").startswith("The box of ada runs on")
    house("tell", run, "thaw", "ada", code=1)
    _until(lambda: _has(house, '"output":"kept'))
    house("tell", run, "stop")
    process.wait(60)
    told = kinds(house.events(), "box.frozen", "box.thawed")
    assert told == [("box.frozen", "ada"), ("box.thawed", "ada")]
    house("verify", "last")


@pytest.mark.parametrize("tier", SEALED[:2])
def test_in_a_resumed_run_nothing_of_it_moves_until_it_is_thawed(house, tier):
    house("run", house.scenario(FROZEN.replace("TURNS", "3")), "--tier", tier, "--plain")
    run = house.runs()[0]
    process = house.start("resume", run.name, "--turns", "400", "--plain")
    _until(lambda: (run / "events.jsonl").read_bytes().count(b'"box.frozen"') == 2)
    house("tell", run.name, "stats", "ada", code=1)
    house("tell", run.name, "thaw", "ada")
    _until(lambda: _has(house, '"output":"kept'))
    house("tell", run.name, "stop")
    process.wait(60)
    house("verify", "last")


def _artifact(house, sha256):
    return (house.runs()[-1] / "artifacts" / sha256[:2] / sha256).read_bytes()


def _has(house, words):
    runs = house.runs()
    return bool(runs) and words.encode() in (runs[-1] / "events.jsonl").read_bytes()


def _until(is_so, seconds=60):
    give_up = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < give_up, "it never came to that"
        time.sleep(0.05)


BLIND = """
import sys
import sandbox.engine.play as play

class Broken:
    id, version = "broken", 1
    def observe(self, event):
        raise ZeroDivisionError("oh")

play.detectors = lambda: [Broken()]
from sandbox.cli import main
sys.exit(main(["run", "five-lines", "--plain", "--tier", "none"]))
"""


def test_a_detector_that_raises_ends_no_run_and_is_told_at_its_end(house):
    done = subprocess.run(
        [sys.executable, "-c", BLIND],
        cwd=house.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 3
    assert "the detector broken failed: ZeroDivisionError: oh" in done.stdout
    assert done.stderr.splitlines()[-1] == (
        "backrooms: the detector 'broken' failed; what it watches for was not seen from then on."
    )
    events = house.events()
    assert [e["data"]["at"] for e in events if e["kind"] == "detector.failed"] == [1]
    assert events[-1]["data"]["reason"] == "turns"


@pytest.mark.needs("bubblewrap")
def test_it_is_frozen_again_in_a_rerun_and_in_a_resumed_run(house):
    house("run", house.scenario(FROZEN.replace("TURNS", "4")), "--tier", "bubblewrap", "--plain")
    house("rerun", "last", "--plain", code=None)
    again = kinds(house.events(), "box.frozen", "turn.ended", "run.ended")
    assert again.count(("box.frozen", "ada")) == 1
    first = house.runs()[0]
    house("resume", first.name, "--turns", "6", "--plain")
    events = house.events(first)
    first_time, again = (e for e in events if e["kind"] == "box.frozen")
    assert (again["actor"], again["data"]) == ("ada", first_time["data"])
    told = [e["kind"] for e in events if e["actor"] == "ada"]
    assert sorted(told[told.index("box.frozen") + 1 :]) == [
        "agent.joined",
        "box.frozen",
        "box.started",
        "door.opened",
        "workspace.restored",
    ]
    assert told[-1] == "box.frozen"
    assert [e["actor"] for e in events if e["kind"] == "turn.offered"] == ["ada", *["bo"] * 5]
    found = house("detect", first.name, code=0)
    assert found.startswith(f"{first.name}: ")
