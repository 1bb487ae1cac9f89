"""``backrooms repair``: take what cannot be read out of a record, and keep it beside it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from sandbox.commands.which_run import add_run

if TYPE_CHECKING:
    from sandbox.transcript import Mended

__all__ = ["add_parser", "main"]

_ABOUT: Final = """\
Take what cannot be read out of a run's record, so that it can be read to its end and gone on with: a last
line that was torn when the engine was killed, lines that a bad disk has changed. Nothing is deleted: what is
cut lies beside the record afterwards, in events.jsonl.torn-1 (-2, ...), with its place. No other byte and
no hash is changed: where lines are missing or altered, `backrooms verify` goes on saying so.
A run that still plays is refused. Doing it twice does nothing more.
"""

_SHOWN: Final = 20


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "repair",
        help="make a torn or damaged record readable, deleting nothing",
        description=_ABOUT,
        epilog="examples:\n  backrooms verify last    what is wrong\n  backrooms repair last",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_run(parser)
    parser.add_argument("--json", action="store_true", help="what was done, as one JSON object")


def main(args: argparse.Namespace) -> int:
    """Repair, and say what was done."""
    from sandbox.commands.percent import percent
    from sandbox.transcript import find_run, repair

    folder = find_run(args.dir, args.run)
    with percent("reading") as progress:
        done = repair(folder, progress)
    print(_as_json(done) if args.json else "\n".join(_words(done)))
    return 0


def _words(done: Mended) -> list[str]:
    from sandbox.console import neutralise

    if done.aside is None:
        lines = [f"{done.path}: nothing to repair. All {done.kept:,} events can be read."]
    else:
        number = f"{len(done.cuts):,} line{'s' * (len(done.cuts) > 1)}"
        lines = [f"{done.path}: {number} cut out, and kept beside it in {done.aside.name}:"]
        for cut in done.cuts[:_SHOWN]:
            what = "the torn last line" if cut.torn else "cannot be read"
            lines.append(f"  line {cut.line}: {what}, {cut.size:,} bytes")
        if len(done.cuts) > _SHOWN:
            lines.append(f"  and {len(done.cuts) - _SHOWN:,} more")
        lines.append(f"The other {done.kept:,} events are byte for byte as they were.")
        if not all(cut.torn for cut in done.cuts):
            lines.append(
                "What stood in such a line cannot be brought back: `backrooms verify` goes on saying so."
            )
    return [neutralise(line, newlines=False) for line in lines]


def _as_json(done: Mended) -> str:
    import json
    from dataclasses import asdict

    aside = None if done.aside is None else str(done.aside)
    return json.dumps({**asdict(done), "path": str(done.path), "aside": aside}, indent=2)
