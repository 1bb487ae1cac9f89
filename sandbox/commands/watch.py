"""``backrooms watch``: follow a live run from another terminal."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from typing import TYPE_CHECKING, Final

from sandbox.commands.in_app import has_terminal, open_in_app
from sandbox.commands.live import add_form
from sandbox.commands.which_run import add_run

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.console import Printer
    from sandbox.engine.registry import LiveRun

__all__ = ["add_parser", "main"]

_ABOUT: Final = """\
Follow a run that is being played, from any terminal: what has happened so far, then what happens, with the
words of a model while it speaks. It ends with the run; Ctrl+C ends the watching and leaves the run alone. As
many as want to may watch; none of them slows the run. Where its bus is out of reach, its file is followed.

In a terminal it opens the app, where you can also step in; --plain gives lines, as a pipe does.
"""

_EPILOG: Final = """\
examples:
  backrooms watch last                the run that began last
  backrooms watch 20261121 --plain    by the beginning of its id, a line an event
  backrooms runs --live               which runs there are
  backrooms tell last pause           step in: see `backrooms tell --help`
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "watch",
        help="follow a live run from another terminal",
        description=_ABOUT,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_run(parser)
    add_form(parser)


def main(args: argparse.Namespace) -> int:
    """Follow to the end of the run; 130 after Ctrl+C."""
    from sandbox.commands.seat import live_run
    from sandbox.console import printer_for
    from sandbox.errors import BusError
    from sandbox.transcript import find_run

    live = live_run(args)
    if live is not None and has_terminal(args):
        from sandbox.tui.places import Watched

        # A copy of a run's control file names a run of another machine, which nothing else here knows.
        return open_in_app(
            args, Watched(args.run if args.run.endswith(".json") else live.run), args.dir
        )
    # What is played on another machine may have no file here.
    folder = find_run(args.dir, args.run) if live is None else live.folder
    printer = printer_for(sys.stdout, plain=args.plain, json=args.json)
    shown = 0
    try:
        if live is not None:
            watching = _Watching(printer)
            try:
                if asyncio.run(watching.follow(live)):
                    return 0
            except BusError as error:
                if not folder.is_dir():
                    raise
                print(f"backrooms: {error} Its file is followed instead.", file=sys.stderr)
            shown = watching.shown
        _follow_file(printer, folder, shown + 1)
    finally:
        printer.close()
    return 0


class _Watching:
    """Shows what a watcher gives; ``shown`` is the last event."""

    def __init__(self, printer: Printer) -> None:
        self.shown = 0
        self._printer = printer

    async def follow(self, live: LiveRun) -> bool:
        """True at the end of the run, or when nobody reads any more; False if its engine is gone."""
        from sandbox.bus.seam import LinkBack, LinkLost
        from sandbox.bus.watcher import Recorded, Watcher
        from sandbox.commands.seat import author

        printer = self._printer
        clock = asyncio.create_task(_tick(printer), name="printer.tick")
        try:
            async with Watcher.of(live.upstream, live.run, live.token, author()) as watcher:
                async for news in watcher.news():
                    if isinstance(news, Recorded):
                        printer.show(news.event, news.line)
                        self.shown = news.event.seq
                    elif isinstance(news, LinkLost):
                        if not live.alive:
                            return False
                        printer.progress("The bus is out of reach; trying again.")
                    elif isinstance(news, LinkBack):
                        printer.progress(f"The bus is back after {news.seconds:.1f} s.")
                    else:
                        if news.anew:
                            printer.hear(news.agent, None)
                        printer.hear(news.agent, news.text)
                    if printer.gone:
                        return True
        finally:
            clock.cancel()
        return True


async def _tick(printer: Printer) -> None:
    """Keep the status line's clock going while a model thinks."""
    while True:
        await asyncio.sleep(1)
        printer.tick()


def _follow_file(printer: Printer, folder: Path, first: int) -> None:
    from sandbox.transcript import Record, follow

    with Record(folder) as record:
        for event, line in follow(record, time.sleep, first):
            printer.show(event, line)
            if printer.gone:
                return
