"""``backrooms run demo``: what the README promises of it."""

import json
import time

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.needs("nats")]


@pytest.mark.needs("bubblewrap")
def test_the_demo_shows_what_it_promises_in_under_ten_seconds(house, leftovers):
    began = time.monotonic()
    text = house("run", "demo", "--plain")
    assert time.monotonic() - began < 10

    events = house.events()
    kinds = {e["kind"] for e in events}
    assert {"turn.offered", "whisper", "action.result", "action.refused", "peer.message"} <= kinds
    assert events[0]["data"]["tier"] == "bubblewrap"
    assert events[-1]["kind"] == "run.ended"
    flags = [e["data"] for e in events if e["kind"] == "flag"]
    assert "contact.cross-model" in {f["id"] for f in flags}
    assert any(f["elicited"] == 0 for f in flags)
    run = house.runs()[-1].name
    assert f"transcripts/{run}" in text
    house("verify", "last")
    assert leftovers(run) == []


def test_without_a_box_the_demo_is_talk_only_and_says_so(house):
    house("run", "demo", "--plain", "--tier", "none")

    refused = [e["data"]["reason"] for e in house.events() if e["kind"] == "action.refused"]
    assert "there is no sealed box on this machine, so nothing can be run" in refused
    assert house.events()[-1]["data"]["reason"] != "error"


def test_json_output_is_the_record_itself(house):
    out = house("run", "demo", "--json", "--tier", "none")

    lines = [json.loads(line) for line in out.splitlines()]
    assert lines == house.events()


@pytest.mark.needs("bubblewrap")
def test_what_a_model_saw_is_proved_from_the_record(house):
    house("run", "demo", "--plain")
    agent = next(e["actor"] for e in house.events() if e["kind"] == "think.done")

    text = house("show", "last", "--saw", agent)
    assert "The digest agrees with the one recorded then." in text
    assert "NOT what was sent" not in text


@pytest.mark.needs("docker")
def test_the_demo_in_docker_tells_the_same_story(house, leftovers):
    house("run", "demo", "--plain", "--tier", "docker", seconds=300)
    house("run", "demo", "--plain", "--tier", "docker", "--seed", "0")

    one, two = (story(house.events(run)) for run in house.runs())
    assert one == two
    assert all(leftovers(run.name) == [] for run in house.runs())


def story(events):
    """What was said and done, without times, places and sizes."""
    told = ("say", "whisper", "peer.message", "action.refused", "flag", "turn.ended")
    return [(e["kind"], e["actor"], e["data"].get("text")) for e in events if e["kind"] in told]
