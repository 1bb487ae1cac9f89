"""``backrooms verify``: check that a record is what was written."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from sandbox.commands.which_run import add_run

if TYPE_CHECKING:
    from sandbox.transcript import Problem, Report

__all__ = ["add_parser", "main"]

_ABOUT: Final = """\
Check a run's record: the chain of hashes, the sequence, the kinds, both ends, and every artifact it names.
Says which lines are not what was written, and what can still be read. The chain finds damage and partial
edits; against a rewrite of the whole, compare the last hash with the one printed when the run ended.
Exit code 0: whole. 1: damaged, empty, or an artifact is lost. A run that was killed or still plays is whole.
"""

_EPILOG: Final = """\
examples:
  backrooms verify last
  backrooms verify last --json | jq .problems
  backrooms repair last        make a damaged record readable again, deleting nothing
"""

_SPANS: Final = 10


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "verify",
        help="check that a record is what was written",
        description=_ABOUT,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_run(parser)
    parser.add_argument("--json", action="store_true", help="the findings as one JSON object")


def main(args: argparse.Namespace) -> int:
    """Print what was found; 1 if the record is damaged or empty, or an artifact is lost."""
    from sandbox.commands.percent import percent
    from sandbox.transcript import find_run, verify

    folder = find_run(args.dir, args.run)
    with percent("checking") as progress:
        report = verify(folder, progress)
    print(_as_json(report) if args.json else "\n".join(_words(report)))
    return 0 if report.ok else 1


def _words(report: Report) -> list[str]:
    from sandbox.console import neutralise

    if report.damaged:
        found = (
            f"DAMAGED in {report.damaged:,} of {report.lines:,} lines. The first {report.sound:,} "
            f"are as they were written; {report.readable:,} can be read."
        )
    elif report.lines:
        found = f"{report.lines:,} events, each as it was written."
    else:
        found = "EMPTY: there is no event in it."
    lines = [f"{report.path}: {found}"]
    lines += _problems(report.problems, report.damaged)
    if len(report.spans) > 1:
        lines.append(f"  events that can be read: {_spans(report)}")
    if report.lost:
        lines.append(f"LOST: {report.lost:,} of the {report.artifacts:,} artifacts that it names.")
        lines += _problems(report.losses, report.lost)
    elif report.artifacts:
        lines.append(f"  {report.artifacts:,} artifacts, each as it was kept.")
    lines += [f"  note: {note}" for note in report.notes]
    lines.append(f"  last hash: {report.last_hash}")
    return [neutralise(line, newlines=False) for line in lines]


def _problems(problems: Sequence[Problem], number: int) -> Iterator[str]:
    for problem in problems:
        yield f"  line {problem.line}: {problem.what}"
    if number > len(problems):
        yield f"  and {number - len(problems):,} more"


def _spans(report: Report) -> str:
    spans = [str(a) if a == b else f"{a} to {b}" for a, b in report.spans[:_SPANS]]
    return ", ".join(spans) + (", ..." if len(report.spans) > _SPANS else "")


def _as_json(report: Report) -> str:
    import json
    from dataclasses import asdict

    return json.dumps({"ok": report.ok, **asdict(report), "path": str(report.path)}, indent=2)
