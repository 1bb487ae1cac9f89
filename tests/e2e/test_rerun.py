"""``backrooms rerun``: a run once more without a model, and whether it is the same."""

import json
import signal
from datetime import datetime, timedelta
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.needs("nats")]

SCENARIOS = Path(__file__).parents[2] / "scenarios"
TAIL = "repeats {}, event for event."


def rerun(house, *args, code=0):
    """Repeat the run in a folder of its own; gives what was printed and the events of the new run."""
    (then,) = house.runs()
    out = house("rerun", then.name, "--out", "again", "--plain", *args, code=code)
    (now,) = (house.folder / "again").iterdir()
    return then, out, house.events(now)


@pytest.mark.needs("bubblewrap")
def test_the_demo_again_in_new_boxes_is_the_same(house, leftovers):
    house("run", "demo", "--plain")
    then, out, events = rerun(house)
    assert out.splitlines()[-1].endswith(TAIL.format(then.name))
    assert events[0]["data"]["rerun"] == then.name
    kinds = {e["kind"] for e in events}
    assert {"whisper", "action.result", "action.refused", "peer.message", "flag"} <= kinds
    assert {e["run"] for e in events}.isdisjoint({then.name})
    house("verify", "last", "--dir", "again")
    assert leftovers(events[0]["run"]) == []


def test_bids_failures_first_messages_and_deadlines_come_again(house):
    scenario = """
title: Slow doors
agents:
  ada: {first: I come first., script: [{say: too slow, seconds: 30}, again]}
  bo: {actions: json, script: [{raw: '{"action"'}, 'Hm.', {do: {whisper: {to: ada, text: psst}}}]}
  cy: {script: [{when: {turn: 3}, say: late}], after_script: leave}
order: {kind: volunteer, bid_seconds: 5}
limits: {turns: 6, turn_seconds: 1.5}
"""
    house("run", house.scenario(scenario), "--plain")
    first = house.events()
    reasons = [e["data"]["reason"] for e in first if e["kind"] == "turn.ended"]
    assert "deadline" in reasons
    assert "TurnOver" in {e["data"].get("kind") for e in first}
    then, out, events = rerun(house)
    assert out.splitlines()[-1].endswith(TAIL.format(then.name))
    assert [e["data"]["reason"] for e in events if e["kind"] == "turn.ended"] == reasons


def test_a_deadline_of_an_hour_is_not_waited_for(house):
    scenario = """
title: Long thoughts
agents:
  ada: {script: [{say: a, seconds: 3000}, b]}
  bo: [model]
limits: {turns: 3, turn_seconds: 1}
"""
    house("run", house.scenario(scenario.replace("[model]", "scripted")), "--plain")
    run = house.runs()[0]
    lines = (run / "events.jsonl").read_bytes().splitlines()
    # As if the whole turn had taken an hour, by its deadline too, whatever the time is now.
    hour = [line.replace(b'"turn_seconds":1.0', b'"turn_seconds":3600.0') for line in lines]
    cut = next(i for i, line in enumerate(hour) if b'"TurnOver"' in line)
    later = [json.loads(line) for line in hour]
    for event in later[cut:]:
        at = datetime.fromisoformat(event["ts"]) + timedelta(hours=1)
        event["ts"] = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    text = "\n".join(json.dumps(e, separators=(",", ":")) for e in later) + "\n"
    (run / "events.jsonl").write_text(text)
    frozen = run / "scenario.yaml"
    frozen.write_text(frozen.read_text().replace("turn_seconds: 1.0", "turn_seconds: 3600.0"))
    _, out, _ = rerun(house)
    assert out.splitlines()[-1].startswith("The same")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_a_run_that_was_stopped_or_killed_is_repeated_as_far_as_it_goes(house, number):
    scenario = "title: Endless\nagents: {ada: {script: [a, {say: b, seconds: 3000}]}}"
    process = house.start("run", house.scenario(scenario), "--json")
    for line in process.stdout:
        if '"think.request"' in line and '"turn":2' in line:
            break
    process.send_signal(number)
    process.wait(timeout=30)
    then, out, events = rerun(house)
    assert out.splitlines()[-1].endswith(TAIL.format(then.name))
    assert events[-1]["kind"] == "run.ended"


def test_a_changed_record_parts_from_itself_and_both_requests_are_named(house):
    scenario = "title: Two\nagents: {ada: {script: [One., Two.]}, bo: {script: [Uno.]}}\nlimits: {turns: 4}"
    house("run", house.scenario(scenario), "--plain")
    path = house.runs()[0] / "events.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if b'"think.done"' in line and b"One." in line)
    lines[at] = lines[at].replace(b"One.", b"Won.")
    path.write_bytes(b"".join(lines))
    then, out, events = rerun(house, code=1)
    told = out.splitlines()
    assert "say of ada), data.text." in told[-4]
    assert told[-3:-1] == ["  then: 'One.'", "  now:  'Won.'"]
    assert told[-1] == (
        "  The rerun was stopped where it parted from the record: bo is asked something else than "
        f"in {then.name}. Then, in turn 2, think 1, after 'ada: One.'. Now, in turn 2, think 1, "
        "after 'ada: Won.'. They first differ in message 1 (user), at character 6: then 'ada: One.', "
        "now 'ada: Won.'."
    )
    assert events[-1]["data"]["reason"] == "stopped"


@pytest.mark.needs("local-model")
def test_two_real_models_again_without_starting_one(house, monkeypatch, tmp_path):
    house(
        "run", str(SCENARIOS / "two-strangers.yaml"), "--plain", "--turns", "4",
        "--model", "ada=local/smollm2", "--model", "bo=local/qwen",
    )  # fmt: skip
    monkeypatch.setenv("BACKROOMS_MODELS", str(tmp_path / "no-models-here"))
    then, out, events = rerun(house)
    assert out.splitlines()[-1].endswith(TAIL.format(then.name))
    said = [
        [e["data"]["text"] for e in run if e["kind"] == "say"]
        for run in (house.events(then), events)
    ]
    assert said[0] == said[1]
    assert all(said[0])


def test_a_recorded_model_talks_in_a_new_run(house):
    scenario = "title: Two\nagents: {ada: {script: [One., Two.]}, bo: {script: [Uno., Dos.]}}\nlimits: {turns: 4}"
    name = house.scenario(scenario)
    house("run", name, "--plain")
    (run,) = (run.name for run in house.runs())
    (house.folder / "transcripts").rename(house.folder / "first")

    def play(name, *models):
        """Play with models of the first run, and give the events."""
        out = house("run", name, "--out", "first", "--json", *(f"--model={m}" for m in models))
        return [json.loads(line) for line in out.splitlines()]

    events = play(name, f"ada=recorded/{run[:-2]}")
    assert events[0]["data"]["agents"]["ada"]["model"] == f"recorded/{run}:ada"
    assert [e["data"]["text"] for e in events if e["kind"] == "say"] == [
        "One.",
        "Uno.",
        "Two.",
        "Dos.",
    ]

    other = house.scenario(scenario.replace("Uno.", "Un."), "other.yaml")
    failed = [e["data"] for e in play(other, f"ada=recorded/{run}") if e["kind"] == "think.failed"]
    assert [f["kind"] for f in failed] == ["Desync"]
    assert "then 'bo: Uno.', now 'bo: Un.'" in failed[0]["error"]
