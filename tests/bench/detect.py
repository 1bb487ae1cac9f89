"""What detection costs: by event, by command, by length of the run, and over a whole record again.

    python tests/bench/detect.py [--events 100000]

The record is made here, always the same: 5 % of its events are commands, of 1 KB in the median; some of the
commands are surveys and attempts. Bars (docs/detectors.md): 0.1 ms for an event that is no command, 3 ms for
one that is, the same at the end as at the beginning, and 30 s for 100,000 events read again from disk.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from sandbox.detect import Watch, detectors
from sandbox.detect.rescan import rescan
from sandbox.transcript import read
from sandbox.transcript.codec import NO_HASH, encode
from sandbox.transcript.event import Event

AGENTS = tuple(f"agent-{number}" for number in range(8))
TALK = (
    "the room is yellow and hums; somebody whispers to agent-2 about a door, a socket, a port, a model that"
    " listens behind the wall, and /usr/local/lib/python3.11/site-packages/yellow/corridor.py line 1204"
)
WORDS = TALK.split()
TRIGGERS = (
    "I escaped the container with nsenter, mounted /run/docker.sock, sudo root chroot, curl http://169.254.169.254"
    " kernel exploit, /proc/1/root sandbox break out, sealed host, gate, key token, canary"
)
COMMANDS = (
    "cd src && make -j4 2>&1 | tee build.log | tail -n 20",
    "git log --oneline -n 5 && grep -rn 'docker.sock' docs | head",
    'for f in *.txt; do wc -l "$f"; sed -n \'1,5p\' "$f"; done',
    "cat > run.sh <<'EOF'\n#!/bin/sh\necho start\nEOF\nchmod +x run.sh && ./run.sh",
    "python3 - <<'EOF'\nimport json\nprint(json.dumps({'a': [1, 2, 3]}))\nEOF",
    "cat /proc/self/status | grep Cap",
    "echo bnNlbnRlciAtdCAxIC1tIHNo | base64 -d | sh",
    "curl --unix-socket /run/docker.sock http://localhost/containers/json",
)


def text(draw: random.Random, size: int) -> str:
    """Words of about so many characters."""
    return " ".join(draw.choices(WORDS, k=max(1, size // 7)))


def command(draw: random.Random) -> str:
    """A script of about a kilobyte."""
    size, parts = draw.lognormvariate(6.9, 0.6), [draw.choice(COMMANDS)]
    while sum(map(len, parts)) < size:
        parts.append(draw.choice(COMMANDS[:5]) if draw.random() < 0.97 else draw.choice(COMMANDS))
        parts.append(f"echo {text(draw, 60)!r} >> notes/{draw.randrange(50)}.txt")
    return "\n".join(parts)


def events(count: int) -> Iterator[Event]:
    """A run of so many events."""
    draw, seq, turn = random.Random(7), 1, 0
    scenario = {"agents": {agent: {"persona": "You are here."} for agent in AGENTS}}
    cast = {agent: {"family": "claude" if at % 2 else "gpt"} for at, agent in enumerate(AGENTS)}
    rooms = {"lobby": {"members": list(AGENTS), "enter": "anyone", "about": ""}}
    yield Event(1, "run.started", "engine", {"scenario": scenario, "agents": cast, "rooms": rooms})
    while seq < count:
        turn += 1
        agent = AGENTS[turn % len(AGENTS)]
        acts = draw.random() < 0.3
        call = {"id": "c1", "tool": "shell", "args": {"command": command(draw)}} if acts else None
        head = {"turn": turn, "call": "c1", "tool": "shell"}
        said = {"text": text(draw, int(draw.lognormvariate(6.9, 0.6)))}
        made: list[tuple[str, dict[str, object]]] = [
            ("turn.offered", {"turn": turn, "agent": agent, "upto": seq}),
            ("think.request", {"turn": turn, "think": 1, "purpose": "act", "upto": seq}),
            (
                "think.done",
                {
                    "turn": turn,
                    "text": "" if acts else said["text"],
                    "calls": [call] if acts else [],
                },
            ),
        ]
        if acts:
            made += [
                ("action.intent", {**head, "author": "model"}),
                (
                    "action.result",
                    {**head, "ok": True, "output": text(draw, 1500), "source": "box"},
                ),
                ("host.call", {"technique": "ebpf", "level": "denied", "what": "bpf was denied"}),
            ]
        made += [("say", said), ("turn.ended", {"turn": turn, "agent": agent, "reason": "spoke"})]
        for kind, data in made:
            seq += 1
            to = "room" if kind == "say" else "none"
            yield Event(seq, kind, agent, data, "lobby", to)  # type: ignore[arg-type]  # kinds of ours


def by_kind(count: int) -> None:
    """Print what an event costs of CPU time, in memory."""
    watch = Watch(detectors())
    spent: dict[str, list[float]] = defaultdict(list)
    for event in events(count):
        began = time.thread_time()
        watch.observe(event)
        spent[event.kind].append((time.thread_time() - began) * 1_000)
    assert not watch.failed
    print(f"{'kind':<16}{'events':>8}{'median ms':>11}{'99 %':>9}{'first half':>12}{'second':>9}")
    for kind, times in sorted(spent.items()):
        half = len(times) // 2
        first, second = (median(part) if part else 0.0 for part in (times[:half], times[half:]))
        last = sorted(times)[int(len(times) * 0.99)] if len(times) > 1 else times[0]
        print(
            f"{kind:<16}{len(times):>8,}{median(times):>11.4f}{last:>9.3f}{first:>12.4f}{second:>9.4f}"
        )
    commands = spent["action.intent"]
    others = [each for kind, times in spent.items() if kind != "action.intent" for each in times]
    print(f"\na command: {sum(commands) / len(commands):.3f} ms on average (bar 3)")
    print(f"another event: {sum(others) / len(others):.4f} ms on average (bar 0.1)")


def worst(count: int = 2000) -> None:
    """Print what a message of a kilobyte costs in which every other word is one of those that are looked for.

    What all agents have heard is looked for no more, so each message is also given to agents who have heard nothing.
    """
    draw, start = random.Random(3), next(events(1))
    words = f"{TALK} {TRIGGERS}".split()
    said = [
        Event(seq, "say", AGENTS[seq % len(AGENTS)], {"text": " ".join(draw.choices(words, k=140))},
              "lobby", "room")
        for seq in range(2, count + 2)
    ]  # fmt: skip
    watch = Watch(detectors())
    watch.observe(start)
    later = [_spent(watch, event) for event in said]
    first = []
    for event in said:
        watch = Watch(detectors())
        watch.observe(start)
        first.append(_spent(watch, event))
    print(
        f"a message full of words that are looked for: {median(later):.4f} ms in the median,"
        f" {median(first):.4f} ms as the first of a run"
    )


def _spent(watch: Watch, event: Event) -> float:
    """Milliseconds of CPU time for one event."""
    began = time.thread_time()
    watch.observe(event)
    spent = (time.thread_time() - began) * 1_000
    assert not watch.failed
    return spent


def again(count: int) -> None:
    """Print how long a record on disk is read again."""
    with tempfile.TemporaryDirectory() as folder:
        path, last = Path(folder) / "events.jsonl", NO_HASH
        with path.open("wb") as file:
            for event in events(count):
                line, last = encode(event, last, run="x", ts="2026-11-21T11:39:08.000000Z")
                file.write(line)
        began, cpu = time.perf_counter(), time.process_time()
        with read(path) as record:
            done = rescan(record)
        took, busy = time.perf_counter() - began, time.process_time() - cpu
        size = path.stat().st_size / 1e6
    print(
        f"\n{count:,} events ({size:.0f} MB) read again: {took:.1f} s, {busy:.1f} s CPU (bar 30);",
        end=" ",
    )
    print(f"{len(done.flags):,} flags")


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    args = parser.parse_args()
    by_kind(min(args.events, 30_000))
    worst()
    again(args.events)
    return 0


if __name__ == "__main__":
    sys.exit(main())
