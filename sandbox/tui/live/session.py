"""A seat at a run: one that is played in this process, or one that is played elsewhere on a bus we reach."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Final, Protocol

from sandbox.bus.seam import LinkBack, LinkLost
from sandbox.bus.watcher import Answered, Recorded, Unanswered, Watcher, Words
from sandbox.commands.stand_ins import stand_ins
from sandbox.engine.plan import Plan, Played
from sandbox.engine.registry import LiveRun, find_live
from sandbox.errors import BusError, NoSuchRun
from sandbox.ids import RunId
from sandbox.models.human import Prompt
from sandbox.transcript.codec import EVENTS_FILE
from sandbox.transcript.event import Event
from sandbox.transcript.record import Record
from sandbox.transcript.replay_record import RecordLog
from sandbox.tui.desk import Desk
from sandbox.tui.live.asking import Asking
from sandbox.tui.playing import Listener, Playing

__all__ = ["Ears", "PlayedSession", "Session", "WatchedSession"]

_SLICE: Final = 200
"""Events of a past that are given at a time, so that the screen is drawn between them."""
_AGAIN: Final = 1.0
"""Seconds between two attempts to reach a broker."""


class Ears(Listener, Protocol):
    """Whoever follows a session; besides what a run tells, it hears of the link to it."""

    def link(self, lost: str) -> None:
        """The link is lost, and why; or it is back, then ``lost`` is empty."""

    async def answer(self, prompt: Prompt) -> str:
        """Answer for an agent that a person plays, in a run that is played here."""


class Session(Protocol):
    """One seat at one run."""

    @property
    def run(self) -> str:
        """The run's id; empty while it is being prepared."""

    @property
    def title(self) -> str: ...

    @property
    def folder(self) -> Path | None:
        """Of the run's record; None while there is none on this machine."""

    @property
    def mine(self) -> bool:
        """Whether it is played in this process, and ends with it."""

    async def follow(self, ears: Ears) -> Played | None:
        """Give the whole run, from its first event to its end.

        Returns:
            what came of it; None where its engine is gone and the record has no end.

        Raises:
            BackroomsError: it could not be played, or its record is none.
            CancelledError: it was given up before it began.
        """

    async def ask(self, act: Mapping[str, Any]) -> Answered:
        """Do something to the run, as an operator. Raises BusError, NoSuchRun."""

    def give_up(self) -> None:
        """End it without asking its engine: before it has begun, or where that does not answer."""

    def log(self) -> RecordLog:
        """The record up to the last event that was given, until ``close``. Raises TranscriptError."""

    async def close(self) -> None:
        """Leave the seat; the run goes on."""


class _Kept:
    """A record that is opened when it is first asked for."""

    def __init__(self) -> None:
        self._log: RecordLog | None = None

    def at(self, folder: Path) -> RecordLog:
        """The record, as far as it is written. Raises TranscriptError."""
        if self._log is None:
            self._log = RecordLog(folder)
        self._log.refresh()
        return self._log

    def close(self) -> None:
        if self._log is not None:
            self._log.close()


class PlayedSession:
    """Plays a plan in this process; what an operator asks for goes over the run's own control topic."""

    mine = True

    def __init__(self, desk: Desk, plan: Plan, author: str) -> None:
        self._desk = desk
        self._plan = plan
        self._playing: Playing | None = None
        self._record = _Kept()
        self._asking = Asking(self._reach, author)

    @property
    def run(self) -> str:
        return "" if self._playing is None else self._playing.run

    @property
    def title(self) -> str:
        return self._plan.scenario.title

    @property
    def folder(self) -> Path | None:
        return self._plan.root / self.run if self.run else None

    async def follow(self, ears: Ears) -> Played | None:
        plan = stand_ins(self._plan, ears.answer)
        if plan.resume is not None:
            await _read(plan.resume.folder, 1, ears.observe)
        self._playing = self._desk.play(plan, ears)
        return await self._playing.wait()

    async def ask(self, act: Mapping[str, Any]) -> Answered:
        return await self._asking(act)

    def give_up(self) -> None:
        if self._playing is not None:
            self._playing.stop()

    def log(self) -> RecordLog:
        return self._record.at(self.folder or self._plan.root)

    async def close(self) -> None:
        self._record.close()
        await self._asking.close()

    def _reach(self) -> LiveRun:
        live = find_live(self.run) if self.run else None
        if live is None:
            raise NoSuchRun("the run is not alive: nobody is there to be told")
        return live


