"""``backrooms replay``: play a run again in the terminal, as fast as it was, or faster."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from sandbox.commands.which_run import add_run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.console import Printer
    from sandbox.transcript import Event, Reading, Selection

__all__ = ["add_parser", "main"]

_GAP: Final = 3.0
"""Seconds that a longer silence of the record is cut to: a model's minute is nothing to watch."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "replay",
        help="play a run again in the terminal",
        description="Play a run again at the speed it had; silences longer than 3 s are cut.",
    )
    add_run(parser)
    parser.add_argument(
        "--speed",
        type=_speed,
        default=1.0,
        metavar="N",
        help="times as fast, or 'max' (default: 1)",
    )
    parser.add_argument("--turn", type=int, metavar="N", help="begin with turn N")
    parser.add_argument("--until", type=int, metavar="N", help="end with turn N")
    parser.add_argument("--plain", action="store_true", help="no colour, a prefix on every line")


def _speed(text: str) -> float:
    if text == "max":
        return float("inf")
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not speed > 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no speed: use a number above 0, or 'max'")
    return speed


def main(args: argparse.Namespace) -> int:
    """Play the run again; Ctrl+C ends it at any moment."""
    import sys
    import time

    from sandbox.console import printer_for
    from sandbox.errors import UsageError
    from sandbox.transcript import Selection, delays, find_run, read

    printer = printer_for(sys.stdout, plain=args.plain)
    part = Selection(first=args.turn, last=args.until)
    shown = 0
    with read(find_run(args.dir, args.run)) as reading:
        for seconds, event in delays(_part(reading, part, printer), args.speed, _GAP):
            if seconds:
                time.sleep(seconds)
            printer.show(event, reading.raw)
            shown += 1
            if printer.gone:
                break
    printer.close()
    if not shown:
        raise UsageError(f"the run has {part.turn} turns: there is nothing to play in that part.")
    return 0


def _part(reading: Reading, part: Selection, printer: Printer) -> Iterator[Event]:
    for event in reading:
        if part.takes(event):
            yield event
        elif part.over:
            return
        else:
            printer.skip(event)
