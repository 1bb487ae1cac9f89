"""``backrooms export``: a run for others: a page, a table, a recording, a picture, the record itself."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.commands.which_run import add_run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.transcript.formats.exporters import Source
    from sandbox.transcript.formats.redact import Redactor

__all__ = ["add_parser", "main"]

_SUFFIXES: Final = {".json": "inspect", ".eval": "inspect", ".htm": "html"}
"""Ends of files' names that say a format, beside the formats' own names."""
_FOR_TERMINALS: Final = frozenset({"md", "txt"})
_EVERYTHING: Final = "names,keys,paths"

_DESCRIPTION: Final = """\
Write a run for others to read, to the standard output or to a file. Nothing of it can run, fetch or
drive anything where it is looked at: agents' text is escaped in each format's own way.

formats:
"""

_EPILOG: Final = """\
examples:
  backrooms export last -o run.html                      a page to share
  backrooms export last -o run.html --redact             without names, keys and paths
  backrooms export last -o turns.csv                     a table of turns
  backrooms export last -o moment.svg --turns 7          a picture of turn 7
  backrooms export last -o run.cast                      for asciinema play
  backrooms export last -o run.eval                      for inspect view
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    from sandbox.transcript.formats.exporters import FORMATS

    formats = "\n".join(f"  {name:<9}{what}" for name, what in FORMATS.items())
    parser = subparsers.add_parser(
        "export",
        help="write a run as a page, a table, a recording, ...",
        description=_DESCRIPTION + formats,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_run(parser)
    parser.add_argument(
        "--format",
        "-f",
        choices=tuple(FORMATS),
        metavar="FORMAT",
        help="one of the above; else what FILE's name ends in",
    )
    parser.add_argument(
        "--out", "-o", type=Path, metavar="FILE", help="where to; else what reads us"
    )
    parser.add_argument("--turns", metavar="A..B", help="these turns only: 7, 3..9, 3.. or ..9")
    parser.add_argument(
        "--redact",
        nargs="?",
        const=_EVERYTHING,
        metavar="WHAT",
        help=f"put tags for {_EVERYTHING} (all three if not said which)",
    )
    parser.add_argument(
        "--redact-map",
        type=Path,
        metavar="FILE",
        help="keep what each tag stands for, readable to you",
    )


def main(args: argparse.Namespace) -> int:
    """Write the run."""
    import sys

    from sandbox.errors import UsageError
    from sandbox.transcript import find_run
    from sandbox.transcript.formats.exporters import Part, Source, export

    form = _form(args.format, args.out)
    if args.out is None and form not in _FOR_TERMINALS and sys.stdout.isatty():
        raise UsageError(f"{form} is not for a terminal: name a file with -o, or pipe it on.")
    part = None if args.turns is None else Part.parse(args.turns)
    redactor = _redactor(args)
    source = Source(find_run(args.dir, args.run), part, redactor, _progress())
    _check_part(source)
    if args.out is None:
        export(source, form, sys.stdout.buffer)
    else:
        from sandbox.transcript.formats.exporters.written import written

        with written(args.out) as out:
            export(source, form, out, suffix=args.out.suffix)
        _say(f"Written: {args.out} ({args.out.stat().st_size:,} bytes).")
    if source.torn:
        _say(f"The last line of the record is torn after {source.torn} bytes: it is left out.")
    if redactor is not None and args.redact_map is not None:
        _keep(redactor.mapping, args.redact_map)
    return 0


def _form(named: str | None, out: Path | None) -> str:
    from sandbox.errors import UsageError
    from sandbox.transcript.formats.exporters import FORMATS

    if named is not None:
        return named
    if out is None:
        raise UsageError(f"say which format with --format: {', '.join(FORMATS)}.")
    suffix = out.suffix.lower()
    form = _SUFFIXES.get(suffix, suffix.removeprefix("."))
    if form not in FORMATS:
        raise UsageError(
            f"'{out.name}' does not say which format: use --format with {', '.join(FORMATS)}."
        )
    return form


def _redactor(args: argparse.Namespace) -> Redactor | None:
    from sandbox.errors import UsageError

    if args.redact is None:
        if args.redact_map is not None:
            raise UsageError("--redact-map says what tags stand for: it needs --redact.")
        return None
    if args.redact_map is not None and not args.redact_map.parent.is_dir():
        raise UsageError(f"there is no folder {args.redact_map.parent} to write the map in.")
    from sandbox.transcript.formats.redact import REDACTABLE, Machine, Redactor

    wanted = [each for each in REDACTABLE if each in args.redact.split(",")]
    if len(wanted) < len(args.redact.split(",")):
        raise UsageError(
            f"--redact takes {_EVERYTHING}, or some of them, not {args.redact!r:.60}. "
            "Put RUN before it, or write --redact=names."
        )
    return Redactor(wanted, Machine.here())


def _check_part(source: Source) -> None:
    """Refuse a part without turns before a file is written of it."""
    from itertools import islice

    from sandbox.errors import UsageError

    if not source.part.whole and len(list(islice(source, 2))) < 2:
        raise UsageError(f"there is nothing in turns {source.part} of the run.")


def _keep(mapping: Mapping[str, str], file: Path) -> None:
    import json

    from sandbox.transcript.formats.exporters.written import written

    with written(file, mode=0o600) as out:
        out.write(json.dumps(mapping, indent=2, ensure_ascii=False).encode() + b"\n")


def _progress() -> Callable[[int], None]:
    """On a terminal long work says how far it is; a pipe is told nothing."""
    import sys

    if not sys.stderr.isatty():
        return lambda events: None

    def say(events: int) -> None:
        if events % 20_000 == 0:
            print(f"\r{events:,} events ...\r", end="", file=sys.stderr, flush=True)

    return say


def _say(sentence: str) -> None:
    import sys

    from sandbox.console import neutralise

    print(neutralise(sentence, newlines=False), file=sys.stderr)
