"""A plan played live in this terminal, until it ends or a signal comes."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sandbox.console.printer import Printer
    from sandbox.engine.plan import Plan, Played
    from sandbox.transcript.event import Event

__all__ = ["BLIND", "add_form", "play_live"]

BLIND: Final = 3
"""The exit code of a run that came to its end while a detector was off, since it had failed."""


def add_form(parser: argparse.ArgumentParser) -> None:
    """Take ``--plain`` and ``--json``."""
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--plain", action="store_true", help="no colour, a line an event, for pipes")
    form.add_argument("--json", action="store_true", help="the record itself, a JSON object a line")


def play_live(plan: Plan, *, plain: bool, json: bool) -> int:
    """Play; 0 if the run came to an end of its own, ``BLIND`` if a detector failed meanwhile.

    130 after Ctrl+C, 1 if the house failed.
    """
    from sandbox.commands.stand_ins import with_stand_ins
    from sandbox.console.printer import printer_for

    printer = printer_for(sys.stdout, plain=plain, json=json)
    plan, printer = with_stand_ins(plan, printer)
    try:
        printer.opening(plan.scenario.title)
        played = asyncio.run(_play(plan, printer))
        if played is None:
            return 130
        printer.closing(played.folder, played.last_hash)
    finally:
        printer.close()
    for detector in played.failed_detectors:
        print(
            f"backrooms: the detector '{detector}' failed; what it watches for was not seen from then on.",
            file=sys.stderr,
        )
    ended = 0 if not played.failed_detectors else BLIND
    return {"stopped": 130, "error": 1}.get(played.reason, ended)


async def _play(plan: Plan, printer: Printer) -> Played | None:
    """Play; Ctrl+C ends a run in order, and what comes before a run at once (then None)."""
    from sandbox.engine.play import play

    stop = asyncio.Event()
    begun = False

    def observe(event: Event, line: bytes) -> None:
        nonlocal begun
        begun = True
        printer.show(event, line)

    playing = asyncio.create_task(
        play(plan, observe=observe, progress=printer.progress, stop=stop, hear=printer.hear),
        name="play",
    )

    def interrupt() -> None:
        if begun:
            stop.set()
        elif not playing.cancelling():  # once: what is being undone is not cut short
            playing.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, interrupt)
    clock = asyncio.create_task(_tick(printer), name="printer.tick")
    try:
        await asyncio.wait([playing])
        return None if playing.cancelled() else playing.result()
    finally:
        clock.cancel()


async def _tick(printer: Printer) -> None:
    """Keep the status line's clock going while a model thinks."""
    while True:
        await asyncio.sleep(1)
        printer.tick()
