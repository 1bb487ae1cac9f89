"""What it costs to write a run: events a second, beside the bare disk; and how large its log is.

    python tests/bench/record.py [--events 40000] [--size 1024]

Writers append and commit at once, so that commits which wait together share one fdatasync (an engine is one
writer, which commits a batch of events at a time). Disks swing, so the rounds are short, and behind each stands the
bare disk: the same bytes in the same number of groups, by os.write and os.fdatasync alone, in one thread.
``of the disk`` is the bare disk's time over ours: the median of the rounds and their middle half. ``there`` are the
milliseconds a group that ours spent in fdatasync, until its thread went on; ``else`` those that the disk had to wait
for: encoding, writing, from the event loop to the thread and back; ``bare`` the bare disk's.

``beyond payload`` is what is left of a line's bytes once the words, calls and results that models, tools and
people made are taken off, each as often as it is recorded, as JSON: so it says what the record itself adds.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import orjson

from sandbox.clock import SystemClock
from sandbox.detect.watch import Watch
from sandbox.engine.offline import OfflineRun
from sandbox.scenario import load, with_overrides
from sandbox.transcript import Durability, Event, FileStore, Record

RUN = "20261121-113908-two-strangers-abcd"
ROUNDS = 25
GROUPS = ((1, 1), (1, 5), (8, 1), (8, 5), (32, 5))
MADE = ("text", "calls", "args", "output", "reasoning", "extra", "tail", "sample")
"""Members of ``data`` that hold what models, tools and people made."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--turns", type=int, default=5100)
    args = parser.parse_args()
    print(f"events of {args.size} bytes; medians of {ROUNDS} rounds")
    print("durability  writers x events  events/s  a group   there    else    bare   of the disk")
    for writers, each in GROUPS:
        events = min(args.events, 150 * writers * each)
        runs = [
            asyncio.run(append("power", writers, each, events, args.size)) for _ in range(ROUNDS)
        ]
        print(f"power       {writers:>7} x {each:<6}  {row(runs)}", flush=True)
    runs = [asyncio.run(append("process", 8, 5, args.events, args.size)) for _ in range(7)]
    rate = statistics.median(run.rate for run in runs)
    print(f"process           8 x 5       {rate:>8,.0f}   (aim 20,000 events/s)")
    print("\nlog beyond payload, bytes per event (aim 350), of a run in the long corridor")
    for turn, (log, payload) in log_size(args.turns).items():
        print(
            f"  turn {turn:>5,}: {log - payload:5.0f}   (a line {log:.0f}, payload {payload:.0f})"
        )


@dataclass(frozen=True)
class Appended:
    """One round; the times are milliseconds a group."""

    rate: float
    group: float = 0
    there: float = 0
    otherwise: float = 0
    bare: float = 0


def row(runs: list[Appended]) -> str:
    rate, group, there, otherwise, disk = (
        statistics.median(getattr(run, name) for run in runs)
        for name in ("rate", "group", "there", "otherwise", "bare")
    )
    shares = [run.bare / (run.there + run.otherwise) for run in runs]
    low, middle, high = statistics.quantiles(shares, n=4)
    times = f"{there:>8.3f}{otherwise:>8.3f}{disk:>8.3f}"
    return f"{rate:>8,.0f} {group:>8.1f}{times}   {middle:.0%} ({low:.0%} to {high:.0%})"


async def append(
    durability: Durability, writers: int, each: int, events: int, size: int
) -> Appended:
    """Write a run with so many writers, each committing after ``each`` events."""
    with tempfile.TemporaryDirectory() as folder:
        store = FileStore(Path(folder) / "run", RUN, SystemClock(), durability)
        seq = 0
        text = "x" * (size - 260)

        async def write() -> None:
            nonlocal seq
            while seq < events:
                for _ in range(each):
                    seq += 1
                    store.append(Event(seq, "say", "ada", {"text": text}, "lobby", "room"))
                await store.commit()

        async def play() -> float:
            began = time.perf_counter()
            async with asyncio.TaskGroup() as tasks:
                for number in range(writers):
                    tasks.create_task(write(), name=f"writer {number}")
            return time.perf_counter() - began

        took = await play()
        store.close()
        written = store.path.stat().st_size
        if durability == "process":
            return Appended(seq / took)
        disk = bare(Path(folder), written, store.syncs)
        spent = (store.sync_seconds, took - store.sync_seconds, disk)
        return Appended(
            seq / took, seq / store.syncs, *(part / store.syncs * 1_000 for part in spent)
        )


def bare(folder: Path, size: int, groups: int) -> float:
    """Seconds for the same bytes in as many groups, with nothing but the two calls."""
    block = b"x" * (size // groups)
    fd = os.open(folder / "bare", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        began = time.perf_counter()
        for _ in range(groups):
            os.write(fd, block)
            os.fdatasync(fd)
        return time.perf_counter() - began
    finally:
        os.close(fd)


def log_size(turns: int) -> dict[int, tuple[float, float]]:
    """Bytes of a line and of its payload, means over the 50 turns around turn 50 and turn 5,000."""
    here = Path(__file__).parents[2]
    scenario = with_overrides(load(here / "scenarios" / "long-corridor.yaml"), turns=turns)
    with tempfile.TemporaryDirectory() as folder:
        store = FileStore(Path(folder), "run", SystemClock(), "process")
        OfflineRun(scenario, store, SystemClock(), Watch([])).play()
        store.close()
        with Record(Path(folder)) as record:
            return {turn: means(record, turn) for turn in (50, 500, turns // 100 * 100 - 100)}


def means(record: Record, turn: int) -> tuple[float, float]:
    first, behind = record.turn(turn - 25), record.turn(turn + 25)
    assert first is not None
    assert behind is not None
    lines = [*record.lines(first, behind - 1)]
    sizes = [len(line) for _, line in lines]
    payload = [
        len(orjson.dumps(event.data[name]))
        for event, _ in lines
        for name in MADE
        if name in event.data
    ]
    return sum(sizes) / len(lines), sum(payload) / len(lines)


if __name__ == "__main__":
    main()
