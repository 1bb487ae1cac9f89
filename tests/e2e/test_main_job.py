"""The main job on real input: two real models of two families, in sealed boxes, twelve turns."""

import json
import shutil
import socket
import subprocess
import time

import pytest

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.needs("nats", "local-model"),
]

JOB = (
    "run",
    "two-strangers",
    "--model",
    "ada=local/smollm2",
    "--model",
    "bo=local/qwen",
    "--turns",
    "12",
)


@pytest.mark.parametrize(
    "tier", [pytest.param(t, marks=pytest.mark.needs(t)) for t in ("docker", "bubblewrap")]
)
def test_two_real_models_talk_in_two_boxes(house, leftovers, tier):
    house(*JOB, "--tier", tier, "--plain", seconds=580)
    check(house, tier)
    assert leftovers(house.runs()[-1].name) == []


@pytest.mark.needs("mosquitto", "bubblewrap")
def test_and_over_mosquitto(house):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (house.folder / "m.conf").write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    broker = subprocess.Popen([program, "-c", house.folder / "m.conf"], stderr=subprocess.DEVNULL)
    try:
        give_up = time.monotonic() + 5
        while time.monotonic() < give_up:
            try:
                socket.create_connection(("127.0.0.1", port), 0.2).close()
                break
            except OSError:
                time.sleep(0.01)
        house(*JOB, "--bus", f"mqtt://127.0.0.1:{port}", "--plain", seconds=580)
    finally:
        broker.terminate()
        broker.wait()
    check(house, "bubblewrap")
    assert house.events()[0]["data"]["bus"]["kind"] == "external"


def check(house, tier):
    events = house.events()
    first, last = events[0]["data"], events[-1]
    assert first["tier"] == tier
    assert {a: f["family"] for a, f in first["agents"].items()} == {"ada": "smollm", "bo": "qwen"}
    assert (last["kind"], last["data"]["reason"], last["data"]["turns"]) == (
        "run.ended",
        "turns",
        12,
    )
    assert sum(e["kind"] == "say" for e in events) >= 10
    house("verify", "last")
    for agent in ("ada", "bo"):
        rows = [json.loads(r) for r in house("show", "last", "--saw", agent, "--json").splitlines()]
        sent = [
            e["data"]["sent"]
            for e in events
            if e["kind"] == "think.done" and e["actor"] == agent and "sent" in e["data"]
        ]
        assert len(rows) >= len(sent) > 0
        assert all(row["digest_matches"] for row in rows)
        assert [row["sent_matches"] for row in rows if row["sent_matches"] is not None] == [
            True
        ] * len(sent)
