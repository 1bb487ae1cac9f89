"""The app at a size, played by the real core in memory, a turn whenever the test says so."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sandbox.clock import ManualClock
from sandbox.detect import detectors
from sandbox.detect.watch import Watch
from sandbox.engine.live import Hear
from sandbox.engine.offline import OfflineRun
from sandbox.engine.plan import Plan, Played
from sandbox.ids import RunId
from sandbox.isolation.box import Tier
from sandbox.transcript.codec import decode
from sandbox.transcript.event import Event
from sandbox.transcript.memory import MemoryStore
from sandbox.tui.app import BackroomsApp
from sandbox.tui.desk import Desk
from sandbox.tui.keymap import Keys
from sandbox.tui.launch.machine import Found
from sandbox.tui.launch.page import LaunchPage
from sandbox.tui.launch.shelf import Entry
from sandbox.tui.live.page import LivePage
from sandbox.tui.places import Place
from sandbox.tui.player import Player
from sandbox.tui.settings import Settings
from tests.tui.calm import calm
from tests.tui.tmux import Terminal

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
        hear: Hear | None = None,  # the player's signature
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
        # Not the store's own: that hash is of this machine's name and kernel too.
        return Played(name, plan.root / name, ended, why, "5eed" * 16)

    async def _wake(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._moved.set()


class ReadyMachine:
    """A machine that has all that a run needs; a test may set what it finds instead, by name."""

    def __init__(self) -> None:
        self.found: dict[str, Found] = {}

    def _say(self, name: str, what: str) -> Found:
        return self.found.get(name, Found("ok", what))

    async def model(self, name: str, base_url: str | None) -> Found:
        return self._say(name, "answers")

    async def tier(self, least: Tier, wanted: Tier | None) -> tuple[Tier | None, Found]:
        found = self._say("boxes", wanted or "docker")
        return (wanted or "docker") if found.state != "bad" else None, found

    async def image(self, tier: Tier, kind: str) -> Found | None:
        return self._say("image", f"{kind}, built")

    async def broker(self) -> Found:
        return self._say("bus", "nats, our own")

    async def disk(self, root: Path) -> Found:
        return self._say("disk", "41 GiB free")


class Stage:
    """The app on a screen, with keys to press and a text to look at."""

    def __init__(self, folder: Path) -> None:
        self.shelf = folder / "scenarios"
        self.shelf.mkdir()
        self.player = OfflinePlayer()
        self.settings = Settings()
        self.keys: Keys | None = None
        self.machine = ReadyMachine()
        self.app: BackroomsApp

    def write(self, name: str, text: str) -> None:
        (self.shelf / name).write_text(text)

    def make(self, player: Player | None = None, place: Place = "launch") -> BackroomsApp:
        """An app that stands still in time and knows the scenarios of this folder alone."""
        self.desk = Desk(
            Path("transcripts"),
            self._find,
            ManualClock(),
            player or self.player,
            self.settings,
            self.machine,
        )
        self.app = BackroomsApp(self.desk, place, self.keys)
        return self.app

    @asynccontextmanager
    async def at(
        self, size: tuple[int, int], player: Player | None = None, place: Place = "launch"
    ) -> AsyncIterator[None]:
        """Open the app at a size and a place; at the end it is closed, whatever is played."""
        async with self.make(player, place).run_test(size=size) as self.pilot:
            await self.settle()
            yield

    @asynccontextmanager
    async def playing(self, size: tuple[int, int], turns: int) -> AsyncIterator[LivePage]:
        """Open the app and run the first scenario until that many turns have begun."""
        async with self.at(size):
            await self.press("enter")
            await self.play(turns)
            yield self.live

    @property
    def launch(self) -> LaunchPage:
        page = self.app.get_screen_stack("launch")[0]
        assert isinstance(page, LaunchPage)
        return page

    @property
    def live(self) -> LivePage:
        page = self.app.screen
        assert isinstance(page, LivePage)
        return page

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    async def play(self, turns: int = 10**6) -> None:
        self.player.play(turns)
        await self.settle()

    async def resize(self, width: int, height: int) -> None:
        await self.pilot.resize_terminal(width, height)
        await self.settle()

    async def settle(self) -> None:
        """Wait until files are read, messages delivered, and what has come is drawn."""
        if reading := [worker for worker in self.app.workers if worker.name == "read"]:
            await self.app.workers.wait_for_complete(reading)
        await self.pilot.pause()
        if isinstance(self.app.screen, LivePage):
            self.app.screen.redraw()
            await self.pilot.pause()

    @property
    def rows(self) -> list[str]:
        """Exactly what stands on the screen."""
        return [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        return "\n".join(self.rows)

    @property
    def card(self) -> str:
        """What the card says, unwrapped."""
        x, y, width, height = self.launch.card.content_region
        strips = self.app.screen._compositor.render_strips()[y : y + height]
        return " ".join(strip.crop(x, x + width).text.strip() for strip in strips)

    def _find(self) -> tuple[Entry, ...]:
        files = sorted(self.shelf.glob("*.yaml"))
        return tuple(Entry(path.relative_to(self.shelf.parent)) for path in files)


@pytest.fixture(params=[(120, 36), (80, 24)], ids=["120x36", "80x24"])
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    return request.param


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or leaves anything in its reader's home."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's pilot waits for an app that has nothing more to do, on a busy machine too."""
    monkeypatch.setattr("textual.app.wait_for_idle", calm)
    monkeypatch.setattr("textual.pilot.wait_for_idle", calm)
    monkeypatch.setattr("sandbox.tui.flash._SECONDS", 600.0)


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A folder with one scenario, which plays as the test says."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)
    stage = Stage(tmp_path)
    stage.write("strangers.yaml", STRANGERS)
    return stage


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A shell in a folder of its own."""
    terminal = Terminal(tmp_path)
    yield terminal
    terminal.tmux("kill-server")