class WatchedSession:
    """Follows a run that another process plays: its file as far as there is one here, then its bus.

    While the broker is out of reach it tries again, until the engine is known to be gone.
    """

    mine = False

    def __init__(self, live: LiveRun, author: str) -> None:
        self._live = live
        self._author = author
        self._next = 1
        self._ended: Played | None = None
        self._asking = Asking(lambda: live, author)
        self._record = _Kept()
        self._away = ExitStack()
        self._mirror: IO[bytes] | None = None
        self._kept = live.folder

    @property
    def run(self) -> str:
        return self._live.run

    @property
    def title(self) -> str:
        return self._live.title

    @property
    def folder(self) -> Path | None:
        return self._live.folder if self._live.folder.is_dir() else None

    async def follow(self, ears: Ears) -> Played | None:
        if self.folder is None:
            # What is played on another machine is kept here while it is watched, to be looked things up in.
            self._kept = Path(self._away.enter_context(TemporaryDirectory(prefix="backrooms-")))
            self._mirror = self._away.enter_context((self._kept / EVENTS_FILE).open("ab"))
        await self._read_on(ears)
        while self._ended is None and self._live.alive:
            try:
                await self._listen(ears)
            except BusError as error:
                if self._live.alive:
                    ears.link(str(error))
                    await asyncio.sleep(_AGAIN)
        if self._ended is None:
            await self._read_on(ears)
        return self._ended

    async def _listen(self, ears: Ears) -> None:
        live = self._live
        async with Watcher.of(live.upstream, live.run, live.token, self._author) as watcher:
            ears.link("")
            async for news in watcher.news(self._next):
                if isinstance(news, Recorded):
                    self._give(ears, news.event, news.line)
                elif isinstance(news, Words):
                    if news.anew:
                        ears.hear(news.agent, None)
                    ears.hear(news.agent, news.text)
                elif isinstance(news, LinkBack):
                    ears.link("")
                elif isinstance(news, LinkLost):
                    if not live.alive:
                        raise Unanswered("its engine is gone")
                    ears.link(news.why)

    async def _read_on(self, ears: Ears) -> None:
        """Give what the file has that was not given yet."""
        if self.folder is not None:
            await _read(self.folder, self._next, partial(self._give, ears))

    def _give(self, ears: Ears, event: Event, line: bytes) -> None:
        self._next = event.seq + 1
        if self._mirror is not None:
            self._mirror.write(line)
        self._ended = None
        if event.kind == "run.ended":
            data = event.data
            why = (str(data.get("reason", "")), str(data.get("detail", "")))
            self._ended = Played(RunId(self.run), self._live.folder, *why, event.hash)
        ears.observe(event, line)

    async def ask(self, act: Mapping[str, Any]) -> Answered:
        return await self._asking(act)

    def give_up(self) -> None:
        """Nothing: the run is another process's."""

    def log(self) -> RecordLog:
        if self._mirror is not None:
            self._mirror.flush()
        return self._record.at(self._kept)

    async def close(self) -> None:
        self._record.close()
        await self._asking.close()
        with suppress(OSError):
            self._away.close()


async def _read(folder: Path, seq: int, give: Callable[[Event, bytes], None]) -> None:
    """Give what a record has from an event on, and let others have their turn in between."""
    with Record(folder) as record:
        for number, (event, line) in enumerate(record.lines(seq)):
            give(event, line)
            if number % _SLICE == 0:
                await asyncio.sleep(0)
