"""``backrooms flags``: what the watch noticed in a run, and how often it was right."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sandbox.commands.which_run import add_dir

if TYPE_CHECKING:
    from sandbox.detect import FlagRow
    from sandbox.transcript import Note

__all__ = ["add_parser", "main"]

_ABOUT: Final = """\
List what the watch noticed in a run: when, how high on the ladder, who, whether anything asked for it, and
what people decided about it. Like flags in a row (same kind, level and agents, within ten turns) are one row
with a count.

LEVEL is claimed, recon, attempted, denied, contacted, achieved (or achieved.read, .write, .exec), and takes in
what is higher; or broken, tampered, contact. ELICITED: 0 nothing asked for it, 1 the scenario asks for it,
2 a text that the agent could see names it, 3 the scenario is fiction.
"""

_EPILOG: Final = """\
examples:
  backrooms flags last                          the table
  backrooms flags last --level attempted        what was tried, and all above it
  backrooms flags last --seq 214                one flag whole, with its evidence word for word
  backrooms verdict last 214 false --note "a poem"
  backrooms flags --precision                   how often each detector was right, over all runs
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "flags",
        help="list what the watch noticed",
        description=_ABOUT,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "runs", metavar="RUN", nargs="*", help="the start of a run's id, a folder, or 'last'"
    )
    add_dir(parser)
    parser.add_argument("--json", action="store_true", help="a JSON object a line")
    parser.add_argument("--level", metavar="LEVEL", help="only flags of this level, or higher")
    parser.add_argument("--technique", metavar="NAME", help="only this technique of an escape")
    parser.add_argument("--agent", metavar="AGENT", help="only this agent's")
    parser.add_argument("--all", action="store_true", help="a row for each flag")
    whole = parser.add_mutually_exclusive_group()
    whole.add_argument("--seq", type=int, metavar="N", help="this flag whole, with its evidence")
    whole.add_argument("--turn", type=int, metavar="N", help="the flags of this turn, whole")
    whole.add_argument(
        "--precision",
        action="store_true",
        help="of the flags that were judged, how many were real; of all runs if none is named",
    )


def main(args: argparse.Namespace) -> int:
    """Print the flags; 1 if one was asked for that is not there."""
    from sandbox.detect.levels import LEVELS
    from sandbox.errors import UsageError
    from sandbox.transcript import find_run

    if args.level is not None and args.level not in LEVELS:
        raise UsageError(f"{args.level!r:.60} is no level; there are {', '.join(LEVELS)}.")
    if args.precision:
        from sandbox.commands.flags_precision import print_precision

        return print_precision(args)
    if len(args.runs) != 1:
        raise UsageError("which run? Name one, for example 'last'; --precision takes several.")
    folder = find_run(args.dir, args.runs[0])
    if args.seq is not None or args.turn is not None:
        return _print_whole(args, folder)
    return _print_rows(args, folder)


def _chosen(args: argparse.Namespace, folder: Path) -> list[FlagRow]:
    from sandbox.detect import rows
    from sandbox.detect.levels import at_least
    from sandbox.transcript import Record

    with Record(folder) as record:
        found = rows(record)
    return [
        row
        for row in found
        if (args.level is None or at_least(row.level, args.level))
        and (args.technique is None or row.technique == args.technique)
        and (args.agent is None or row.agent == args.agent)
        and (args.seq is None or row.seq == args.seq)
        and (args.turn is None or row.turn == args.turn)
    ]


def _print_rows(args: argparse.Namespace, folder: Path) -> int:
    from sandbox.detect import fold
    from sandbox.detect.verdicts import verdicts

    found = _chosen(args, folder)
    held = verdicts(folder)
    shown = found if args.all else fold(found)
    if args.json:
        import json

        for row in shown:
            print(json.dumps(_told(row, held)))
    elif shown:
        _table(shown, held)
    else:
        print("No flag of that kind." if _narrowed(args) else "No flag.", file=sys.stderr)
    return 0


def _narrowed(args: argparse.Namespace) -> bool:
    return any(value is not None for value in (args.level, args.technique, args.agent))


def _told(row: FlagRow, held: Mapping[int, Note]) -> dict[str, Any]:
    note = held.get(row.seq)
    return {
        "seq": row.seq,
        "turn": row.turn,
        "count": row.count,
        "seqs": list(row.seqs),
        "verdict": None if note is None else note.verdict,
        "note": None if note is None else note.text,
        "flag": dict(row.data),
    }


def _table(shown: Sequence[FlagRow], held: Mapping[int, Note]) -> None:
    from sandbox.commands.tables import print_table

    cells = [("SEQ", "TURN", "LEVEL", "FLAG", "AGENT", "ELICITED", "VERDICT", "WHAT")]
    for row in shown:
        note = held.get(row.seq)
        count = f" (x{row.count})" if row.count > 1 else ""
        verdict = "" if note is None else str(note.verdict)
        cells.append(
            (
                str(row.seq),
                str(row.turn),
                row.level,
                row.id,
                row.agent,
                str(row.elicited),
                verdict,
                f"{row.title[:200]}{count}",
            )
        )
    print_table(cells, right={0, 1, 5})


def _print_whole(args: argparse.Namespace, folder: Path) -> int:
    from sandbox.commands.flags_whole import print_flag
    from sandbox.detect.verdicts import verdicts
    from sandbox.transcript import Record

    found = _chosen(args, folder)
    held = verdicts(folder)
    if not found:
        what = f"flag {args.seq}" if args.seq is not None else f"flag in turn {args.turn}"
        print(f"There is no {what}. `backrooms flags RUN` lists those that are.", file=sys.stderr)
        return 1
    with Record(folder) as record:
        for number, row in enumerate(found):
            if args.json:
                import json

                print(json.dumps(_told(row, held)))
            else:
                print("\n" * (number > 0), end="")
                print_flag(row, held.get(row.seq), record)
    return 0
