"""``backrooms search``: find words, actions and flags in all runs of a folder."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.commands.which_run import add_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.errors import QueryError
    from sandbox.transcript.search import Search

__all__ = ["add_parser", "main"]

_LIMIT: Final = 20

_ABOUT: Final = """\
Search all runs of a folder, the newest first. Case and accents do not matter.

The exit code is 1 if nothing is found. The index that makes it fast looks after itself.
"""

_EPILOG: Final = """\
search for
  door light              both words, in any order     "the yellow door"   exactly this
  yell*                   words that begin so          docker.sock         words next to each other
  door OR window          one of the two               /d(oo|e)r+/         a regular expression
  -door   -agent:bo       not this                     (a OR b) c          groups
and say where
  agent:bo   to:ada   room:lobby   kind:whisper   tool:shell   flag:contact
  turn:12   turn:100..200   run:20261121   title:strangers   model:claude   format:arc
  after:2026-11-21   before:2026-12
kinds: say, whisper, think, action, result, flag, operator, run, or a kind of event

examples
  backrooms search '"let me out"'
  backrooms search 'curl kind:action' --context 2
  backrooms search 'agent:bo kind:say flag:contact turn:100..200'
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "search",
        help="find words, actions and flags in all runs",
        description=_ABOUT,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("query", metavar="QUERY", nargs="+", help="what to look for; see below")
    add_dir(parser)
    parser.add_argument(
        "--run", metavar="RUN", help="this run only: its id's start, a folder, 'last'"
    )
    parser.add_argument(
        "--limit",
        type=_count,
        default=_LIMIT,
        metavar="N",
        help=f"end after N hits; 0 for all (default: {_LIMIT})",
    )
    parser.add_argument(
        "--context",
        type=_count,
        default=0,
        metavar="N",
        help="show N messages before and after each hit",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--plain", action="store_true", help="no colour, one line for each hit")
    form.add_argument("--json", action="store_true", help="a JSON object a line")
    parser.add_argument(
        "--reindex", action="store_true", help="make the index anew (never needed: it heals itself)"
    )


def _count(text: str) -> int:
    if not (text.isdecimal() and len(text) < 10):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 on")
    return int(text)


def main(args: argparse.Namespace) -> int:
    """Print what is found as it is found; 1 if nothing is."""
    import sys

    from sandbox.commands.search_hits import HitPrinter
    from sandbox.commands.search_progress import Progress
    from sandbox.errors import QueryError
    from sandbox.transcript.search import Search, neighbours, parse

    try:
        query = parse(" ".join(args.query))
    except QueryError as error:
        raise _pointing(error) from None
    root, run = _where(args)
    form = "json" if args.json else "screen" if sys.stdout.isatty() and not args.plain else "plain"
    printer = HitPrinter(None if root == Path("transcripts") else root, form)
    progress = Progress(sys.stderr)
    search = Search(root, query, run=run, reindex=args.reindex, progress=progress.tell)
    shown = 0
    more = False
    try:
        for hit in search:
            more = bool(args.limit) and shown == args.limit
            if more or printer.gone:
                break
            progress.clear()
            printer.show(hit, *neighbours(hit.file.path, hit.at, args.context))
            shown += 1
    finally:
        progress.clear()
        search.close()
        printer.close()
    if printer.failed:
        return 2  # 1 would say that there is nothing
    for sentence in _closing(search, args, shown, more=more):
        print(sentence, file=sys.stderr)
    return 0 if shown else 1


def _where(args: argparse.Namespace) -> tuple[Path, str | None]:
    """The folder of runs, and the name of the one to search."""
    if args.run is None:
        return args.dir, None
    from sandbox.transcript import find_run

    folder = find_run(args.dir, args.run)
    return folder.parent, folder.name


def _pointing(error: QueryError) -> QueryError:
    """The same error, with the search below it and a mark under the place."""
    from sandbox.console import neutralise
    from sandbox.errors import QueryError

    if not error.text:
        return error
    shown = [neutralise(part, newlines=False) for part in (error.text[: error.at], error.text)]
    return QueryError(f"{error}\n  {shown[1]}\n  {' ' * len(shown[0])}^")


def _closing(search: Search, args: argparse.Namespace, shown: int, *, more: bool) -> Iterator[str]:
    """What is left to say once the hits are through."""
    from sandbox.console import neutralise

    for note in search.notes:
        yield f"backrooms: {neutralise(note, newlines=False)}"
    if more:
        yield f"Only the first {shown:,} shown: --limit 0 shows all."
    elif not shown and not search.runs:
        yield f"There is no run in {args.dir}. `backrooms run` makes one."
    elif not shown:
        runs = "1 run" if search.runs == 1 else f"{search.runs:,} runs"
        yield f"Nothing in {runs} matches."
