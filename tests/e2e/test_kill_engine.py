"""kill -9 of the engine in the middle of a long run."""

import signal
import time

import pytest

from sandbox.transcript import verify

pytestmark = [pytest.mark.e2e, pytest.mark.needs("nats")]


@pytest.mark.parametrize(
    "tier", [pytest.param(t, marks=pytest.mark.needs(t)) for t in ("bubblewrap", "docker")]
)
def test_every_complete_turn_is_on_disk_and_nothing_stays(house, leftovers, tier):
    process = house.start("run", "long-corridor", "--json", "--tier", tier)
    shown = 0
    for line in process.stdout:
        shown += '"kind":"turn.ended"' in line
        if shown == 300:
            break
    process.send_signal(signal.SIGKILL)
    process.wait()

    run = house.runs()[-1]
    report = verify(run)
    complete = (run / "events.jsonl").read_bytes().count(b'"kind":"turn.ended"')
    assert complete >= 300
    assert report.ok
    assert report.readable == report.lines
    print(f"{complete} complete turns, {report.torn} bytes of a torn line")

    house("run", "demo", "--plain", "--tier", "none")
    give_up = time.monotonic() + 10
    while leftovers(run.name) and time.monotonic() < give_up:
        time.sleep(0.05)
    assert leftovers(run.name) == []
