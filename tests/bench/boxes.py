"""What a box costs, tier by tier: its self-check, its start, and twenty of them over the gate.

    python tests/bench/boxes.py [--tier docker] [--starts 5] [--crowd 20]

``check`` is the shim's look around, first of its process; ``start`` is from nothing to a box
that was checked and let begin; ``one`` and ``crowd`` are from the start of the play to the last agent's hello
over gate and broker. The image is built before. Medians; the machine's load at the time is printed, too.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.commands.tier_choice import TIERS
from sandbox.engine.plan import Plan
from sandbox.engine.play import play
from sandbox.ids import AgentId, RunId
from sandbox.isolation.box import BoxSpec, Tier
from sandbox.isolation.tiers import available, make_box, prepare
from sandbox.scenario import load
from sandbox.transcript.event import Event

AIMS = {"bubblewrap": (0.25, None), "docker": (0.8, 4.0), "gvisor": (2.0, 10.0)}
"""Seconds: one box to its hello, twenty to the last one's."""
CHECK_AIM = 50
"""Milliseconds."""
WIDTHS = (14, 9, 10, 14, 14)
CHECK = """
import sys, time
sys.path.insert(0, '/opt/backrooms')
from agents import loop, shim
began, used = time.perf_counter(), time.process_time()
from agents import selfcheck
selfcheck.look('0' * 16)
print((time.perf_counter() - began) * 1000, (time.process_time() - used) * 1000)
"""


async def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--tier", choices=TIERS)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--crowd", type=int, default=20)
    args = parser.parse_args()
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; aims in parentheses")
    heads = ("check, ms", "CPU, ms", "start, s", "one, s", f"{args.crowd}, s")
    print(f"{'tier':<11}" + "".join(f"{h:>{w}}" for h, w in zip(heads, WIDTHS, strict=True)))
    for tier, missing in await available():
        if missing is None and tier != "none" and args.tier in {None, tier}:
            print(await row(tier, args.starts, args.crowd), flush=True)


async def row(tier: Tier, starts: int, crowd: int) -> str:
    await prepare(tier, print)
    check, used, start = await alone(tier, starts)
    one = statistics.median([await over_the_gate(tier, 1) for _ in range(starts)])
    many = await over_the_gate(tier, crowd)
    aim, aim_of_many = AIMS.get(tier, (None, None))
    cells = [
        f"{check:.0f}{said(CHECK_AIM):>6}",
        f"{used:.0f}",
        f"{start:.2f}",
        f"{one:.2f}{said(aim):>7}",
        f"{many:.2f}{said(aim_of_many):>7}",
    ]
    return f"{tier:<11}" + "".join(f"{c:>{w}}" for c, w in zip(cells, WIDTHS, strict=True))


def said(aim: float | None) -> str:
    return "" if aim is None else f"({aim:g})"


async def alone(tier: Tier, starts: int) -> tuple[float, float, float]:
    """Milliseconds of the look inside and of processor time for it, seconds of a whole start; medians."""
    looks, seconds = [], []
    for number in range(starts):
        with runtime() as folder:
            spec = BoxSpec(RunId(f"bench-{os.getpid()}-{number}"), AgentId("ada"), folder)
            box = make_box(tier, spec, progress=print)
            began = time.perf_counter()
            try:
                await box.start()
                seconds.append(time.perf_counter() - began)
                done = await box.exec(["python3", "-I", "-S", "-c", CHECK])
                looks.append([float(number) for number in done.stdout.split()])
            finally:
                await box.stop()
    check, used = (statistics.median(column) for column in zip(*looks, strict=True))
    return check, used, statistics.median(seconds)


async def over_the_gate(tier: Tier, count: int) -> float:
    """Seconds from the start of a play, broker and boxes included, to the last agent's hello."""
    moments: dict[str, float] = {}

    def observe(event: Event, line: bytes) -> None:
        if event.kind == "agent.joined":
            moments[event.kind] = time.perf_counter()

    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "crowd.yaml"
        agents = "".join(
            f"  a{n}: {{script: [Hello.], tools: [talk, shell]}}\n" for n in range(count)
        )
        file.write_text(f"title: Crowd\nagents:\n{agents}limits: {{turns: 1}}\n")
        plan = Plan(load(file), Path(name) / "transcripts", tier)
        began = time.perf_counter()
        await play(plan, observe=observe, progress=lambda text: None)
    return moments["agent.joined"] - began


@contextmanager
def runtime() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="br-", dir="/tmp") as name:
        Path(name).chmod(0o711)
        (Path(name) / "ada").mkdir()
        yield Path(name) / "ada"


if __name__ == "__main__":
    asyncio.run(main())
