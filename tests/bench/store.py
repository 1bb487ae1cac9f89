"""What it costs to open a run, go to a place in it, and read it all.

    python tests/bench/store.py [--events 100000] [--large 1000000]

Events are of 1,024 bytes, five to a turn. Each figure is the best of three processes of their own; ``all``
is every event decoded, from the page cache. The large run (1 GB, removed afterwards) is sought in, not read.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sandbox.clock import iso
from sandbox.transcript import NO_HASH, Event, Record, encode

RUN = "20261121-113908-two-strangers-abcd"
BEGAN = 1_700_000_000.0
AIMS = {
    "open, no index needed": "50 ms",
    "first event": "5 ms",
    "all, CPU": "400 ms",
    "all, peak memory": "60 MB",
    "any seq": "500 ms",
    "any turn": "500 ms",
    "any time": "500 ms",
    "any percentage": "500 ms",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--measure", choices=("all", "seek"), help=argparse.SUPPRESS)
    parser.add_argument("--path", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        print(json.dumps(read_all(args.path) if args.measure == "all" else seek(args.path)))
        return
    with tempfile.TemporaryDirectory() as folder:
        for events, measure in ((args.events, "all"), (args.large, "seek")):
            path = Path(folder) / "events.jsonl"
            if shutil.disk_usage(folder).free < events * 1100 + (1 << 30):
                print(f"\n{events:,} events: left out, the disk has too little room")
                continue
            made = write(path, events)
            size = path.stat().st_size / 1e6
            print(f"\n{events:,} events, {size:,.0f} MB (made in {made:.1f} s); best of 3")
            runs = [in_its_own_process(measure, path) for _ in range(3)]
            for name in runs[0]:
                unit = "MB" if "memory" in name else "ms"
                best = min(run[name] for run in runs)
                aim = f"aim {AIMS[name]}" if name in AIMS else ""
                print(f"  {name:<34} {best:>10,.2f} {unit}   {aim}".rstrip())


def write(path: Path, events: int) -> float:
    """Write a run; every fifth event begins a turn, every thousandth is a flag."""
    began, digest = time.perf_counter(), NO_HASH
    with path.open("wb", buffering=1 << 20) as file:
        for seq in range(1, events + 1):
            digest = write_one(file.write, seq, digest)
    return time.perf_counter() - began


def write_one(take: Callable[[bytes], int], seq: int, digest: str) -> str:
    kind, actor = "say", "ada" if seq % 2 else "bo"
    data: dict[str, object] = {"text": ""}
    if seq == 1:
        kind, actor = "run.started", "engine"
    elif seq % 5 == 0:
        kind, data = "turn.offered", {"turn": seq // 5, "text": ""}
    elif seq % 1000 == 3:
        kind, actor = "flag", "watch"
    fixed = 320 + len(str(seq)) + len(kind) + len(actor) + len(str(data))
    data["text"] = "Another door. " * 50 + "x" * (1024 - 700 - fixed)
    line, digest = encode(
        Event(seq, kind, actor, data, "lobby", "room"), digest, run=RUN, ts=iso(BEGAN + seq)
    )
    take(line)
    return digest


def read_all(path: Path) -> dict[str, float]:
    """Open, read the first event, all of them, and those of one kind and one actor."""
    found = {"memory before": peak()}
    with Timer(found, "open, no index needed"):
        record = Record(path)
    with Timer(found, "first event"):
        next(record.events())
    with Timer(found, "all, wall"), Cpu(found, "all, CPU"):
        count = sum(1 for _ in record.events())
    found["all, peak memory"] = peak()
    assert count == record.last
    with Timer(found, "all of a rare kind (flag)"):
        assert sum(1 for _ in record.of(kind="flag")) == count // 1000
    with Timer(found, "all by one actor (half)"):
        sum(1 for _ in record.of(actor="ada"))
    with Timer(found, "the last 100, backwards"):
        sum(1 for _ in record.backwards(first=count - 99))
    return found


def seek(path: Path) -> dict[str, float]:
    """Open and go to one place after another; a seek's time is the longest of 200."""
    found: dict[str, float] = {}
    with Timer(found, "open, no index needed"):
        record = Record(path)
    with Timer(found, "first event"):
        next(record.events())
    with Timer(found, "last event"):
        last = record.last
    draw = random.Random(7)
    ways: dict[str, Callable[[int], object]] = {
        "any seq": record.get,
        "any turn": lambda seq: record.turn(max(1, seq // 5)),
        "any time": lambda seq: record.time(BEGAN + seq - 0.5),
        "any percentage": lambda seq: record.get(1 + round(seq / last * 100) * (last - 1) // 100),
    }
    for name, way in ways.items():
        longest = 0.0
        for _ in range(200):
            began = time.perf_counter()
            assert way(draw.randint(1, last)) is not None
            longest = max(longest, time.perf_counter() - began)
        found[name] = longest * 1000
    found["peak memory"] = peak()
    return found


def in_its_own_process(measure: str, path: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--measure", measure, "--path", str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def peak() -> float:
    """The most memory this process has had, in MB; getrusage would count its parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6


class Timer:
    """Milliseconds of wall time of its body, under a name."""

    clock = staticmethod(time.perf_counter)

    def __init__(self, found: dict[str, float], name: str) -> None:
        self.found, self.name = found, name

    def __enter__(self) -> None:
        self.began = self.clock()

    def __exit__(self, *exc: object) -> None:
        self.found[self.name] = (self.clock() - self.began) * 1000


class Cpu(Timer):
    """Milliseconds of this process's CPU."""

    clock = staticmethod(time.process_time)


if __name__ == "__main__":
    main()
