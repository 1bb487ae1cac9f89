"""What the record adds to what was said does not grow with the history."""

from pathlib import Path

import orjson
import pytest

from sandbox.clock import ManualClock
from sandbox.detect.watch import Watch
from sandbox.engine.offline import OfflineRun
from sandbox.scenario import load, with_overrides
from sandbox.transcript import FileStore, Record

SCENARIO = Path(__file__).parents[2] / "scenarios" / "long-corridor.yaml"


def test_a_line_is_at_most_350_bytes_longer_than_its_payload_early_and_late(tmp_path):
    store = FileStore(tmp_path, "20261121-113908-long-corridor-abcd", ManualClock(), "process")
    OfflineRun(with_overrides(load(SCENARIO), turns=620), store, ManualClock(), Watch([])).play()
    store.close()

    def beyond(record, turn):
        lines = [*record.lines(record.turn(turn - 20), record.turn(turn + 20) - 1)]
        payload = sum(
            len(orjson.dumps(event.data[name]))
            for event, _ in lines
            for name in ("text", "calls")
            if name in event.data
        )
        return (sum(len(line) for _, line in lines) - payload) / len(lines)

    with Record(tmp_path) as record:
        early, late = beyond(record, 50), beyond(record, 600)
    assert early <= 350
    assert late == pytest.approx(early, abs=10)  # the digits of larger numbers
