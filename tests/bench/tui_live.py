"""What the live page costs while a run is loud: processor time, and bytes to the terminal.

    python tests/bench/tui_live.py [MESSAGES_A_SECOND] [SECONDS]

The app runs in a pseudo-terminal of 120 x 36 cells in true colour, as a process of its own, and plays a
run of eight agents whose events are made in memory. Its own thread of events costs what it costs: the
same events without a page are measured first and taken off.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time
from pathlib import Path

SIZE = (36, 120)
AGENTS = tuple(f"agent-{number}" for number in range(8))
EVERY = 0.02


def events():
    """Eight agents who say something in turn, for ever."""
    from sandbox.transcript.event import Event

    agents = {agent: {"model": "scripted", "tools": ["say"]} for agent in AGENTS}
    rooms = {"lobby": {"members": list(AGENTS), "enter": "anyone"}}
    data = {"title": "A loud room", "agents": agents, "rooms": rooms, "limits": {"turns": 10**6}}
    yield Event(1, "run.started", "engine", data | {"tier": "docker", "scenario": {}})
    seq = 1
    for turn in range(1, 10**6):
        agent = AGENTS[turn % len(AGENTS)]
        seq += 1
        yield Event(seq, "turn.offered", agent, {"turn": turn, "agent": agent})
        for part in range(8):
            seq += 1
            text = f"Sentence {part} of turn {turn}: the hum is real, though. Follow the hum."
            yield Event(seq, "say", agent, {"text": text}, room="lobby", visible_to="room")


class Loud:
    """A player of so many events a second."""

    def __init__(self, rate, seconds):
        self.rate = rate
        self.seconds = seconds
        self.over = lambda: None

    async def __call__(self, plan, *, observe, progress, stop, hear):
        from sandbox.clock import SystemClock
        from sandbox.engine.plan import Played
        from sandbox.transcript.memory import MemoryStore

        stream, store = events(), MemoryStore("20261121-113908-loud-abcd", SystemClock())
        observe(*self.next(stream, store))
        await asyncio.sleep(2.0)  # the first paint is another measurement
        began, given = time.monotonic(), 0
        cpu = time.process_time()
        while (passed := time.monotonic() - began) < self.seconds:
            while given < passed * self.rate:
                observe(*self.next(stream, store))
                given += 1
            await asyncio.sleep(EVERY)
        self.cpu = time.process_time() - cpu
        self.given = given
        asyncio.get_running_loop().call_later(0.5, self.over)
        return Played("run", Path("run"), "stopped", "", "")

    def next(self, stream, store):
        event = next(stream)
        line = store.append(event)
        store.lines.clear()
        return event, line


def bare(rate, seconds):
    """The processor seconds of the events alone."""
    from types import SimpleNamespace

    loud = Loud(rate, seconds)
    hear = SimpleNamespace(observe=lambda event, raw: None)
    asyncio.run(loud(None, observe=hear.observe, progress=None, stop=None, hear=None))
    return loud.cpu


def child(rate, seconds, out):
    """The app, with the figures written to ``out`` once it is over."""
    from sandbox.engine.plan import Plan
    from sandbox.scenario import loads
    from sandbox.tui.app import BackroomsApp
    from sandbox.tui.desk import Desk
    from sandbox.tui.places import Played

    loud = Loud(rate, seconds)
    scenario = loads("title: A loud room\nagents: {ada: {}, bo: {}}\n")
    app = BackroomsApp(Desk(player=loud), Played(Plan(scenario, Path("transcripts"))))

    async def run():
        loud.over = app.exit
        await app.run_async()

    asyncio.run(run())
    Path(out).write_text(f"{loud.cpu} {loud.given}")


def main():
    rate = float(sys.argv[1]) if len(sys.argv) > 1 else 500.0
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 10.0
    out = f"/tmp/tui-live-{os.getpid()}"
    pid, master = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
        os.execv(sys.executable, [sys.executable, __file__, "child", str(rate), str(seconds), out])
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
    written, marks = 0, []
    while select.select([master], [], [], 60)[0]:
        try:
            data = os.read(master, 1 << 16)
        except OSError:
            break
        written += len(data)
        marks.append((time.monotonic(), written))
    os.waitpid(pid, 0)
    cpu, given = map(float, Path(out).read_text().split())
    Path(out).unlink()
    base = bare(rate, seconds)
    last = marks[-1][0]
    loud = [(at, size) for at, size in marks if last - seconds <= at]
    rate_out = (loud[-1][1] - loud[0][1]) / (loud[-1][0] - loud[0][0])
    print(f"{given / seconds:.0f} events a second for {seconds:.0f} s, 120 x 36, true colour")
    print(
        f"processor  {100 * cpu / seconds:.1f} % of a core ({100 * base / seconds:.1f} % without a page)"
    )
    print(f"terminal   {rate_out / 1024:.0f} KiB/s")


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        child(float(sys.argv[2]), float(sys.argv[3]), sys.argv[4])
    else:
        main()
