"""A run that goes on without the app: told line by line in the terminal that the app gave back."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from sandbox.console.fields import clause
from sandbox.console.printer import Printer, printer_for
from sandbox.errors import BackroomsError
from sandbox.tui.desk import Desk

if TYPE_CHECKING:
    from sandbox.transcript.event import Event
    from sandbox.tui.playing import Playing

__all__ = ["tell_on"]


async def tell_on(desk: Desk, stop: asyncio.Event) -> None:
    """Tell what is still played, the latest run line by line, until all is over.

    Args:
        desk: whose runs are played.
        stop: ends them in order; set by a signal.
    """
    alive = desk.alive
    if not alive:
        return
    printer = printer_for(sys.stdout)
    stopping = asyncio.create_task(_stop(alive, stop), name="aside.stop")
    ticking = asyncio.create_task(_tick(printer), name="aside.tick")
    try:
        alive[-1].listeners[:] = [_Aside(printer, alive[-1], desk)]
        if not stop.is_set():
            printer.progress(f"{clause(alive[-1].plan.scenario.title)} goes on. Ctrl+C stops it.")
        for playing in alive:
            await playing.settled()
            if not playing.task.cancelled() and (error := playing.task.exception()) is not None:
                printer.progress(f"The run could not go on: {clause(error)}")
    finally:
        stopping.cancel()
        ticking.cancel()
        printer.close()


class _Aside:
    """Hands on to a printer what a run does from now on; what came before it only takes note of."""

    def __init__(self, printer: Printer, playing: Playing, desk: Desk) -> None:
        self._printer = printer
        if playing.seq:
            self._catch_up(playing, desk)

    def observe(self, event: Event, raw: bytes) -> None:
        self._printer.show(event, raw)

    def progress(self, sentence: str) -> None:
        self._printer.progress(sentence)

    def hear(self, agent: str, words: str | None) -> None:
        self._printer.hear(agent, words)

    def _catch_up(self, playing: Playing, desk: Desk) -> None:
        from sandbox.transcript.reader import read  # not before there is something to be read

        try:
            for event in read(desk.root / playing.run):
                if event.seq > playing.seq:
                    break
                self._printer.skip(event)
        except (BackroomsError, OSError) as error:
            self._printer.progress(f"What was played so far cannot be read: {error}")


async def _stop(alive: list[Playing], stop: asyncio.Event) -> None:
    await stop.wait()
    for playing in alive:
        playing.stop()


async def _tick(printer: Printer) -> None:
    """Keep the status line's clock going while a model thinks."""
    while True:
        await asyncio.sleep(1)
        printer.tick()
