"""What a replay costs: opening a long record, going anywhere in it, and the state there.

    python tests/bench/replay.py [--events 1000000] [--folder DIR]

The record is made first (0.4 KB an event, 8 events a turn) and removed at the end, unless a folder for
it is given. Times are wall clock of this process; jumps go to random places.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sandbox.engine.scene import Scene
from sandbox.transcript import EVENTS_FILE, NO_HASH, Event, encode
from sandbox.transcript.replay import ReplayClock
from sandbox.transcript.replay_record import RecordLog

RUN = "20261121-113908-two-strangers-abcd"
WORDS = "There is a thread in the wallpaper, and I have pulled it. " * 4
AGENTS = ("ada", "bo", "cy", "dot")


def events(count: int):
    agents = {agent: {"model": "scripted/"} for agent in AGENTS}
    rooms = {"lobby": {"members": list(AGENTS), "enter": "anyone", "about": ""}}
    yield "run.started", "engine", {"title": "Long", "agents": agents, "rooms": rooms}
    for agent in AGENTS:
        yield "agent.joined", agent, {}
    made, turn = 1 + len(AGENTS), 0
    while made < count:
        turn += 1
        who = AGENTS[turn % len(AGENTS)]
        think = {"turn": turn, "think": 1, "purpose": "act"}
        call = {"turn": turn, "call": "c", "tool": "say"}
        yield "turn.offered", who, {"turn": turn, "agent": who, "upto": made}
        yield "think.request", who, think
        yield (
            "think.done",
            who,
            {**think, "text": WORDS, "tokens_in": 9, "tokens_out": 9, "calls": []},
        )
        yield "action.intent", who, {**call, "author": "model"}
        yield "say", who, {"text": WORDS}
        yield "action.result", who, {**call, "ok": True, "output": WORDS}
        if turn % 1000 == 0:
            yield "flag", "watch", {"id": "contact", "agent": who, "evidence": [made]}
        yield "turn.ended", who, {"turn": turn, "agent": who, "reason": "spoke", "thinks": 1}
        made += 8 if turn % 1000 == 0 else 7


def write(path: Path, count: int) -> None:
    previous = NO_HASH
    with path.open("wb") as file:
        for seq, (kind, actor, data) in enumerate(events(count), 1):
            second, micro = divmod(seq * 200_000, 1_000_000)
            hours, rest = divmod(second, 3600)
            day = 1 + hours // 24
            ts = f"2026-11-{day:02d}T{hours % 24:02d}:{rest // 60:02d}:{rest % 60:02d}.{micro:06d}Z"
            room = "lobby" if kind == "say" else None
            event = Event(seq, kind, actor, data, room, "all", run=RUN, ts=ts)
            line, previous = encode(event, previous)
            file.write(line)


def timed(what: str, act: Callable[[], object], times: int = 1) -> None:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        taken.append((time.perf_counter() - began) * 1e3)
    worst = f", worst {max(taken):9.2f}" if times > 1 else ""
    print(f"{what:50} {statistics.median(taken):9.2f} ms{worst}")


def measure(folder: Path) -> None:
    draw = random.Random(7)
    began = time.perf_counter()
    log = RecordLog(folder)
    clock = ReplayClock(log)
    clock.play()
    clock.advance(0)
    print(f"{'open, and the first event':50} {(time.perf_counter() - began) * 1e3:9.2f} ms")
    size = len(log)
    print(
        f"{size:,} events, {(folder / EVENTS_FILE).stat().st_size / 1e6:,.0f} MB, {clock.turns:,} turns"
    )
    turn, last = (lambda: draw.randrange(clock.turns)), log.moment(size - 1)
    first = log.moment(0)
    assert first is not None
    assert last is not None
    timed("seek a turn, its first event", lambda: (clock.seek_turn(turn()), clock.advance(0)), 50)
    timed(
        "seek a percentage", lambda: (clock.seek_percent(draw.random() * 100), clock.advance(0)), 50
    )
    timed(
        "seek a time", lambda: (clock.seek_moment(draw.uniform(first, last)), clock.advance(0)), 50
    )
    timed("a turn forward", lambda: clock.step_turn(1), 50)
    timed("a turn back", lambda: clock.step_turn(-1), 50)
    timed("the first question for flags", clock.next_flag)
    timed("the next flag", clock.next_flag, 20)
    clock.seek(0)
    clock.speed = 64
    clock.play()
    timed("play 1,000 events by time", lambda: clock.advance(200 / 64))
    scene = Scene(log)
    part = min(size, 100_000)
    timed(f"state at event {part:,}, first pass", lambda: scene.at(part))
    timed("state at a jump within them", lambda: scene.at(draw.randrange(part)), 200)
    timed("state a turn on", lambda: scene.at(min(part, scene.at(0).seq + 7)), 5)
    print(f"greatest memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = args.folder or Path(made)
        if not (folder / EVENTS_FILE).exists():
            folder.mkdir(parents=True, exist_ok=True)
            write(folder / EVENTS_FILE, args.events)
        measure(folder)


if __name__ == "__main__":
    main()
