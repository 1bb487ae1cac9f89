"""``backrooms tree``: which run was forked from which, where, and what was changed."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sandbox.engine.family import Member

__all__ = ["add_parser", "main"]

_TITLE: Final = 12
"""Cells that a title is cut to, where a row has no room for all of it."""

_ABOUT = """\
Draw runs and their forks as a tree: where each one parts from the run above it, what was changed, and how it
ended; a title stands where it is not that of the run above. With RUN only its own family, whichever member it is.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "tree",
        help="draw runs and their forks",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "run", metavar="RUN", nargs="?", help="the start of a run's id, a folder, or 'last'"
    )
    parser.add_argument(
        "--dir",
        type=Path,
        default=Path("transcripts"),
        metavar="DIR",
        help="where the runs are (default: transcripts)",
    )
    parser.add_argument("--json", action="store_true", help="a JSON object a line")


def main(args: argparse.Namespace) -> int:
    """Print the tree; nothing but a hint on standard error if there is no run."""
    import sys

    from sandbox.commands.fitting import terminal_width
    from sandbox.engine.family import families
    from sandbox.transcript import find_run

    root, name = args.dir, None
    if args.run is not None:
        folder = find_run(args.dir, args.run)
        root, name = folder.parent, folder.name
    found = [member for member in families(root) if name is None or _has(member, name)]
    width = terminal_width()
    for member in found:
        for line in _rows(member) if args.json else _drawn(member, width):
            print(line)
    if not found:
        print(f"There is no run in {root}. `backrooms run` makes one.", file=sys.stderr)
    return 0


def _has(member: Member, name: str) -> bool:
    return member.id == name or any(_has(child, name) for child in member.children)


def _rows(member: Member) -> Iterator[str]:
    import json

    info = member.info
    row = {
        "run": member.id,
        "parent": member.forked.get("run"),
        "seq": member.forked.get("seq"),
        "turn": member.forked.get("turn"),
        "set": member.forked.get("set", {}),
        "title": None if info is None else info.title,
        "end": None if info is None else info.end,
        "turns": None if info is None else info.turns,
    }
    yield json.dumps(row)
    for child in member.children:
        yield from _rows(child)


def _drawn(
    member: Member, width: int | None, first: str = "", rest: str = "", above: str = ""
) -> Iterator[str]:
    """Draw a run and its forks; a title that is that of the run above is not said again."""
    from sandbox.console import neutralise, shorten

    info = member.info
    title = above if info is None else neutralise(shorten(info.title, 60), newlines=False)
    how = "not here" if info is None else f"{info.end}, {info.turns:,} turns"
    if info is not None and info.events == member.forked.get("seq"):
        how = "not played yet"
    named = "" if title == above else title
    told = neutralise(f"{how}{_parted(member)}", newlines=False)
    yield _row(first + neutralise(member.id, newlines=False), named, told, width)
    for child in member.children:
        last = child is member.children[-1]
        corner, stem = ("└─ ", "   ") if last else ("├─ ", "│  ")
        yield from _drawn(child, width, rest + corner, rest + stem, title)


def _row(run: str, title: str, told: str, width: int | None) -> str:
    """Say as much as fits behind a run: its title is cut first, then what was changed."""
    from rich.cells import cell_len

    from sandbox.commands.fitting import short

    if width is None:
        return "  ".join(filter(None, (run, title, told)))
    room = width - cell_len(run) - 2
    title = short(title, max(room - cell_len(told) - 2, _TITLE))
    behind = "  ".join(filter(None, (title, told)))
    return f"{run}  {short(behind, room)}" if room > 0 else run


def _parted(member: Member) -> str:
    from sandbox.console import shorten

    if not member.forked:
        return ""
    where = f"event {member.forked.get('seq')}, turn {member.forked.get('turn')}"
    values = member.forked.get("set")
    changed = values.items() if isinstance(values, dict) else ()
    parts = [shorten(f"{path}={value}", 60) for path, value in changed]
    return f"  from {where}" + (f": {', '.join(parts)}" if parts else "")
