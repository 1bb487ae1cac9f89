"""What keeping a work folder costs: after a turn that changed nothing, one file, or everything.

    python tests/bench/workspace.py [--tier bubblewrap] [--times 20]

Wall and CPU milliseconds of the house (medians), the box's apart: it is another process. ``durable`` is
the same with artifacts that must survive a power cut; the time in fsync is the disk's.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from sandbox.engine.workspaces import Workspaces, restore
from sandbox.ids import AgentId, RunId
from sandbox.isolation.box import Box, BoxSpec, Tier
from sandbox.isolation.tiers import make_box
from sandbox.transcript.artifacts import Artifacts
from sandbox.transcript.store import Durability

SHAPES = {"3 files, 3 kB": (3, 1000), "100 files, 1 MB": (100, 10_000), "60 files, 60 MB": (60, 1_000_000)}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--tier", default="bubblewrap")
    parser.add_argument("--times", type=int, default=20)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o711)
        asyncio.run(bench(folder, args.tier, args.times))


async def bench(folder: Path, tier: Tier, times: int) -> None:
    for shape, (files, size) in SHAPES.items():
        sockets = folder / f"s{files}"
        sockets.mkdir()
        spec = BoxSpec(RunId(f"bench-{os.getpid()}-{files}"), AgentId("ada"), sockets)
        box = make_box(tier, spec, progress=print)
        await box.start()
        try:
            print(f"\n{shape} ({tier})")
            await measure(box, folder, files, size, times)
        finally:
            await box.stop()


async def measure(box: Box, folder: Path, files: int, size: int, times: int) -> None:
    async def fill(_: int) -> None:
        script = f"rm -rf *; for i in $(seq {files}); do head -c {size} /dev/urandom > $i; done"
        await box.exec(["sh", "-c", script])

    async def one(n: int) -> None:
        await box.put("1", b"%d" % n)

    async def nothing(_: int) -> None:
        return

    name = ""
    durabilities: tuple[Durability, ...] = ("process", "power")
    for durability in durabilities:
        artifacts = Artifacts(folder / f"{durability}{files}", durability)
        kept = Workspaces({"ada": box}, artifacts, 64 << 20)
        for what, change in (("everything", fill), ("one file", one), ("nothing", nothing)):
            repeats = max(3, times // 4) if what == "everything" else times
            title = f"{what:>10} changed, {durability}"
            noted = await timed(change, partial(kept.save, "ada", 1), repeats, title)
            if noted is not None:
                name = noted.data["manifest"]
    await timed(nothing, partial(restore, box, artifacts, name), 3, "put back")


async def timed(
    change: Callable[[int], Awaitable[None]],
    work: Callable[[], Awaitable[object]],
    times: int,
    title: str,
) -> object:
    walls, cpus, result = [], [], None
    for n in range(times):
        await change(n)
        wall, cpu = time.perf_counter(), time.process_time()
        result = await work()
        walls.append((time.perf_counter() - wall) * 1000)
        cpus.append((time.process_time() - cpu) * 1000)
    wall, cpu = statistics.median(walls), statistics.median(cpus)
    print(f"  {title:<28} wall {wall:8.2f} ms, the house's CPU {cpu:8.2f} ms")
    return result


if __name__ == "__main__":
    main()
