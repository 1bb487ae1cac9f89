"""``backrooms note``: write down what you think of an event, beside the record."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from sandbox.commands.which_run import add_run

__all__ = ["add_parser", "login", "main"]

_ABOUT: Final = """\
Write a note on an event of a run: a text, a verdict on a flag, tags. It is kept in notes.jsonl beside the
record, which is not touched, and `backrooms show` prints it beside its event.
"""

_EPILOG: Final = """\
examples:
  backrooms note last 42 "she means the other room"
  backrooms note last 57 --verdict false --tag poem "a poem about a socket, not a command"
  backrooms note last turn:12 "here it turns"
  backrooms note last 42 "the hallway" --replaces 1f3a90cc
  backrooms note last --delete 1f3a90cc
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "note",
        help="write a note or a verdict on an event",
        description=_ABOUT,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_run(parser)
    parser.add_argument(
        "where", metavar="SEQ|turn:N", nargs="?", help="the event's number, or a turn: its first"
    )
    parser.add_argument("text", metavar="TEXT", nargs="?", default="", help="what you think")
    parser.add_argument(
        "--verdict",
        choices=("real", "false", "unsure"),
        help="whether what the event says did happen",
    )
    parser.add_argument(
        "--tag", action="append", default=[], metavar="TAG", help="a word to find it by; repeatable"
    )
    parser.add_argument(
        "--by", "--author", dest="author", metavar="NAME",
        help="who says so (default: your login name)",
    )  # fmt: skip
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--replaces", metavar="ID", help="the note whose place this one takes")
    change.add_argument("--delete", metavar="ID", help="take this note away")


def main(args: argparse.Namespace) -> int:
    """Write the note and say where it stands."""
    from sandbox.clock import SystemClock
    from sandbox.console import neutralise
    from sandbox.errors import UsageError
    from sandbox.transcript import Notebook, find_run

    folder = find_run(args.dir, args.run)
    notebook = Notebook(folder, args.author or login(), SystemClock())
    if args.delete is not None:
        if args.where is not None:
            raise UsageError("--delete takes the id of a note, and nothing beside it.")
        gone = notebook.delete(args.delete)
        print(neutralise(f"Note {gone.id} on event {gone.seq} is taken away.", newlines=False))
        return 0
    if args.where is None:
        raise UsageError("which event? Give its number, or turn:N.")
    note = notebook.add(
        _seq(folder, args.where),
        args.text,
        verdict=args.verdict,
        tags=args.tag,
        replaces=args.replaces,
    )
    print(f"Note {note.id} stands on event {note.seq}.")
    return 0


def _seq(folder: Path, where: str) -> int:
    from sandbox.errors import UsageError
    from sandbox.transcript import Record

    turn = where.removeprefix("turn:")
    if not turn.isascii() or not turn.isdecimal() or len(turn) > 18:
        raise UsageError(
            f"{where!r:.60} is no event: use its number, as 42, or a turn, as turn:12."
        )
    if turn == where:
        return int(where)
    with Record(folder) as record:
        seq = record.turn(int(turn))
        if seq is None:
            raise UsageError(f"there is no turn {turn}: the run has {record.turns:,}.")
    return seq


def login() -> str:
    """The name that the machine knows this user by."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in a container
        return "somebody"
