"""What a key costs in the editor, with colours and without, and a look at the whole text.

    python tests/bench/tui_edit.py [--lines 100 400 2000] [--keys 30]

``key`` is the CPU time of one letter typed at the end of a line in the middle, drawn and done, with its share
of the looks that fall between; ``look`` is one of those: all that is said of the text, in a thread, a moment
after the last key. Medians; the load is printed, too.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time

from sandbox.scenario.findings import findings
from sandbox.tui.app import BackroomsApp
from sandbox.tui.edit.page import EditPage
from sandbox.tui.places import Edited

KEY_AIM = 30
"""Milliseconds at 400 lines: two keys pressed at once are drawn before the third."""


def scenario(lines: int) -> str:
    agent = "  a{}:\n    model: local/qwen\n    tools: [talk, shell]\n    persona: You are {}.\n"
    return "title: t\nagents:\n" + "".join(agent.format(n, n) for n in range(lines // 4))


async def key(lines: int, keys: int, *, coloured: bool) -> float:
    app = BackroomsApp(place=Edited(text=scenario(lines)))
    async with app.run_test(size=(120, 36)) as pilot:
        page = app.screen
        assert isinstance(page, EditPage)
        await page.checker.idle.wait()
        if not coloured:
            text, page.area.language = page.area.text, None
            page.area.load_text(text)
        row = lines // 8 * 4 + 1
        page.area.move_cursor((row, len(page.area.document.get_line(row))))
        costs = []
        for _ in range(keys):
            began = time.process_time()
            await pilot.press("x")
            costs.append((time.process_time() - began) * 1000)
        return statistics.median(costs)


def look(lines: int) -> float:
    costs = []
    for _ in range(5):
        began = time.process_time()
        findings(scenario(lines))
        costs.append((time.process_time() - began) * 1000)
    return statistics.median(costs)


async def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--lines", type=int, nargs="+", default=[100, 400, 2000])
    parser.add_argument("--keys", type=int, default=30)
    args = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} processors, load {load:.1f}; aim {KEY_AIM} ms a key at 400 lines")
    print(f"{'lines':>6}{'key, ms':>10}{'plain, ms':>11}{'look, ms':>10}")
    for lines in args.lines:
        coloured = await key(lines, args.keys, coloured=True)
        plain = await key(lines, args.keys, coloured=False)
        print(f"{lines:>6}{coloured:>10.1f}{plain:>11.1f}{look(lines):>10.1f}", flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as state:
        os.environ["XDG_STATE_HOME"] = state
        asyncio.run(main())
