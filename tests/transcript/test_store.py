"""What every store does; and what the one on disk does beside."""

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sandbox.clock import ManualClock, iso
from sandbox.errors import Damaged, TranscriptError
from sandbox.transcript import (
    NO_HASH,
    Event,
    FileStore,
    MemoryStore,
    cut_torn_tail,
    decode,
    list_runs,
    verify,
)
from sandbox.transcript.disk import SystemDisk


@pytest.fixture(params=["memory", "process", "power"])
def store(request, tmp_path):
    clock = ManualClock(1_763_720_000.25)
    if request.param == "memory":
        made = MemoryStore("run-1", clock)
    else:
        made = FileStore(tmp_path / "run-1", "run-1", clock, request.param)
    yield made
    made.close()


async def test_a_store_sets_run_time_and_hash_and_chains_its_lines(store):
    assert store.last_hash == NO_HASH
    first = decode(store.append(Event(1, "run.started", "engine")))
    second = decode(store.append(Event(2, "say", "ada", {"text": "hi"}, "lobby", "room")))
    store.write()
    await store.commit()

    assert (first.run, first.ts) == ("run-1", iso(1_763_720_000.25))
    assert first.hash != second.hash == store.last_hash


async def test_a_store_may_be_closed_twice_and_committed_empty(store):
    await store.commit()
    store.close()
    store.close()


def test_a_closed_file_takes_nothing_more(tmp_path):
    store = FileStore(tmp_path / "r", "r", ManualClock())
    store.close()
    with (tmp_path / "other").open("wb"):
        store.append(Event(1, "run.started", "engine"))
        with pytest.raises(TranscriptError, match="Bad file descriptor"):
            store.write()
    assert (tmp_path / "other").read_bytes() == b""


def test_a_gap_in_the_sequence_is_a_mistake_of_the_house(store):
    with pytest.raises(AssertionError, match="seq 2 after 0"):
        store.append(Event(2, "say", "ada"))


def test_both_stores_write_the_same_lines(tmp_path):
    memory = MemoryStore("r", ManualClock())
    file = FileStore(tmp_path / "r", "r", ManualClock())
    for seq in range(1, 4):
        event = Event(seq, "say", "ada", {"text": "x" * seq})
        assert memory.append(event) == file.append(event)
    file.close()

    assert file.path.read_bytes() == b"".join(memory.lines)


async def test_nothing_is_in_the_file_before_write_and_all_of_it_after(tmp_path):
    store = FileStore(tmp_path / "r", "r", ManualClock())
    line = store.append(Event(1, "run.started", "engine"))
    assert store.path.read_bytes() == b""
    store.write()
    assert store.path.read_bytes() == line
    assert store.path.stat().st_mode & 0o777 == 0o600
    store.close()


class HeldDisk(SystemDisk):
    """Its first sync does not come back before it is let go."""

    def __init__(self):
        self.go = threading.Event()

    def sync(self, fd):
        self.go.wait(10)
        super().sync(fd)


async def test_commits_that_wait_together_share_one_sync(tmp_path):
    disk = HeldDisk()
    store = FileStore(tmp_path / "r", "r", ManualClock(), "power", disk=disk)

    async def one(seq):
        store.append(Event(seq, "say", "ada"))
        await store.commit()

    async with asyncio.TaskGroup() as tasks:
        for seq in range(1, 21):
            tasks.create_task(one(seq))
        await asyncio.sleep(0)  # everybody has written, and waits
        disk.go.set()

    assert store.syncs in {1, 2}  # the first, and one for all who came while it was waited for
    assert store.sync_seconds > 0
    store.close()


async def test_a_commit_that_was_cancelled_does_not_hinder_the_next(tmp_path):
    store = FileStore(tmp_path / "r", "r", ManualClock(), "power")
    store.append(Event(1, "run.started", "engine"))
    first = asyncio.create_task(store.commit())
    await asyncio.sleep(0)
    first.cancel()
    store.append(Event(2, "say", "ada"))
    await store.commit()
    store.close()

    assert len(store.path.read_bytes().splitlines()) == 2


