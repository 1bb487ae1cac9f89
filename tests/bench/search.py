"""How fast a search is over 1,000 runs of 30 messages, and one of 100,000 events; how large its index is.

    python tests/bench/search.py [--runs 1000] [--events 100000] [--dir DIR]

Each figure is of a process of its own, started as a user would; the time to the first hit counts from
before Python's start to the first line of output. The record's own cost is beside it.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sandbox.clock import ManualClock
from sandbox.transcript import Event, FileStore

WARM = 7
QUERIES = (
    "yellow",
    "the",
    "zanzibar",
    '"the yellow room"',
    "quer*",
    "agent:bo kind:say room",
    "agent:bo kind:say",
    "-the kind:say",
    "/zanz.bar/ yellow",
    "flag:contact",
    "\u8ff7\u5bab",
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--dir", type=Path, help="keep the runs here, or use those that are here")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root = args.dir or Path(scratch)
        if not any(root.glob("*/events.jsonl")):
            make(root, args.runs, args.events)
        report(root)


def make(root: Path, runs: int, events: int) -> None:
    """Write the runs: sentences of 200 to 1,000 characters over 8,000 words, as frequent as in speech."""
    draw = random.Random(5)
    for number in range(runs):
        write(
            root,
            f"20260101-{number // 3600:02}{number // 60 % 60:02}{number % 60:02}-imported-{number:04}",
            30,
            draw,
        )
    write(root, "20261121-113908-long-corridor-abcd", events // 4, draw, thoughts=True)


def write(
    root: Path, run: str, messages: int, draw: random.Random, *, thoughts: bool = False
) -> None:
    store = FileStore(root / run, run, ManualClock(), "process")
    seq = 0

    def add(kind: str, actor: str, data: dict[str, object], room: str | None = None) -> None:
        nonlocal seq
        seq += 1
        store.append(Event(seq, kind, actor, data, room, "room" if room else "none"))

    agents = {name: {"model": f"scripted/{name}"} for name in ("ada", "bo")}
    add("run.started", "engine", {"title": "Two strangers", "agents": agents})
    for turn in range(1, messages + 1):
        agent = "ada" if turn % 2 else "bo"
        text = sentence(draw)
        add("turn.offered", agent, {"turn": turn, "agent": agent})
        if thoughts:
            add("think.done", agent, {"turn": turn, "text": text, "calls": []})
        add("say", agent, {"text": text}, "lobby")
        if thoughts:
            add("turn.ended", agent, {"turn": turn, "agent": agent, "reason": "spoke"})
        if turn % 29 == 0:
            add(
                "flag",
                "watch",
                {
                    "id": "contact.cross-model",
                    "title": "a contact",
                    "agent": agent,
                    "evidence": [seq],
                },
            )
        if turn % 200 == 0:
            store.write()
    store.close()


WORDS = [
    "the",
    "yellow",
    "room",
    "and",
    "door",
    "light",
    "who",
    "is",
    "there",
    *(f"w{n}x" for n in range(8000)),
]


def sentence(draw: random.Random) -> str:
    length, words = draw.randint(200, 1000), []
    while length > 0:
        words.append(WORDS[min(int(draw.paretovariate(0.6)) - 1, len(WORDS) - 1)])
        length -= len(words[-1]) + 1
    if draw.random() < 0.001:
        words.append("zanzibar querulous \u8ff7\u5bab")
    return " ".join(words)


def report(root: Path) -> None:
    paths = list(root.glob("*/events.jsonl"))
    size = sum(path.stat().st_size for path in paths)
    print(f"{len(paths):,} runs, {size / 1e6:.1f} MB of records")
    index = root / ".search.sqlite"
    index.unlink(missing_ok=True)
    first, whole, found = once(root, "nowhere-to-be-found")
    share = index.stat().st_size / size
    print(f"index made: {whole:.2f} s, {size * share / 1e6:.1f} MB ({share:.0%} of the records)")
    start = statistics.median(bare() for _ in range(WARM))
    print(f"of each time below, Python's start with nothing else: {start * 1000:.0f} ms")
    print(f"{'query':24}{'first hit':>10}{'at best':>10}{'CPU of 20':>11}{'all':>12}{'hits':>9}")
    for query in (*QUERIES, "nowhere-to-be-found"):
        before = os.times()
        walls = [once(root, query, limit=20)[0] for _ in range(WARM)]
        after = os.times()
        first, best = statistics.median(walls), min(walls)
        spent = (
            after.children_user
            + after.children_system
            - before.children_user
            - before.children_system
        )
        _, whole, found = once(root, query)
        print(
            f"{query:24}{first * 1000:7.0f} ms{best * 1000:7.0f} ms{spent / WARM * 1000:8.0f} ms"
            f"{whole * 1000:9.0f} ms{found:9,}"
        )


def once(root: Path, query: str, limit: int = 0) -> tuple[float, float, int]:
    """Seconds to the first hit and to the end, and how many there were."""
    command = [
        sys.executable,
        "-m",
        "sandbox",
        "search",
        query,
        "--dir",
        str(root),
        "--limit",
        str(limit),
        "--json",
    ]
    begun = time.perf_counter()
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as child,
    ):
        assert child.stdout is not None
        found = int(bool(child.stdout.readline()))
        first = time.perf_counter() - begun
        found += sum(1 for _ in child.stdout)
        whole = time.perf_counter() - begun
        errors.seek(0)
        assert b"Traceback" not in (said := errors.read()), said.decode()
    return first, whole, found


def bare() -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True, env=dict(os.environ))
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
