"""What one turn costs: (a) engine and record without a bus, (b) with bus, gate and agents' processes.

    python tests/bench/turn.py [--turns 5200] [--runs 3] [--tier bubblewrap]

CPU milliseconds per turn in windows of 200 turns around turns 50, 200, 1,000 and 5,000: medians over
the runs, each process named. Time in fdatasync is apart: it is the disk's, not ours.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from sandbox.clock import SystemClock
from sandbox.detect.watch import Watch
from sandbox.engine.offline import OfflineRun
from sandbox.engine.plan import Plan
from sandbox.engine.play import play
from sandbox.scenario import load, with_overrides
from sandbox.scenario.schema import Scenario
from sandbox.transcript.event import Event
from sandbox.transcript.file import FileStore

WINDOWS = ((1, 100), (100, 300), (900, 1100), (4900, 5100))
APART = ("wall", "fdatasync", "calls of it")
"""What is no CPU time; the number of calls is divided by 1,000, since all is shown in thousandths."""
NAMES = ("turn 50", "turn 200", "turn 1,000", "turn 5,000")

Marks = dict[int, Mapping[str, float]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--turns", type=int, default=5100)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--tier", default="bubblewrap")
    parser.add_argument("--only", choices=("a", "b"))
    args = parser.parse_args()
    here = Path(__file__).parents[2]
    scenario = with_overrides(load(here / "scenarios" / "long-corridor.yaml"), turns=args.turns)
    if args.only != "b":
        report(
            "(a) engine and record, no bus, durability process",
            [offline(scenario) for _ in range(args.runs)],
        )
    if args.only != "a":
        runs = [asyncio.run(live(scenario, args.tier)) for _ in range(args.runs)]
        report(f"(b) with bus, gate and agents ({args.tier}), durability power", runs)


def offline(scenario: Scenario) -> Marks:
    """One run in memory; CPU seconds of this process at each window's ends."""
    marks: Marks = {}
    with tempfile.TemporaryDirectory() as folder:
        store = FileStore(Path(folder) / "run", "run", SystemClock(), "process")
        run = OfflineRun(scenario, store, SystemClock(), Watch([]))
        for edge in edges(scenario):
            run.play(until=edge)
            marks[edge] = {"engine": time.process_time()}
        run.play()
        store.close()
    return marks


async def live(scenario: Scenario, tier: str) -> Marks:
    """One real run; CPU seconds of every process at each window's ends."""
    wanted, marks = set(edges(scenario)), {}
    kinds: Counter[str] = Counter()
    begun = time.monotonic()

    def observe(event: Event, line: bytes) -> None:
        kinds[event.kind] += 1
        if event.kind == "turn.ended" and event.data["turn"] in wanted:
            apart = {"wall": time.monotonic() - begun, "fdatasync": Disk.seconds}
            marks[event.data["turn"]] = (
                cpu_by_process() | apart | {"calls of it": Disk.calls / 1000}
            )

    with tempfile.TemporaryDirectory() as folder:
        plan = Plan(scenario, Path(folder), tier)  # type: ignore[arg-type]
        await play(plan, observe=observe, progress=lambda text: None)
    return marks


class Disk:
    """Time that this process has spent waiting for fdatasync, and how often."""

    seconds = 0.0
    calls = 0
    wait = staticmethod(os.fdatasync)

    @classmethod
    def fdatasync(cls, fd: int) -> None:
        begun = time.perf_counter()
        cls.wait(fd)
        cls.seconds += time.perf_counter() - begun
        cls.calls += 1


os.fdatasync = Disk.fdatasync


def cpu_by_process() -> dict[str, float]:
    """CPU seconds so far of this process and all its descendants, summed by what they are."""
    parents: dict[int, int] = {}
    names: dict[int, str] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:
            continue
        pid = int(stat.parent.name)
        names[pid] = text[text.index("(") + 1 : text.rindex(")")]
        parents[pid] = int(text.rpartition(")")[2].split()[1])
    me = next(iter(Path("/proc/self/task").iterdir())).name
    sums = {"engine with gate": time.process_time(), "broker": 0.0, "agents": 0.0}
    for pid, name in names.items():
        ancestor = pid
        while ancestor in parents and ancestor != int(me):
            ancestor = parents[ancestor]
        if ancestor != int(me) or pid == int(me):
            continue
        which = "broker" if name.startswith(("nats", "mosquitto")) else "agents"
        for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            try:
                sums[which] += int(thread.read_text().split()[0]) / 1e9
            except OSError:
                continue
    return sums


def edges(scenario: Scenario) -> list[int]:
    return sorted({e for w in WINDOWS for e in w if e <= scenario.limits.turns})


def report(title: str, runs: list[Marks]) -> None:
    print(f"\n{title}; ms per turn, median of {len(runs)} runs")
    for name, (start, end) in zip(NAMES, WINDOWS, strict=True):
        if end not in runs[0]:
            continue
        cells = []
        for part in runs[0][end]:
            values = [(run[end][part] - run[start][part]) / (end - start) * 1000 for run in runs]
            cells.append(f"{part} {statistics.median(values):.3f}")
        total = [
            sum(v - run[start][k] for k, v in run[end].items() if k not in APART)
            / (end - start)
            * 1000
            for run in runs
        ]
        print(f"  {name:>10}: {', '.join(cells)}; CPU in all {statistics.median(total):.3f}")


if __name__ == "__main__":
    main()