async def test_durability_process_never_syncs(tmp_path):
    store = FileStore(tmp_path / "r", "r", ManualClock(), "process")
    store.append(Event(1, "run.started", "engine"))
    await store.commit()
    store.close()
    assert (store.syncs, store.sync_seconds) == (0, 0.0)


def test_two_engines_cannot_write_one_run(tmp_path):
    first = FileStore(tmp_path / "r", "r", ManualClock())
    with pytest.raises(TranscriptError) as caught:
        FileStore(tmp_path / "r", "r", ManualClock())
    assert str(caught.value) == (
        f"{first.path} is being written by an engine. Stop that run, or wait for its end."
    )
    first.close()
    FileStore(tmp_path / "r", "r", ManualClock()).close()


def test_a_store_goes_on_behind_what_is_there(record):
    before = (record / "events.jsonl").read_bytes()
    store = FileStore(record, "run-1", ManualClock())
    assert store.last_hash == decode(before.splitlines()[-1]).hash
    line = store.append(Event(8, "run.resumed", "engine"))
    store.close()
    assert store.path.read_bytes() == before + line


def test_a_writer_that_is_killed_leaves_a_record_that_verifies(tmp_path):
    writer = f"""
import sys
import threading
from pathlib import Path
from sandbox.clock import SystemClock
from sandbox.transcript import Event, FileStore
store = FileStore(Path({str(tmp_path)!r}) / "r", "r", SystemClock(), "process")
store.append(Event(1, "run.started", "engine"))
for seq in range(2, 1_000_000):
    store.append(Event(seq, "say", "ada", {{"text": "x" * 10_000}}))
    store.write()
    if seq == 50:
        print("going", flush=True)
"""
    with subprocess.Popen([sys.executable, "-c", writer], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"going\n"
        process.kill()
    report = verify(tmp_path / "r")
    assert report.ok
    assert report.lines >= 50
    assert [run.end for run in list_runs(tmp_path)] == ["killed"]


def test_a_torn_tail_must_be_cut_before_a_store_goes_on(record):
    path = record / "events.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"seq":8,"ts"')
    with pytest.raises(Damaged) as caught:
        FileStore(record, "run-1", ManualClock())
    assert str(caught.value) == f"{path} ends in a torn line of 13 bytes; cut it off first."

    assert cut_torn_tail(record) == b'{"seq":8,"ts"'
    assert cut_torn_tail(record) == b""
    assert path.read_bytes() == whole
    FileStore(record, "run-1", ManualClock()).close()


def test_a_tail_is_not_cut_while_an_engine_writes(tmp_path):
    store = FileStore(tmp_path / "r", "r", ManualClock())
    with pytest.raises(TranscriptError, match="is being written by an engine"):
        cut_torn_tail(tmp_path / "r")
    store.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
async def test_a_full_disk_is_said_and_nothing_is_lost_from_the_queue(tmp_path):
    (tmp_path / "events.jsonl").symlink_to("/dev/full")
    store = FileStore(tmp_path, "r", ManualClock(), "process")
    store.append(Event(1, "run.started", "engine"))
    for _ in range(2):
        with pytest.raises(TranscriptError) as caught:
            store.write()
        assert str(caught.value) == f"cannot write {store.path}: No space left on device"
    with pytest.raises(TranscriptError):
        store.close()


async def test_after_a_failed_sync_no_commit_is_believed(tmp_path):
    (tmp_path / "events.jsonl").symlink_to("/dev/null")  # takes every write, cannot be synced
    store = FileStore(tmp_path, "r", ManualClock(), "power")
    store.append(Event(1, "run.started", "engine"))
    for _ in range(2):
        with pytest.raises(TranscriptError) as caught:
            await store.commit()
        assert str(caught.value) == f"cannot sync {store.path}: Invalid argument"
    store.close()


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(TranscriptError) as caught:
        FileStore(tmp_path / "file" / "r", "r", ManualClock())
    assert str(caught.value) == f"cannot open {tmp_path}/file/r/events.jsonl: Not a directory"
