"""What the search for canaries costs, by the kind of text, the number of canaries and the length of the run.

    python tests/bench/canary.py [--canaries 8] [--repeat 30]

CPU time of one event of 1 KB, the best of some rounds; and of the drill before a run.
"""

from __future__ import annotations

import argparse
import base64
import random
import secrets
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sandbox.detect.canary import Search
from sandbox.isolation.witnesses.decoy import Decoy
from sandbox.isolation.witnesses.drill import DRILL, drill

KB = 1024
EVENTS = 100
ROOT = Path(__file__).parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--canaries", type=int, default=8)
    parser.add_argument("--repeat", type=int, default=30)
    args = parser.parse_args()
    for count in (args.canaries, 200):
        print(f"{count} canaries, made in {best(partial(made, count), 5) * 1e3:.1f} ms")
        for name, text in texts().items():
            print(f"  {name:10} {per_event(text, count, args.repeat) * 1e6:7.1f} us per event")
    draw = texts()["prose"]
    first, last = over_time(draw)
    print(f"event 1,000: {first * 1e6:.1f} us, event 50,000: {last * 1e6:.1f} us")
    print(f"drill: {drilled() * 1e3:.1f} ms")


def texts() -> dict[str, str]:
    """100 KB of each kind."""
    draw, size = random.Random(7), EVENTS * KB
    prose = "\n".join(path.read_text() for path in sorted(ROOT.glob("docs/*.md")))
    code = "\n".join(path.read_text() for path in sorted(ROOT.glob("sandbox/engine/*.py")))
    paths = "\n".join(str(path) for path in sorted(ROOT.rglob("*.py")))
    data = draw.randbytes(size)
    return {
        "prose": prose,
        "code": code,
        "paths": paths * (size // len(paths) + 1),
        "base64": base64.b64encode(data).decode(),
        "hex": data.hex(),
    }


def made(count: int) -> Search:
    return Search({str(number): secrets.token_hex(16) for number in range(count)})


def per_event(text: str, count: int, repeat: int) -> float:
    search = made(count)
    events = [text[at : at + KB] for at in range(0, EVENTS * KB, KB)]

    def whole() -> None:
        for event in events:
            search.feed("ada", "result", event)

    return best(whole, repeat) / len(events)


def over_time(text: str) -> tuple[float, float]:
    """CPU seconds of an event early and late in a run."""
    search = made(8)
    events = [text[at : at + KB] for at in range(0, EVENTS * KB, KB)]
    windows = []
    for round_ in range(500):
        began = time.process_time()
        for event in events:
            search.feed(f"agent-{round_ % 7}", "result", event)
        windows.append((time.process_time() - began) / len(events))
    return min(windows[5:15]), min(windows[-10:])


def drilled() -> float:
    token = secrets.token_hex(16)
    with tempfile.TemporaryDirectory() as folder:
        return best(lambda: _drill(token, Path(folder)), 5)


def _drill(token: str, folder: Path) -> None:
    import asyncio

    async def run() -> None:
        drill(Search({DRILL: token}), token, folder, Decoy(token, None))

    asyncio.run(run())


def best(work: Callable[[], object], repeat: int) -> float:
    times = []
    for _ in range(repeat):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


if __name__ == "__main__":
    main()
