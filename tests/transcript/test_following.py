import pytest

from sandbox.clock import ManualClock
from sandbox.errors import Damaged
from sandbox.transcript import Event, FileStore, Record, follow


def test_a_record_is_followed_until_nobody_writes_it(tmp_path):
    store = FileStore(tmp_path, "r", ManualClock(), "process")
    store.append(Event(1, "run.started", "engine"))
    store.write()
    waits = []

    def wait(seconds):
        waits.append(seconds)
        if len(waits) == 9:
            store.append(Event(2, "say", "ada"))
            store.write()
        elif len(waits) == 11:
            store.append(Event(3, "run.ended", "engine"))
            store.append(Event(4, "run.resumed", "engine"))
            store.close()

    with Record(tmp_path) as record:
        assert [event.seq for event, _ in follow(record, wait)] == [1, 2, 3, 4]
    assert waits == [0.02, 0.04, 0.08, 0.16, 0.32, 0.5, 0.5, 0.5, 0.5, 0.02, 0.04]


def test_half_a_line_is_waited_for(tmp_path):
    store = FileStore(tmp_path, "r", ManualClock(), "process")
    line = store.append(Event(1, "run.started", "engine"))
    with store.path.open("ab", buffering=0) as file:
        file.write(line[:30])

        def wait(seconds):
            file.write(line[30:])
            store._pending.clear()
            store.close()

        with Record(tmp_path) as record:
            assert [raw for _, raw in follow(record, wait)] == [line]


def test_a_run_that_was_killed_and_one_from_its_middle_end_at_once(record):
    with Record(record) as opened:
        assert [event.seq for event, _ in follow(opened, pytest.fail, first=6)] == [6, 7]


def test_a_line_that_cannot_be_read_is_said(tmp_path):
    (tmp_path / "events.jsonl").write_bytes(b"?\n")
    with Record(tmp_path) as record, pytest.raises(Damaged, match="byte 0: no JSON"):
        list(follow(record, pytest.fail))
