"""What a finished commit covered survives a loss of power at any moment; and what `process` promises."""

import asyncio
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.clock import ManualClock
from sandbox.errors import TranscriptError
from sandbox.transcript import Event, FileStore, FrailDisk, cut_torn_tail, read, repair, verify

UNSYNCED = {
    "lost": lambda data: b"",
    "kept": lambda data: data,
    "half": lambda data: data[: len(data) // 2],
    "zeros": lambda data: bytes(len(data)),
    "last page only": lambda data: bytes(len(data) // 2) + data[len(data) // 2 :],
}
RUN = "run-1"


async def play(disk, root, durability, writers=3, each=4):
    """Let writers append and commit at once; return the numbers that finished commits covered."""
    covered = set()
    seq = 0

    async def write(store):
        nonlocal seq
        for number in range(each):
            for _ in range(number % 3 + 1):
                seq += 1
                kind = "say" if seq > 1 else "run.started"
                store.append(Event(seq, kind, "ada", {"text": "x" * 100 * seq}))
            await commit(store)

    async def commit(store):
        before = range(1, seq + 1)
        await store.commit()
        covered.update(before)

    async def only_commit(store):
        for _ in range(20):
            await commit(store)
            await asyncio.sleep(0)

    store = None
    with suppress(TranscriptError):
        store = FileStore(root / "transcripts" / RUN, RUN, ManualClock(), durability, disk)
        with suppress(ExceptionGroup):
            async with asyncio.TaskGroup() as tasks:
                for _ in range(writers):
                    tasks.create_task(write(store))
                tasks.create_task(only_commit(store))
    if store is not None:
        with suppress(TranscriptError):
            store.close()
    return covered


def found(root):
    """The numbers of the events that can be read when the power is back."""
    if not (root / "transcripts" / RUN / "events.jsonl").exists():
        return set()
    repair(root / "transcripts" / RUN)
    return {event.seq for event in read(root / "transcripts" / RUN)}


async def cut_power(tmp_path, durability, unsynced):
    """Lose the power at every call in turn; say whether anything that was committed was lost."""
    lost = False
    for late in (False, True):
        last = 0
        for lasts in range(1, 100):
            place = tmp_path / f"{lasts}-{late}"
            root = place / "disk"
            root.mkdir(parents=True)
            disk = FrailDisk(root, lasts, late=late)
            covered = await play(disk, root, durability)
            disk.after(place / "after", UNSYNCED[unsynced])
            lost |= not covered <= found(place / "after")
            last = len(covered)
            if disk.calls < lasts:
                break
        assert last == 21, "at last, the power lasted to the end"
    return lost


@pytest.mark.parametrize("unsynced", UNSYNCED)
async def test_with_power_no_finished_commit_is_ever_lost(tmp_path, unsynced):
    assert not await cut_power(tmp_path, "power", unsynced)


async def test_with_process_it_may_be(tmp_path):
    assert await cut_power(tmp_path, "process", "lost")


async def test_a_run_that_goes_on_after_a_loss_of_power_is_whole(tmp_path):
    (tmp_path / "disk").mkdir()
    disk = FrailDisk(tmp_path / "disk", lasts=9)  # three names, then write and sync in turn
    store = FileStore(tmp_path / "disk" / "runs" / RUN, RUN, ManualClock(), "power", disk)
    for seq in (1, 2):
        store.append(Event(seq, "say" if seq > 1 else "run.started", "ada", {"text": "x" * 99}))
        await store.commit()
    store.append(Event(3, "say", "ada", {"text": "not kept"}))
    with pytest.raises(TranscriptError, match="the power is gone"):
        await store.commit()
    store.close()

    disk.after(tmp_path / "after", UNSYNCED["half"])
    folder = tmp_path / "after" / "runs" / RUN
    assert cut_torn_tail(folder).startswith(b'{"seq":3,')
    store = FileStore(folder, RUN, ManualClock(), "power")
    store.append(Event(3, "run.resumed", "engine"))
    await store.commit()
    store.close()
    report = verify(folder)
    assert (report.ok, report.lines) == (True, 3)


@settings(max_examples=40, deadline=None)
@given(
    lasts=st.integers(4, 40),
    writers=st.integers(1, 6),
    each=st.integers(1, 5),
    cut=st.floats(0, 1),
)
def test_whatever_the_disk_kept_beyond_nothing_committed_is_lost(
    tmp_path_factory, lasts, writers, each, cut
):
    place = tmp_path_factory.mktemp("power")
    (place / "disk").mkdir()
    disk = FrailDisk(place / "disk", lasts)
    covered = asyncio.run(play(disk, place / "disk", "power", writers, each))
    disk.after(place / "after", lambda data: data[: int(len(data) * cut)])
    assert covered <= found(place / "after")


async def test_the_name_of_a_new_folder_is_made_durable_with_it(tmp_path):
    disk = FrailDisk(tmp_path)
    store = FileStore(tmp_path / "a" / "b" / RUN, RUN, ManualClock(), "power", disk)
    store.append(Event(1, "run.started", "engine"))
    await store.commit()
    store.close()
    disk.after(tmp_path.with_name("after"), UNSYNCED["lost"])
    kept = tmp_path.with_name("after") / "a" / "b" / RUN / "events.jsonl"
    assert kept.read_bytes() == store.path.read_bytes()
