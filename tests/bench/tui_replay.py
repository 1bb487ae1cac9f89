"""What the replay page costs: opening a long run, jumping in it, and reading it through beside the screen.

    python tests/bench/tui_replay.py [--events 100000] [--folder DIR] [--shared]

The record is made first, as in ``tests/bench/replay.py``, unless a folder for it is given. A jump is what
the page does between the key and the drawing: text, roster, score, pane and time; processor time.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from replay import RUN, write  # the record of the other bench

from sandbox.tui.app import BackroomsApp
from sandbox.tui.desk import Desk
from sandbox.tui.places import Replayed
from sandbox.tui.replay.page import ReplayPage


async def measure(folder: Path, size: tuple[int, int], alone: bool) -> None:
    began, cpu = time.perf_counter(), time.process_time()
    app = BackroomsApp(Desk(root=folder.parent), Replayed(folder), alone=alone)
    async with app.run_test(size=size) as pilot:
        page = app.screen
        assert isinstance(page, ReplayPage)
        page.room.transcript.sheet.render_line(0)
        say("open to first paint", (time.perf_counter() - began, time.process_time() - cpu))
        length = len(page.clock.log)
        jumps("jump before the run is read through", page, length)
        began, cpu = time.perf_counter(), time.process_time()
        await app.workers.wait_for_complete()
        await pilot.pause()
        say(
            "read through beside the screen",
            (time.perf_counter() - began, time.process_time() - cpu),
        )
        jumps("jump anywhere", page, length)
    print(
        f"{'peak memory':50} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:9.1f} MiB"
    )


def jumps(what: str, page: ReplayPage, length: int, times: int = 200) -> None:
    draw, taken = random.Random(7), []
    for _ in range(times):
        to = draw.randrange(length)
        began = time.process_time()
        page._seek(lambda to=to: page.clock.seek(to))
        sheet = page.room.transcript.sheet
        for y in range(sheet.size.height):
            sheet.render_line(y)
        taken.append((time.process_time() - began) * 1e3)
    print(f"{what:50} {statistics.median(taken):9.2f} ms, worst {max(taken):9.2f}")


def say(what: str, taken: tuple[float, float]) -> None:
    print(f"{what:50} {taken[0] * 1e3:9.1f} ms wall, {taken[1] * 1e3:9.1f} ms CPU")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument(
        "--shared", action="store_true", help="as where the app is not alone in its process"
    )
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (args.folder or Path(temporary)) / f"{RUN}-{args.events}"
        if not folder.exists():
            folder.mkdir(parents=True)
            write(folder / "events.jsonl", args.events)
        asyncio.run(measure(folder, (120, 36), not args.shared))


if __name__ == "__main__":
    main()
