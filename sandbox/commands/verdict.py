"""``backrooms verdict``: say whether a flag is right."""

from __future__ import annotations

import argparse
from typing import Final

from sandbox.commands.which_run import add_run

__all__ = ["add_parser", "main"]

_ABOUT: Final = """\
Say of a flag whether what it tells did happen. Verdicts are kept with the notes beside the record, which is
not touched; `backrooms flags --precision` counts them. A second verdict of yours takes the place of the first.
"""

_EPILOG: Final = """\
examples:
  backrooms verdict last 214 real
  backrooms verdict last 57 false --note "a poem about a socket, not a command"
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "verdict",
        help="say whether a flag is right",
        description=_ABOUT,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_run(parser)
    parser.add_argument("seq", metavar="SEQ", type=int, help="the flag's number")
    parser.add_argument(
        "verdict",
        choices=("real", "false", "unsure"),
        metavar="VERDICT",
        help="real, false, or unsure",
    )
    parser.add_argument("--note", default="", metavar="TEXT", help="why")
    parser.add_argument("--by", metavar="NAME", help="who says so (default: your login name)")


def main(args: argparse.Namespace) -> int:
    """Write the verdict down."""
    from sandbox.commands.note import login
    from sandbox.detect import judge
    from sandbox.transcript import find_run

    folder = find_run(args.dir, args.run)
    note = judge(folder, args.seq, args.verdict, args.note, args.by or login())
    print(f"Flag {note.seq} is {note.verdict}, by your word (note {note.id}).")
    return 0
