"""A flag freezes a real box: nothing in it runs on, the others play on, and the operator thaws it."""

import json
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
    assert house("tell", "last", "thaw", "ada").startswith("The box of ada runs on")
    house("tell", "last", "thaw", "ada", code=1)
    _until(lambda: _has(house, '"output":"kept'))
    house("tell", "last", "stop")
    process.wait(60)
    told = kinds(house.events(), "box.frozen", "box.thawed")
    assert told == [("box.frozen", "ada"), ("box.thawed", "ada")]
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
