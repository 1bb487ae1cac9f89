"""kill -9 at 200 moments, of the engine, the broker, an agent's box, and all three: no complete turn is lost."""

import asyncio
import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import pytest

from sandbox.bus.leftovers import PID_FILE
from sandbox.engine.runtime import runtime_root
from sandbox.engine.saw import saw
from sandbox.engine.sweep import sweep
from sandbox.models.scripted import Scripted
from sandbox.transcript import read, verify

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.needs("nats"),
]

MOMENTS = 200
LANES = 3
TURNS = 24
AGENTS = ("ada", "bo", "cy", "dot")
SCENARIO = "title: Hunted\nlimits: {{turns: {}}}\nagents:\n{}".format(
    TURNS,
    "".join(
        f"  {a}: {{script: [{', '.join(f'{a} {n}' for n in range(1, 20))}]}}\n" for a in AGENTS
    ),
)
OPTIONS = ("--json", "--tier", "none", "--durability", "process")
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Moment:
    """Kill ``target`` once so many more lines were shown (None: before the first), and ``delay`` seconds later."""

    target: str
    lines: int | None
    delay: float


class Lane:
    """Plays one life at a time, by a process that has imported everything."""

    def __init__(self) -> None:
        self._nursery = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("nursery.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        self.pid = 0
        self._out = -1
        self._rest = b""
        self.words: list[bytes] = []
        """What was said that is no event."""

    def begin(self, folder: Path, *argv: str) -> None:
        out = folder / "out"
        if not out.exists():
            os.mkfifo(out)
        self._out, self._rest = os.open(out, os.O_RDONLY | os.O_NONBLOCK), b""
        order = {"folder": str(folder), "argv": argv, "out": str(out)}
        self._nursery.stdin.write(json.dumps(order).encode() + b"\n")
        self._nursery.stdin.flush()
        self.pid = int(self._nursery.stdout.readline())

    def read(self) -> tuple[list[bytes], int | None]:
        """What was shown since the last call; once the life is over, its status."""
        said = self._nursery.stdout
        ready, _, _ = select.select([self._out, said], [], [], 60)
        assert ready, "nothing happens any more"
        status = int(said.readline()) if said in ready else None
        text = self._rest
        try:
            while part := os.read(self._out, 1 << 16):
                text += part
        except BlockingIOError:
            pass
        *lines, self._rest = text.split(b"\n")
        if status is not None:
            os.close(self._out)
        self.words += [line for line in lines if not line.startswith(b"{")]
        return [line + b"\n" for line in lines if line.startswith(b"{")], status

    def close(self) -> None:
        with self._nursery:  # closes its pipes and waits
            self._nursery.stdin.close()


@dataclass
class Victim:
    """One run and its kills."""

    folder: Path
    lane: Lane
    draw: random.Random
    shown: list[bytes] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)
    torn: int = 0
    lives: int = 0
    boxes: list[int] = field(default_factory=list)

    @property
    def run(self) -> Path | None:
        """Where the record is, once there is an event in it."""
        found = [path.parent for path in (self.folder / "t").glob("*/events.jsonl")]
        begun = [path for path in found if b"\n" in (path / "events.jsonl").read_bytes()]
        assert len(begun) <= 1
        return begun[0] if begun else None

    @property
    def ended(self) -> bool:
        """Whether the record ends with the run's end."""
        return self.run is not None and verify(self.run).ended

    def suffer(self, moments: list[Moment]) -> None:
        """Play, killed at each moment, until the run is over."""
        left = list(moments)
        while not self.ended:
            self.lives += 1
            self.boxes.clear()
            if self.run is None:
                self.lane.begin(self.folder, "run", "s.yaml", "--out", "t", *OPTIONS)
            else:
                self.lane.begin(self.folder, "resume", str(self.run), *OPTIONS)
            status = self._live(left)
            assert os.WIFSIGNALED(status) or self.ended, b"\n".join(self.lane.words[-20:]).decode()
            if self.run is not None:
                report = verify(self.run)
                assert report.ok, report
                self.torn += bool(report.torn)

    def _live(self, left: list[Moment]) -> int:
        """One life; what is left of the moments is for the next one."""
        seen, since = 0, 0
        while True:
            due = left[0] if left else None
            if due is not None and (due.lines is None or seen - since >= due.lines):
                time.sleep(due.delay)
                left.pop(0)
                since = seen
                self._strike(due)
            lines, status = self.lane.read()
            for line in lines:
                event = json.loads(line)
                if event["kind"] == "box.started":
                    self.boxes.append(event["data"]["pid"])
            self.shown += lines
            seen += len(lines)
            if status is not None:
                return status

    def _strike(self, moment: Moment) -> None:
        pids = {"engine": self.lane.pid}
        if moment.lines is not None and self.run is not None:
            trace = runtime_root() / self.run.name / "broker" / PID_FILE
            if trace.exists():
                pids["broker"] = json.loads(trace.read_bytes())["pid"]
        if self.boxes:
            pids["agent"] = self.boxes.pop(self.draw.randrange(len(self.boxes)))
        wanted = list(pids) if moment.target == "all" else [moment.target]
        struck = [name for name in wanted if name in pids] or ["engine"]
        self.draw.shuffle(struck)
        for name in struck:
            try:
                os.kill(pids[name], signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.kills["all three" if len(struck) == 3 else "+".join(sorted(struck))] += 1


def moments(draw):
    """Six for one run, of which three may cost an agent; one in eight comes before the first event."""
    targets = [draw.choice(["agent", "all", "all"]) for _ in AGENTS[1:]]
    targets += [draw.choice(["engine", "engine", "broker"]) for _ in targets]
    draw.shuffle(targets)
    for target in targets:
        if draw.random() < 1 / 8:
            yield Moment("engine", None, draw.uniform(0, 0.4))
        else:
            yield Moment(target, draw.randint(1, 45), draw.choice([0.0, draw.uniform(0, 0.01)]))


def check(victim):
    """What was shown is in the record; every turn has one end; nobody says a line twice."""
    lines = (victim.run / "events.jsonl").read_bytes().splitlines(keepends=True)
    lost = [line for line in victim.shown if lines[json.loads(line)["seq"] - 1] != line]
    assert lost == []
    events = [json.loads(line) for line in lines]
    closed = [e["data"]["turn"] for e in events if e["kind"] in ("turn.ended", "turn.lost")]
    assert closed == list(range(1, TURNS + 1))
    assert (events[-1]["kind"], events[-1]["data"]["reason"]) == ("run.ended", "turns")
    for agent in AGENTS:
        said = [e["data"]["text"] for e in events if e["kind"] == "say" and e["actor"] == agent]
        numbers = [int(text.split()[1]) for text in said]
        assert numbers == sorted(set(numbers))
        seen = saw(read(victim.run), agent, {"scripted": Scripted({})})
        assert all(one.digest_matches for one in seen)
    return Counter(e["kind"] for e in events)


def test_no_complete_turn_is_lost_and_every_run_comes_to_its_end(tmp_path, leftovers, capsys):
    begun, lock, kills, kinds = time.monotonic(), Lock(), Counter(), Counter()
    names, runs, totals = iter(range(MOMENTS)), [], Counter()

    def hunt(_):
        lane = Lane()
        try:
            while True:
                with lock:
                    if kills.total() >= MOMENTS:
                        return
                    name = next(names)
                folder = tmp_path / str(name)
                folder.mkdir()
                (folder / "s.yaml").write_text(SCENARIO)
                draw = random.Random(name)
                victim = Victim(folder, lane, draw)
                victim.suffer(list(moments(draw)))
                found = check(victim)
                with lock:
                    runs.append(victim.run.name)
                    kills.update(victim.kills)
                    kinds.update(found)
                    totals.update(runs=1, lives=victim.lives, torn=victim.torn)
        finally:
            lane.close()

    with ThreadPoolExecutor(LANES) as pool:
        list(pool.map(hunt, range(LANES)))

    asyncio.run(sweep(lambda _: None))  # as the next start does: some were killed at their very end
    assert [left for run in runs for left in leftovers(run)] == []
    with capsys.disabled():
        print(
            f"\n{kills.total()} kills ({', '.join(f'{n} of {what}' for what, n in kills.most_common())}) in"
            f" {totals['lives']} lives of {totals['runs']} runs: {kinds['turn.ended']} complete turns, 0 of them"
            f" lost; {kinds['turn.lost']} open turns closed as lost, {kinds['agent.died']} agents died,"
            f" {totals['torn']} torn lines, {time.monotonic() - begun:.0f} s"
        )
