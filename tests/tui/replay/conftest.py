"""A recorded run of many turns with flags, a crash and a silence, and its replay on the screen."""

from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sandbox.clock import ManualClock
from sandbox.transcript import EVENTS_FILE, NO_HASH, Event, encode
from sandbox.tui.app import BackroomsApp
from sandbox.tui.desk import Desk
from sandbox.tui.places import Replayed
from sandbox.tui.replay.page import ReplayPage

RUN = "20261121-113908-many-turns-abcd"


def events(turns=60):
    agents = {name: {"model": "scripted/"} for name in ("ada", "bo")}
    rooms = {"lobby": {"members": ["ada", "bo"], "enter": "anyone"}}
    started = {"title": "Many turns", "agents": agents, "rooms": rooms, "limits": {"turns": turns}}
    yield "run.started", "engine", None, started
    yield "agent.joined", "ada", None, {}
    yield "agent.joined", "bo", None, {}
    for turn in range(1, turns + 1):
        who = ("ada", "bo")[turn % 2]
        call = {"id": f"c{turn}-1", "tool": "shell", "args": {"command": f"echo {turn}"}}
        think = {"turn": turn, "tokens_in": 10, "tokens_out": 2, "calls": [call]}
        yield "turn.offered", who, None, {"turn": turn, "agent": who, "upto": 1}
        yield "think.done", who, None, think
        yield "action.intent", who, None, {"turn": turn, "call": call["id"], "tool": "shell"}
        yield "action.result", who, None, {"turn": turn, "call": call["id"], "output": f"{turn}\n"}
        yield "say", who, "lobby", {"text": f"Word {turn} of {who}."}
        if turn % 20 == 0:
            flag = {"id": "contact", "title": "Somebody knocks", "agent": who, "evidence": [5]}
            yield "flag", "watch", None, flag
        yield "turn.ended", who, None, {"turn": turn, "agent": who, "reason": "spoke"}
    yield "agent.died", "bo", None, {"reason": "out of memory", "code": 137}
    yield "run.ended", "engine", None, {"reason": "turns", "turns": turns, "totals": {"flags": 3}}


def write(folder, events, run=RUN):
    """A record in which an event comes every second, but for a minute before turn 31."""
    previous, lines, second = NO_HASH, [], 0
    for seq, (kind, actor, room, data) in enumerate(events, 1):
        second += 60 if kind == "turn.offered" and data["turn"] == 31 else 1
        ts = f"2026-11-21T{12 + second // 3600}:{second // 60 % 60:02}:{second % 60:02}.000000Z"
        seen = "room" if room else "none"
        line, previous = encode(Event(seq, kind, actor, data, room, seen, run=run, ts=ts), previous)
        lines.append(line)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / EVENTS_FILE).write_bytes(b"".join(lines))
    return folder


class Theatre:
    """The app at a place: keys, time, and what stands on the screen."""

    def __init__(self, place):
        self.place = place
        self.clock = ManualClock()

    @asynccontextmanager
    async def open(self, size):
        self.app = BackroomsApp(Desk(root=Path("transcripts"), clock=self.clock), self.place)
        async with self.app.run_test(size=size) as self.pilot:
            await self.settle()
            yield self.app.screen

    @property
    def rows(self):
        return [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self):
        return "\n".join(self.rows)

    @property
    def flashed(self):
        """The last small news, whether it still stands there or not."""
        return str(self.app.screen._flash.visual).strip()

    async def press(self, *keys):
        await self.pilot.press(*keys)
        await self.settle()

    async def type(self, words):
        await self.pilot.press(*(_KEYS.get(letter, letter) for letter in words), "enter")
        await self.settle()

    async def settle(self):
        """Wait until all that is read is read, and drawn."""
        await self.pilot.pause()
        await self.app.workers.wait_for_complete()
        await self.pilot.pause()


class Went(list):
    """The places that a page wanted to go to, instead of going there."""

    def __init__(self, page, monkeypatch):
        monkeypatch.setattr(page, "go", self.append)


class Replay(Theatre):
    """The replay of a run."""

    def __init__(self, folder):
        super().__init__(Replayed(folder))
        self.folder = folder

    def at(self, size, **place):
        self.place = Replayed(self.folder, **place)
        return self.open(size)

    @property
    def page(self):
        page = self.app.screen
        assert isinstance(page, ReplayPage)
        return page

    @property
    def position(self):
        return self.page.clock.position

    @property
    def room(self):
        """What stands in the transcript."""
        sheet = self.page.room.transcript.sheet
        return [sheet.render_line(y).text.rstrip() for y in range(sheet.size.height)]

    async def wait(self, seconds):
        """Let so much time pass."""
        self.clock.advance(seconds)
        self.page.tick()
        await self.settle()


_KEYS = {
    " ": "space", ":": "colon", "%": "percent_sign", "@": "at", "=": "equals_sign", ".": "full_stop"
}  # fmt: skip


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty folder to be in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture
def folder(home):
    return write(Path("transcripts") / RUN, events())


@pytest.fixture
def long(home):
    """The replay of five hundred turns."""
    return Replay(write(Path("transcripts") / "long", events(500)))


@pytest.fixture
def replay(folder):
    return Replay(folder)
