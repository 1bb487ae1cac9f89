"""``backrooms verify``: check that a record is what was written."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from sandbox.commands.which_run import add_run

if TYPE_CHECKING:
    from sandbox.transcript import Report

__all__ = ["add_parser", "main"]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "verify",
        help="check that a record is what was written",
        description="Check a run's record: hash chain, sequence, kinds, both ends. Exit code 1 if "
        "it is damaged or empty; a run that was killed, or still plays, is not damage.",
    )
    add_run(parser)
    parser.add_argument("--json", action="store_true", help="the findings as one JSON object")


def main(args: argparse.Namespace) -> int:
    """Print what was found; 1 if the record is damaged or empty."""
    from sandbox.transcript import find_run, verify

    report = verify(find_run(args.dir, args.run))
    print(_as_json(report) if args.json else "\n".join(_words(report)))
    return 0 if report.ok else 1


def _words(report: Report) -> list[str]:
    from sandbox.console import neutralise

    if report.ok:
        found = f"{report.lines:,} events, each as it was written."
    elif not report.damaged:
        found = "EMPTY: there is no event in it."
    else:
        found = (
            f"DAMAGED in {report.damaged:,} of {report.lines:,} lines. The first {report.sound:,} "
            f"are as they were written; {report.readable:,} can be read."
        )
    lines = [f"{report.path}: {found}"]
    lines += [f"  line {problem.line}: {problem.what}" for problem in report.problems]
    if report.damaged > len(report.problems):
        lines.append(f"  and {report.damaged - len(report.problems):,} more")
    lines += [f"  note: {note}" for note in report.notes]
    lines.append(f"  last hash: {report.last_hash}")
    return [neutralise(line, newlines=False) for line in lines]


def _as_json(report: Report) -> str:
    import json
    from dataclasses import asdict

    return json.dumps({"ok": report.ok, **asdict(report), "path": str(report.path)}, indent=2)
