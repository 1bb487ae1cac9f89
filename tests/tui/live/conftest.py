"""A live run without bus and boxes: the same core, its record on disk, and a seat at it."""

import asyncio
from contextlib import asynccontextmanager

import orjson
import pytest

from sandbox.bus.watcher import Answered
from sandbox.clock import ManualClock
from sandbox.detect import detectors
from sandbox.detect.watch import Watch
from sandbox.engine.offline import OfflineRun
from sandbox.engine.operator_acts import Stats, read_order
from sandbox.engine.plan import Played
from sandbox.errors import BorderError
from sandbox.ids import RunId
from sandbox.scenario import loads
from sandbox.transcript.file import FileStore
from sandbox.transcript.record import Record
from sandbox.transcript.replay_record import RecordLog
from sandbox.tui.app import BackroomsApp
from sandbox.tui.desk import Desk
from sandbox.tui.live.page import LivePage
from sandbox.tui.places import Watched

RUN = RunId("20261121-113908-strangers-abcd")

TWO_ROOMS = """\
title: Two strangers
agents:
  ada: {script: [{say: Is anyone here?}, {say: Again.}], after_script: loop}
  bo: {script: [I am. Who are you?, Hush.], after_script: loop}
rooms:
  lobby: {members: [ada, bo]}
  archive: {members: [], enter: anyone}
limits: {turns: 100}
"""


class TableSession:
    """A seat at a run that goes on by as many turns as the test says."""

    mine = True
    title = "Two strangers"
    run = RUN

    def __init__(self, folder, text=TWO_ROOMS):
        self.folder = folder / "transcripts" / RUN
        self.asked = []
        self.given_up = False
        self.engine_gone = False
        self.clock = ManualClock()
        self._store = FileStore(self.folder, RUN, self.clock, "process")
        scenario = loads(text)
        self.play_run = OfflineRun(scenario, self._store, self.clock, Watch(detectors()))
        self.ears = None
        self._given = 0
        self._turns = 0
        self._ended = asyncio.Event()
        self._log = None

    def play(self, turns):
        """Go on by that many turns, as far as turns may begin."""
        self._turns += turns
        self.play_run.play(until=self._turns + 1)
        self._give()

    def record(self, kind, actor, data, **more):
        """Put an event of any kind into the record, as an engine does."""
        self.play_run.core._desk.record(kind, actor, data, **more)
        self.play_run._perform(self.play_run.core._desk.take())
        self._give()

    def _give(self):
        self._store.write()
        with Record(self.folder) as record:
            for event, line in record.lines(self._given + 1):
                self._given = event.seq
                self.ears.observe(event, line)
        if self.play_run.core.state.ended is not None:
            self._ended.set()

    async def follow(self, ears):
        self.ears = ears
        self._give()
        await self._ended.wait()
        if self.engine_gone:
            return None
        core = self.play_run.core
        return Played(RUN, self.folder, core.state.ended, core.ended_because, "5eed" * 16)

    def lose_engine(self):
        self.engine_gone = True
        self._ended.set()

    async def ask(self, act):
        self.asked.append(act)
        try:
            order = read_order(orjson.dumps({"author": "ana", "act": act}))
        except BorderError as error:
            return Answered(False, str(error), {})
        if isinstance(order.act, Stats):
            return Answered(False, "ada has no box", {})
        step, answer = self.play_run.core.operate(order.act, "ana", self.clock.monotonic())
        self.play_run._perform(step)
        self._give()
        return Answered(answer.done, answer.text, answer.data)

    def give_up(self):
        self.given_up = True

    def log(self):
        if self._log is None:
            self._log = RecordLog(self.folder)
        self._log.refresh()
        return self._log

    async def close(self):
        if self._log is not None:
            self._log.close()
        self._store.close()


class Room:
    """The page of a live run at a size, with keys to press and a text to look at."""

    def __init__(self, folder):
        self.folder = folder

    @asynccontextmanager
    async def at(self, size, turns=3, text=TWO_ROOMS):
        self.session = TableSession(self.folder, text)
        desk = Desk(self.folder / "transcripts", find=lambda: (), clock=ManualClock())
        self.app = BackroomsApp(desk, "live")
        async with self.app.run_test(size=size) as self.pilot:
            self.page = LivePage(desk, Watched(RUN), self.session)
            await self.app.push_screen(self.page)
            await self.settle()
            self.play(turns)
            await self.settle()
            yield self.page

    def play(self, turns=1):
        self.session.play(turns)

    async def press(self, *keys):
        await self.pilot.press(*keys)
        await self.settle()

    async def type(self, text):
        """Type a line and enter it."""
        await self.pilot.press(*({" ": "space"}.get(key, key) for key in text), "enter")
        await self.settle()

    async def settle(self):
        await self.pilot.pause()
        busy = [one for one in self.app.workers if one.group in {"act", "refill", "shell"}]
        if busy:
            await self.app.workers.wait_for_complete(busy)
            await self.pilot.pause()
        if isinstance(self.app.screen, LivePage):
            self.app.screen.redraw()
        await self.pilot.pause()

    @property
    def rows(self):
        return [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self):
        return "\n".join(self.rows)

    @property
    def flashed(self):
        return str(self.app.screen._flash.visual).strip()

    @property
    def facts(self):
        """The status line, which small news may cover."""
        return "".join(span.text for span in self.page._status_line._shown)

    @property
    def kinds(self):
        with Record(self.session.folder) as record:
            return [event.kind for event in record.events()]


@pytest.fixture
def room(tmp_path):
    return Room(tmp_path)
