"""``backrooms diff``: where two runs part, and what they came to."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.commands.which_run import add_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.engine.alignment import Alignment

__all__ = ["add_parser", "main"]

_ABOUT: Final = """\
Compare two runs turn by turn: a fork and its parent, a run and its rerun, two runs of one scenario, or any two.
The first turn that differs is named, and what differs there: model, speaker, order, words, action, outcome,
flag, thought. Times, ids, hashes, processes, hosts and durations are no differences. The exit code is 0 if
the runs are the same, 1 if they differ, 2 if the command is wrong.
"""

_EPILOG: Final = """\
examples:
  backrooms diff last 20261121-1339 --context 1   the turns around the parting too
  backrooms diff A B --json | jq .parting             the first turn that differs, for a script
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "diff",
        help="where two runs part, and what differs there",
        description=_ABOUT,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("a", metavar="A", help="the start of a run's id, a folder, or 'last'")
    parser.add_argument("b", metavar="B", help="the other run")
    add_dir(parser)
    parser.add_argument(
        "--context",
        type=_turns,
        metavar="N",
        help="print the turn where they part in both runs, and N turns before and after it",
    )
    parser.add_argument("--json", action="store_true", help="the whole result as a JSON object")


def _turns(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of turns: use 0, 1, 2 ...")
    return int(text)


def main(args: argparse.Namespace) -> int:
    """Compare the runs; 0 if they are the same, 1 if they differ."""
    from sandbox.errors import TranscriptError, UsageError

    try:
        return _compare(args)
    except TranscriptError as error:
        raise UsageError(str(error)) from None  # 1 would say that they differ
    except RecursionError:
        raise UsageError(
            "something in one of the runs is nested deeper than any engine writes: they cannot be compared."
        ) from None


def _compare(args: argparse.Namespace) -> int:
    from sandbox.engine.align import align
    from sandbox.transcript import find_run, read

    folders = [find_run(args.dir, name) for name in (args.a, args.b)]
    with read(folders[0]) as then, read(folders[1]) as now:
        found = align(then, now)
    if args.json:
        print(_json(found))
        return 0 if found.same else 1
    from sandbox.console.difference import difference_lines

    for line in difference_lines(found):
        print(line)
    if args.context is not None and found.parting is not None:
        turn = found.parting.turn
        for name, folder in zip("AB", folders, strict=True):
            print(f"\n{name}, around turn {turn}:")
            for line in _told(folder, turn - args.context, turn + args.context):
                print(f"  {line}")
    return 0 if found.same else 1


def _told(folder: Path, first: int, last: int) -> Iterator[str]:
    """Some turns of a run, as ``show --plain`` tells them."""
    from sandbox.console import Narrator
    from sandbox.transcript import Selection, read

    narrator, part = Narrator(), Selection(first=first, last=last)
    with read(folder) as events:
        for event in events:
            taken = part.takes(event)
            if part.over:
                return
            lines = narrator.narrate(event)
            if taken:
                yield from (line.plain() for line in lines)


def _json(found: Alignment) -> str:
    import json
    from dataclasses import asdict

    whole = {
        "same": found.same,
        "relation": found.relation,
        "common_turns": found.common_turns,
        "common_events": found.common_events,
        "parting": None if found.parting is None else asdict(found.parting),
        **asdict(found),
    }
    return json.dumps(whole)
