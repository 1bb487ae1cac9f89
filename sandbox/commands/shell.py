"""``backrooms shell``: look around in a copy of an agent's work folder."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.commands.tier_choice import TIERS
from sandbox.commands.which_run import add_run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.isolation.folder import Snapshot
    from sandbox.transcript.folders import KeptFolder
    from sandbox.transcript.record import Record

__all__ = ["add_parser", "main"]

_ABOUT = """\
Open a shell of your own in a copy of an agent's work folder, as it was after a turn.

The copy lies in a fresh sealed box without a network, that nobody else is in: a run that still plays is
not touched, and nothing that you do there reaches the record. What you type and see is kept beside it,
in shells/ of the run's folder, as an asciicast. Ctrl+] three times leaves a shell that hangs.
"""
_EXAMPLES = """\
backrooms shell last ada --list            every state that was kept of ada's folder
backrooms shell last ada                   a shell in the latest one
backrooms shell last ada --turn 12         ... as it was after turn 12
backrooms shell last ada -- cat notes.txt  one command; its exit code is passed on
backrooms shell last ada --out ada-files   copy the files out, to a new folder
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "shell",
        help="look around in a copy of an agent's work folder",
        description=_ABOUT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="backrooms shell RUN [AGENT] [--turn N] [--tier T] [--list | --out DIR | -- CMD ...]",
    )
    add_run(parser)
    parser.add_argument("agent", metavar="AGENT", nargs="?", help="whose folder")
    parser.add_argument("--turn", type=int, metavar="N", help="after turn N (default: the latest)")
    parser.add_argument("--tier", choices=TIERS[1:], help="kind of box (default: the run's)")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--list", action="store_true", help="what was kept, and when; opens nothing")
    form.add_argument("--out", type=Path, metavar="DIR", help="copy the files out; opens nothing")
    parser.add_argument("--json", action="store_true", help="with --list: a JSON object a line")


def main(args: argparse.Namespace) -> int:
    """List, copy out, or open a shell; its exit code."""
    from sandbox.errors import UsageError
    from sandbox.transcript import find_run
    from sandbox.transcript.folders import folder_after, kept_folders
    from sandbox.transcript.record import Record

    run = find_run(args.dir, args.run)
    with Record(run) as record:
        if args.list:
            return _list(kept_folders(record, args.agent), args)
        if args.agent is None:
            owners = dict.fromkeys(kept.agent for kept in kept_folders(record))
            whose = f"Kept are those of: {', '.join(owners)}" if owners else "None was kept"
            raise UsageError(f"whose folder? Name an agent behind the run. {whose}.")
        kept = folder_after(record, args.agent, args.turn)
        snapshot = _load(run, kept)
        if args.out is not None:
            return _copy(snapshot, kept, args.out)
        return _open(run, record, kept, snapshot, args)


def _load(run: Path, kept: KeptFolder) -> Snapshot:
    from sandbox.engine.workspaces import load
    from sandbox.transcript.artifacts import Artifacts

    return load(Artifacts(run), kept.manifest)


def _open(
    run: Path, record: Record, kept: KeptFolder, snapshot: Snapshot, args: argparse.Namespace
) -> int:
    from sandbox.commands.shell_visit import Order, visit
    from sandbox.errors import UsageError

    if not args.behind and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("a shell needs a terminal. Give a command: `backrooms shell ... -- ls -l`")
    first = record.get(1)
    data = first.data if first is not None else {}
    tier = args.tier or (data.get("tier") if data.get("tier") in TIERS[1:] else None)
    isolation = dict(data.get("scenario", {}).get("isolation", {}))
    order = Order(run, kept, snapshot, isolation, tier, tuple(args.behind))
    return asyncio.run(visit(order))


def _list(kept: Sequence[KeptFolder], args: argparse.Namespace) -> int:
    if args.json:
        import json
        from dataclasses import asdict

        for folder in kept:
            print(json.dumps(asdict(folder)))
        return 0
    if not kept:
        print("No folder was kept in this run.", file=sys.stderr)
        return 0
    from sandbox.console import neutralise, shorten

    print(f"{'AGENT':<12} {'TURN':>5} {'FILES':>6} {'BYTES':>11}  CHANGED")
    for folder in kept:
        changed = "put back" if folder.changed is None else ", ".join(folder.changed)
        cells = f"{folder.agent:<12} {folder.turn:>5,} {folder.files:>6,} {folder.bytes:>11,}  "
        print(neutralise(cells + shorten(changed, 60), newlines=False))
    return 0


def _copy(snapshot: Snapshot, kept: KeptFolder, to: Path) -> int:
    from sandbox.console import neutralise
    from sandbox.console.ends import count
    from sandbox.engine.copy_out import copy_out

    left_out = copy_out(snapshot, to)
    copied = [data for path, data in snapshot.contents.items() if path not in left_out]
    print(
        f"{count(len(copied), 'file')} ({count(sum(map(len, copied)), 'byte')}), as after turn "
        f"{kept.turn}: {neutralise(str(to), newlines=False)}"
    )
    print(
        "An agent wrote them: look before you run anything there, and before git or an editor does."
    )
    for path, why in left_out.items():
        print(neutralise(f"left out: {path}: {why}", newlines=False), file=sys.stderr)
    return 0
