"""``backrooms show``: read a run."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from sandbox.commands.which_run import add_run

if TYPE_CHECKING:
    from sandbox.console import Printer
    from sandbox.transcript import Record

__all__ = ["add_parser", "main"]

_ABOUT: Final = """\
Print a run for people, or its record, or exactly what a model was sent. Notes on events (`backrooms note`)
stand beside them, marked as notes.
"""

_EPILOG: Final = """\
examples:
  backrooms show last                      the newest run
  backrooms show last --follow             a run that still plays, as it is written; Ctrl+C leaves it alone
  backrooms show last --turn 12 --agent bo
  backrooms show last --saw ada            exactly what ada's model was sent
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "show",
        help="read a run, or what an agent's model was sent",
        description=_ABOUT,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_run(parser)
    parser.add_argument("--turn", type=int, metavar="N", help="this turn only")
    parser.add_argument(
        "--agent", metavar="AGENT", help="only what this agent did, and what was for it alone"
    )
    parser.add_argument("--follow", action="store_true", help="wait for more while the run plays")
    parser.add_argument("--saw", metavar="AGENT", help="exactly what this agent's model was sent")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--plain", action="store_true", help="no colour, a prefix on every line")
    form.add_argument("--json", action="store_true", help="the record itself, a JSON object a line")


def main(args: argparse.Namespace) -> int:
    """Print the run, or the part of it that was asked for."""
    import sys
    import time

    from sandbox.commands.notes import print_note, report
    from sandbox.console import PlainPrinter, printer_for
    from sandbox.errors import UsageError
    from sandbox.transcript import Notes, Record, Selection, find_run, follow, read_notes

    folder = find_run(args.dir, args.run)
    if args.saw is not None:
        from sandbox.commands.saw import main as show_saw

        if args.follow:
            raise UsageError("--saw shows what is in the record; --follow does not go with it.")
        return show_saw(args, folder)
    printer = printer_for(sys.stdout, plain=args.plain, json=args.json)
    part = Selection(first=args.turn, last=args.turn, agent=args.agent)
    notes = Notes((), ()) if args.json else read_notes(folder)
    shown = 0
    with Record(folder) as record:
        begin = _skip_to(args.turn, record, printer)
        try:
            events = follow(record, time.sleep, begin) if args.follow else record.lines(begin)
            for event, raw in events:
                if part.takes(event):
                    printer.show(event, raw)
                    for note in notes.on(event.seq):
                        print_note(note, part.turn, plain=isinstance(printer, PlainPrinter))
                    shown += 1
                else:
                    printer.skip(event)
                if printer.gone or part.over:
                    break
        finally:
            printer.close()
        if record.torn:
            print(f"backrooms: the last line is torn after {record.torn} bytes.", file=sys.stderr)
        turns = record.turns
    report(notes.problems)
    if not shown and args.turn is not None and not 0 <= args.turn <= turns:
        raise UsageError(f"there is no turn {args.turn}: the run has {turns}.")
    if not shown and args.agent is not None:
        raise UsageError(f"nothing in the run is of an agent called {args.agent!r:.60}.")
    return 1 if printer.failed else 0


def _skip_to(turn: int | None, record: Record, printer: Printer) -> int:
    """Find where a turn begins, whatever the length of the run; names and rooms are in its first event."""
    start = None if turn is None else record.turn(turn)
    opening = None if start is None else record.get(1)
    if start is None or opening is None:
        return 1
    printer.skip(opening)
    for resumed in record.of(kind="run.resumed", last=start):
        printer.skip(resumed)
    return start
