"""``backrooms runs``: list the runs in a folder."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from sandbox.commands.which_run import add_dir

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.transcript import RunInfo

__all__ = ["add_parser", "main"]

_FROM: Final = 5
"""The column that is left out where it would be empty."""
_GIVE: Final = (("TITLE", 12), ("AGENTS", 12), ("END", 8), ("FROM", 6))
"""What is cut in a narrow terminal, and to how many cells: first what the id tells already."""
_DROP: Final = ("SIZE", "EVENTS", "AGENTS", "FROM", "TITLE")
_NUMBERS: Final = ("TURNS", "EVENTS", "SIZE")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the subcommand."""
    parser = subparsers.add_parser(
        "runs",
        help="list runs",
        description="List the runs in a folder, the newest last. FROM, where there is one to name: "
        "the format of another system's transcript that was imported, or 'fork'. In a narrow terminal title, "
        "agents, end and FROM are cut, in this order, then size, events, agents, FROM and title are left "
        "out; ids never. A pipe gets all of it.",
    )
    add_dir(parser)
    parser.add_argument(
        "--live",
        action="store_true",
        help="only runs that are played now, in whatever folder; `backrooms watch RUN` follows one",
    )
    parser.add_argument("--json", action="store_true", help="a JSON object a line")


def main(args: argparse.Namespace) -> int:
    """Print the list; nothing but a hint on standard error if it is empty."""
    import sys

    from sandbox.transcript import list_runs

    if args.live:
        from sandbox.commands.runs_live import main as list_live

        return list_live(args)
    runs = list_runs(args.dir)
    if args.json:
        _print_json(runs)
    elif runs:
        _print_table(runs)
    if not runs:
        print(f"There is no run in {args.dir}. `backrooms run` makes one.", file=sys.stderr)
    return 0


def _print_json(runs: Sequence[RunInfo]) -> None:
    import json
    from dataclasses import asdict

    for run in runs:
        print(json.dumps({**asdict(run), "folder": str(run.folder)}))


def _print_table(runs: Sequence[RunInfo]) -> None:
    from sandbox.commands.fitting import fit, terminal_width
    from sandbox.commands.tables import print_table
    from sandbox.console import neutralise, shorten

    rows = [("RUN", "TURNS", "EVENTS", "SIZE", "END", "FROM", "AGENTS", "TITLE")]
    rows += [
        (
            run.id,
            f"{run.turns:,}",
            f"{run.events:,}",
            _size(run.size),
            shorten(run.end, 40),
            shorten(run.imported, 40) or ("fork" if run.forked else ""),
            ", ".join(shorten(agent, 40) for agent in run.agents[:4])
            + (f" and {len(run.agents) - 4} more" * (len(run.agents) > 4)),
            shorten(run.title, 60),
        )
        for run in runs
    ]
    shown = [n for n in range(len(rows[0])) if n != _FROM or any(row[n] for row in rows[1:])]
    safe = [[neutralise(row[n], newlines=False) for n in shown] for row in rows]
    fitting = fit(safe, terminal_width(), give=_GIVE, drop=_DROP)
    print_table(fitting, right={fitting[0].index(n) for n in _NUMBERS if n in fitting[0]})


def _size(size: int) -> str:
    if size < 1000:
        return f"{size} B"
    return f"{size / 1000:.1f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"
