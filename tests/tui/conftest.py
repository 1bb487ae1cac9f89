"""The app at a size, played by the real core in memory, a turn whenever the test says so."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.clock import ManualClock
from sandbox.detect import detectors
from sandbox.detect.watch import Watch
from sandbox.engine.offline import OfflineRun
from sandbox.engine.plan import Plan, Played
from sandbox.ids import RunId
from sandbox.transcript.codec import decode
from sandbox.transcript.event import Event
from sandbox.transcript.memory import MemoryStore
from sandbox.tui.app import BackroomsApp
from sandbox.tui.live import LivePage
from sandbox.tui.shelf import Entry

SIZES = [(120, 36), (80, 24)]

STRANGERS = """\
title: Two strangers
about: Who speaks of the door first?
agents:
  ada:
    script: [{say: Is anyone here?}, {do: [{whisper: {to: bo, text: The door is open.}}]}, {say: Again.}]
    after_script: loop
  bo:
    script: [I am. Who are you?, Hush.]
    after_script: loop
limits: {turns: 12}
"""


class OfflinePlayer:
    """A player without bus and boxes: the same core, the same minds, a record in memory."""

    def __init__(self) -> None:
        self.stops = 0
        self._turns = 0
        self._moved = asyncio.Event()

    def play(self, turns: int = 10**6) -> None:
        """Let the run go on by that many turns; until then it is being prepared."""
        self._turns += turns
        self._moved.set()

    async def __call__(
        self,
        plan: Plan,
        *,
        observe: Callable[[Event, bytes], None],
        progress: Callable[[str], None],
        stop: asyncio.Event,
    ) -> Played:
        progress("Loading the models.")
        await self._moved.wait()
        name, clock = RunId("20261121-113908-strangers-abcd"), ManualClock()
        store = MemoryStore(name, clock)
        run = OfflineRun(plan.scenario, store, clock, Watch(detectors()))
        seen = played = 0
        async with asyncio.TaskGroup() as tasks:
            stopping = tasks.create_task(self._wake(stop), name="stop")
            while run.core.state.ended is None:
                if stop.is_set():
                    self.stops += 1
                    run._perform(run.core.stop("stopped by the operator", clock.monotonic()))
                elif played < self._turns:
                    played += 1
                    run.play(until=played + 1)
                else:
                    self._moved.clear()
                    await self._moved.wait()
                for line in store.lines[seen:]:
                    observe(decode(line), line)
                seen = len(store.lines)
                await asyncio.sleep(0)
            stopping.cancel()
        ended, why = run.core.state.ended, run.core.ended_because
        return Played(name, plan.root / name, ended, why, store.last_hash)

    async def _wake(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._moved.set()


def shown(app: BackroomsApp) -> str:
    """Exactly the text that stands on the screen."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)


async def settle(pilot) -> None:
    """Until files are read, messages are delivered and what has come is drawn."""
    if reading := [w for w in pilot.app.workers if w.name == "read"]:
        await pilot.app.workers.wait_for_complete(reading)
    await pilot.pause()
    if isinstance(pilot.app.screen, LivePage):
        pilot.app.screen._redraw()
    await pilot.pause()


@pytest.fixture
def player() -> OfflinePlayer:
    return OfflinePlayer()


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder with one scenario."""
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (folder / "strangers.yaml").write_text(STRANGERS)
    return folder


@pytest.fixture
def app(shelf: Path, player: OfflinePlayer) -> BackroomsApp:
    return make_app(shelf, player)


def make_app(shelf: Path, player) -> BackroomsApp:
    def find() -> tuple[Entry, ...]:
        return tuple(Entry(path.relative_to(shelf.parent)) for path in sorted(shelf.iterdir()))

    return BackroomsApp(player=player, find=find, root=Path("transcripts"), clock=ManualClock())
