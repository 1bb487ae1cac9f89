"""``backrooms rerun``: repeat a run without asking any model, and say whether it came out the same."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.commands.tier_choice import TIERS
from sandbox.commands.which_run import add_run

if TYPE_CHECKING:
    from sandbox.console.printer import Printer
    from sandbox.engine.compare import Difference
    from sandbox.engine.plan import Played
    from sandbox.engine.rerun import Rerun
    from sandbox.transcript.event import Event

__all__ = ["add_parser", "main"]

_ABOUT = """\
Repeat a run without asking any model: every answer comes from its record, all else happens anew, in new
boxes. The two runs are compared, and the first event in which they differ is shown; then the exit code is 1.
A run that was resumed, or is a fork, is repeated up to where it was resumed first.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "rerun",
        help="repeat a run from its record, without any model",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_run(parser)
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="where the new record goes (default: beside the run)",
    )
    parser.add_argument(
        "--tier",
        choices=TIERS,
        help="kind of box; default: the same as then",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--plain", action="store_true", help="no colour, a line an event, for pipes")
    form.add_argument("--json", action="store_true", help="the record itself, a JSON object a line")


def main(args: argparse.Namespace) -> int:
    """Repeat the run; 0 if both are the same, 1 if they differ, 130 after Ctrl+C."""
    from sandbox.console.printer import printer_for
    from sandbox.engine.compare import first_difference
    from sandbox.engine.rerun import Rerun
    from sandbox.transcript import find_run, read

    folder = find_run(args.dir, args.run)
    printer = printer_for(sys.stdout, plain=args.plain, json=args.json)
    try:
        again = Rerun(folder, args.out or folder.parent, args.tier)
        played, interrupted = asyncio.run(_play(again, printer))
        printer.closing(played.folder, played.last_hash)
    finally:
        printer.close()
    if interrupted:
        return 130
    found = first_difference(islice(read(folder), again.upto), read(played.folder))
    desync = None if again.desync is None else str(again.desync)
    talk = sys.stderr if args.json else sys.stdout
    print("\n".join(_verdict(folder, played.folder, found, desync)), file=talk)
    if again.upto is not None:
        print(f"Only its first {again.upto:,} events count: then it was resumed.", file=talk)
    return 0 if found is None else 1


async def _play(again: Rerun, printer: Printer) -> tuple[Played, bool]:
    """Play the run again; True if it was a signal that ended it."""
    from sandbox.engine.play import play

    signalled = asyncio.Event()

    def interrupt() -> None:
        signalled.set()
        again.stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, interrupt)

    def observe(event: Event, raw: bytes) -> None:
        again.observe(event, raw)
        printer.show(event, raw)

    printer.opening(again.plan.scenario.title)
    played = await play(again.plan, observe=observe, progress=printer.progress, stop=again.stop)
    return played, signalled.is_set()


def _verdict(then: Path, now: Path, found: Difference | None, desync: str | None) -> list[str]:
    from sandbox.console import neutralise, shorten

    if found is None:
        lines = [f"The same: {now.name} repeats {then.name}, event for event."]
    else:
        event = found.then or found.now
        assert event is not None
        place = f"event {event.seq} ({event.kind} of {event.actor})"
        member = f", {found.where}" if found.where else ""
        lines = [f"NOT the same: {now.name} differs from {then.name}, first in {place}{member}."]
        if found.where:
            old, new = (repr(value) for value in found.values)
        else:
            old, new = (_told(event) for event in (found.then, found.now))
        lines += [f"  then: {shorten(old, 500)}", f"  now:  {shorten(new, 500)}"]
    if desync is not None:
        lines.append(f"  The rerun was stopped where it parted from the record: {desync}.")
    return [neutralise(line, newlines=False) for line in lines]


def _told(event: Event | None) -> str:
    return "no such event" if event is None else f"{event.kind} of {event.actor}: {event.data!r}"
