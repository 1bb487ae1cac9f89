"""What the transcript costs: to append, to look at, to find and filter in, to resize, and live in a terminal.

    python tests/bench/tui_text.py [--most 1000000] [--seconds 20]

CPU time of this process, whatever else the machine does; headless but for the live part, which draws to
a pseudo-terminal in a process of its own. A stall is the longest time between two turns of the event loop.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import pty
import random
import resource
import select
import struct
import sys
import termios
import time
from collections.abc import Iterator
from fcntl import ioctl
from pathlib import Path
from tempfile import TemporaryDirectory

from textual.app import App, ComposeResult

from sandbox.console.lines import Line, Span
from sandbox.tui import text as package
from sandbox.tui.text.transcript import Transcript

LOOKS = Path(package.__file__).parents[1] / "app.tcss"
WORDS = """the room is quiet and the walls hum while an agent lists files then asks what lies
beyond the next door opens a shell reads the note argues agrees refuses repeats"""
RATE = 500
REDRAWS = 10


def lines(first: int, count: int) -> Iterator[Line]:
    """One line an event: words of 6 to 60, every fiftieth of several lines and scripts."""
    chance = random.Random(first)
    for seq in range(first, first + count):
        text = " ".join(chance.choices(WORDS.split(), k=chance.choice((6, 12, 20, 30, 60))))
        if seq % 50 == 0:
            text += "\n$ ls -la /room\ntotal 12\n" + "—" * 30 + " 走廊 без конца"
        who = seq % 5
        head = (Span(" "), Span(f"agent-{who}", f"agent.{who}"))
        yield Line(seq // 3, f"agent-{who}", "say", (Span(text, "speech"),), head, 10, seq=seq)


class Bench(App[None]):
    CSS_PATH = LOOKS

    def __init__(self) -> None:
        super().__init__()
        self.animation_level = "none"
        self.transcript = Transcript()
        self.made = 0

    def compose(self) -> ComposeResult:
        yield self.transcript

    def on_mount(self) -> None:
        self.transcript.focus()
        if LIVE in sys.argv:
            self.set_interval(1 / REDRAWS, self.more)

    def more(self) -> None:
        count = RATE // REDRAWS
        self.transcript.append(lines(self.made + 1, count))
        self.made += count


LIVE = "--live"


def memory() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


class Stall:
    """The longest stretch of CPU time in which the event loop did not come round."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def watch(self) -> None:
        while True:
            began = time.process_time()
            await asyncio.sleep(0.002)
            self.longest = max(self.longest, time.process_time() - began)


async def whole(app: Bench, pilot) -> None:
    while app.workers._workers:
        await app.workers.wait_for_complete()
        await asyncio.sleep(0)
    await pilot.pause()


def say(what: str, figure: float, unit: str, bar: float) -> None:
    mark = "ok " if figure <= bar else "OVER"
    print(f"{mark:5}{what:55}{figure:10.1f} {unit:8} bar {bar:g}", flush=True)


async def headless(most: int) -> None:
    app = Bench()
    async with app.run_test(size=(120, 36)) as pilot:
        await at_100_000(app, pilot)
        await beyond(app, pilot, most)


async def at_100_000(app: Bench, pilot) -> None:
    transcript = app.transcript
    transcript.append(lines(1, 1000))
    transcript.clear()
    gc.collect()
    before = memory()
    transcript.append(lines(1, 100_000))
    await whole(app, pilot)
    gc.collect()
    say("100,000 messages kept", (memory() - before) / 2**20, "MiB", 15)
    transcript.clear()
    made = list(lines(1, 100_000))
    began = time.process_time()
    transcript.append(made)
    say("100,000 messages appended", (time.process_time() - began) * 1000, "ms CPU", 600)
    del made
    await whole(app, pilot)
    jumps = []
    for seq in random.Random(1).sample(range(1, 100_000), 20):
        began = time.process_time()
        transcript.to_seq(seq)
        await pilot.pause()
        jumps.append(time.process_time() - began)
    say("jump to an event and draw it, median of 20", sorted(jumps)[10] * 1000, "ms CPU", 20)
    for needle in ("door opens a", "walls", "e", "nowhere at all"):
        began = time.process_time()
        transcript.find(needle)
        took = (time.process_time() - began) * 1000
        await whole(app, pilot)
        say(f"find {needle!r}: {len(transcript.sheet.search.hits):,} lines", took, "ms CPU", 50)
    transcript.find("")
    for source in ("agent:agent-1", "note", "agent:agent-1 -note", ""):
        began = time.process_time()
        transcript.filter([source])
        took = (time.process_time() - began) * 1000
        await whole(app, pilot)
        say(f"filter {source!r}: {transcript._told.shown():,} lines", took, "ms CPU", 50)


async def beyond(app: Bench, pilot, most: int) -> None:
    transcript = app.transcript
    transcript.follow(on=True)
    gc.collect()
    before, made = memory(), 100_000
    while made < most:
        transcript.append(lines(made + 1, 10_000))
        made += 10_000
        await asyncio.sleep(0)
    gc.collect()
    if most > 100_000:
        grown = (memory() - before) / 2**20 / ((most - 100_000) / 10_000)
        say(f"growth per 10,000 events, up to {most:,}", grown, "MiB", 1)
    stall = Stall()
    watching = asyncio.create_task(stall.watch())
    for size in ((80, 24), (120, 36), (100, 30)):
        await pilot.resize_terminal(*size)
        await whole(app, pilot)
    watching.cancel()
    say(f"longest stall, three resizes at {most:,}", stall.longest * 1000, "ms CPU", 150)
    jumps = []
    for part in (3, 5, 7, 2, 4):
        began = time.process_time()
        transcript.to_seq(most // part)
        await pilot.pause()
        jumps.append(time.process_time() - began)
    say(f"jump at {most:,}, median of 5", sorted(jumps)[2] * 1000, "ms CPU", 20)


def live(seconds: float) -> None:
    """500 messages a second in a terminal of 120 x 36."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, __file__, LIVE])
    ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
    read = 0
    began = cpu = None
    try:
        start = time.monotonic()
        while began is None or time.monotonic() - began < seconds:
            if select.select([terminal], [], [], 0.2)[0]:
                read += len(os.read(terminal, 1 << 16))
            if began is None and time.monotonic() - start > 5:  # it has started
                began, read, cpu = time.monotonic(), 0, used(child)
        took = time.monotonic() - began
        say(
            f"live, {RATE} messages a second, following",
            (used(child) - cpu) / took * 100,
            "% core",
            20,
        )
        say("  to the terminal", read / took / 1024, "KiB/s", 200)
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
        os.close(terminal)


def used(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--most", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument(LIVE, action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.live:
        os.environ["COLORTERM"] = "truecolor"
        Bench().run()
    else:
        with TemporaryDirectory() as folder:
            os.environ["TMPDIR"] = folder
            asyncio.run(headless(given.most))
        live(given.seconds)
