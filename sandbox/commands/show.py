"""``backrooms show``: read a run."""

from __future__ import annotations

import argparse

from sandbox.commands.which_run import add_run

__all__ = ["add_parser", "main"]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "show",
        help="read a run, or what an agent's model was sent",
        description="Print a run for people, or its record, or exactly what a model was sent.",
    )
    add_run(parser)
    parser.add_argument("--turn", type=int, metavar="N", help="this turn only")
    parser.add_argument(
        "--agent", metavar="AGENT", help="only what this agent did, and what was for it alone"
    )
    parser.add_argument("--saw", metavar="AGENT", help="exactly what this agent's model was sent")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--plain", action="store_true", help="no colour, a prefix on every line")
    form.add_argument("--json", action="store_true", help="the record itself, a JSON object a line")


def main(args: argparse.Namespace) -> int:
    """Print the run, or the part of it that was asked for."""
    import sys

    from sandbox.console import printer_for
    from sandbox.errors import UsageError
    from sandbox.transcript import Selection, find_run, read

    folder = find_run(args.dir, args.run)
    if args.saw is not None:
        from sandbox.commands.saw import main as show_saw

        return show_saw(args, folder)
    printer = printer_for(sys.stdout, plain=args.plain, json=args.json)
    part = Selection(first=args.turn, last=args.turn, agent=args.agent)
    shown = 0
    with read(folder) as reading:
        for event in reading:
            if part.takes(event):
                printer.show(event, reading.raw)
                shown += 1
            else:
                printer.skip(event)
            if printer.gone or part.over:
                break
    printer.close()
    if reading.torn:
        print(f"backrooms: the last line is torn after {reading.torn} bytes.", file=sys.stderr)
    if not shown and args.turn is not None and not 0 <= args.turn <= part.turn:
        raise UsageError(f"there is no turn {args.turn}: the run has {part.turn}.")
    if not shown and args.agent is not None:
        raise UsageError(f"nothing in the run is of an agent called {args.agent!r:.60}.")
    return 0
