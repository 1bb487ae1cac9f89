"""``backrooms import``: make runs of other systems' transcripts."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.transcript.formats.foreign import Oddity
    from sandbox.transcript.formats.importing import Imported, Outcome

__all__ = ["add_parser", "main"]

_ABOUT: Final = """\
Make runs of other systems' transcripts: they can be shown, replayed, searched and watched like any.

Folders are searched for everything that can be a transcript. What is said is kept byte for byte, what
the file does not tell stays unknown, every oddity is listed, and the file itself is kept in the run.
A file that was imported before is recognised. The exit code is 1 where a file could not be imported.
"""

_EPILOG: Final = """\
backrooms import BackroomsLogs/             everything below a folder
backrooms import --dry-run --json log.txt   what would come of it
backrooms import --list                     the formats; docs/importing.md says what is made of each
"""

_SHOWN: Final = 3
"""Oddities of one file that are shown; the others are counted."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "import",
        help="make runs of other systems' transcripts",
        description=_ABOUT,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", nargs="*", type=Path, metavar="FILE|DIR", help="what to import")
    parser.add_argument(
        "--format", default="auto", metavar="NAME", help="the format of every file (default: auto)"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("transcripts"),
        metavar="DIR",
        help="where the runs go (default: transcripts)",
    )
    parser.add_argument("--json", action="store_true", help="a JSON object a run or file, by line")
    parser.add_argument("--dry-run", action="store_true", help="read everything, write nothing")
    parser.add_argument(
        "--all-branches", action="store_true", help="of a tree, every way through it, each a run"
    )
    parser.add_argument("--list", action="store_true", help="list the formats and end")


def main(args: argparse.Namespace) -> int:
    """Import everything; 1 if a file could not be, or nothing was found."""
    from sandbox.commands.import_progress import ImportProgress
    from sandbox.errors import UsageError
    from sandbox.transcript.formats.gather import gather
    from sandbox.transcript.formats.importers import IMPORTERS
    from sandbox.transcript.formats.importing import Importing

    if args.list:
        return _list()
    if not args.paths:
        raise UsageError(
            "import takes at least one FILE or DIR. `backrooms import --help` says more"
        )
    if args.format not in {"auto", *IMPORTERS}:
        raise UsageError(f"no format {args.format!r:.60}: there are auto, {', '.join(IMPORTERS)}")
    gathered = gather(args.paths)
    progress = ImportProgress(len(gathered.files), shown=not args.json)
    importing = Importing(
        args.out,
        only=None if args.format == "auto" else args.format,
        dry=args.dry_run,
        all_branches=args.all_branches,
        doing=progress.doing,
    )
    tally = _Tally(gathered.skipped)
    for outcome in progress.over(importing.files(gathered)):
        tally.take(outcome)
        _print_json(outcome) if args.json else _print(outcome)
    if not args.json:
        print(tally.words(args.out, dry=args.dry_run))
    return 0 if tally.runs and not tally.failed else 1


class _Tally:
    """How many files and runs came to what."""

    def __init__(self, passed_over: int) -> None:
        self.runs = self.again = self.skipped = self.failed = self.oddities = 0
        self._passed_over = passed_over

    def take(self, outcome: Outcome) -> None:
        from sandbox.transcript.formats.importing import Imported, Skipped

        if isinstance(outcome, Imported):
            self.runs += 1
            self.again += outcome.again
            self.oddities += len(outcome.oddities)
        elif isinstance(outcome, Skipped):
            self.skipped += 1
        else:
            self.failed += 1

    def words(self, out: Path, *, dry: bool) -> str:
        from sandbox.console import neutralise

        new = self.runs - self.again
        parts = [f"{new:,} run{'s' * (new != 1)} {'would go' if dry else 'went'} into {out}"]
        parts += [f"{self.again:,} were there already"] if self.again else []
        parts += [f"{self.oddities:,} oddities"] if self.oddities else []
        parts += [f"{self.skipped:,} files hold no transcript"] if self.skipped else []
        parts += [f"{self._passed_over:,} cannot be one by their names"] * bool(self._passed_over)
        parts += [f"{self.failed:,} FAILED"] if self.failed else []
        return neutralise("; ".join(parts), newlines=False) + "."


def _print(outcome: Outcome) -> None:
    from sandbox.console import neutralise
    from sandbox.transcript.formats.importing import Failed, Imported

    if isinstance(outcome, Failed):
        sys.stdout.flush()  # so that the two streams keep their order where both are one file
        print(f"backrooms: {neutralise(outcome.why, newlines=False)}", file=sys.stderr)
    elif isinstance(outcome, Imported):
        for line in _words(outcome):
            print(neutralise(line, newlines=False))
    else:
        print(neutralise(f"skipped {outcome.why}", newlines=False))


def _words(run: Imported) -> Iterator[str]:
    if run.again:
        yield f"{run.file}: already imported as {run.run}"
        return
    yield f"{run.file}: {run.format}, {run.turns:,} turn{'s' * (run.turns != 1)} -> {run.run}"
    yield from _oddities(run.oddities)


def _oddities(oddities: Sequence[Oddity]) -> Iterator[str]:
    for oddity in oddities[:_SHOWN]:
        place = "" if oddity.line is None else f"line {oddity.line}: "
        yield f"    {place}{oddity.what:.200}"
    if len(oddities) > _SHOWN:
        yield f"    and {len(oddities) - _SHOWN:,} more oddities, all in the run's first event"


def _print_json(outcome: Outcome) -> None:
    import json
    from dataclasses import asdict

    print(json.dumps({"outcome": type(outcome).__name__.lower(), **asdict(outcome)}))


def _list() -> int:
    from sandbox.transcript.formats.importers import IMPORTERS, importer

    width = max(map(len, IMPORTERS))
    for name in IMPORTERS:
        print(f"{name.ljust(width)}  {importer(name).ABOUT}")
    return 0
