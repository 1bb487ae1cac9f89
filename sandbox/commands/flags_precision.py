"""``backrooms flags --precision``: of the flags that people judged, how many were real."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.detect import Precision

__all__ = ["print_precision"]


def print_precision(args: argparse.Namespace) -> int:
    """Print it of the runs that are named, of all in the folder if none is."""
    from sandbox.detect.precision import precision
    from sandbox.transcript import find_run

    named = [find_run(args.dir, name) for name in args.runs]
    folders = named or list(_readable(args.dir))
    measured = precision(folders)
    if args.json:
        import json

        for one in measured:
            own: dict[str, Any] = {
                "id": one.id,
                "version": one.version,
                "flags": one.flags,
                "real": one.real,
            }
            own |= {"false": one.false, "unsure": one.unsure}
            judged = one.share.n > 0
            own["precision"] = round(one.share.value, 4) if judged else None
            own["interval"] = [round(one.share.low, 4), round(one.share.high, 4)]
            print(json.dumps(own))
    elif measured:
        _table(measured)
    else:
        print(f"No flag in {len(folders):,} runs.", file=sys.stderr)
    return 0


def _readable(root: Path) -> Iterator[Path]:
    """The runs of a folder; those that cannot be read are told and left out."""
    from sandbox.console import neutralise
    from sandbox.transcript import list_runs

    for run in list_runs(root):
        if run.end in {"damaged", "unreadable"}:
            name = neutralise(run.id, newlines=False)
            print(f"backrooms: {name} is {run.end} and was left out.", file=sys.stderr)
        elif run.events:
            yield run.folder


def _table(measured: Sequence[Precision]) -> None:
    from sandbox.commands.tables import print_table

    rows = [("FLAG", "VERSION", "FLAGS", "REAL", "FALSE", "UNSURE", "PRECISION", "95 % INTERVAL")]
    for one in measured:
        share = one.share
        right = f"{share.value:.3f}" if share.n else "-"
        between = f"{share.low:.3f} to {share.high:.3f}" if share.n else "not judged"
        rows.append(
            (
                one.id,
                str(one.version),
                str(one.flags),
                str(one.real),
                str(one.false),
                str(one.unsure),
                right,
                between,
            )
        )
    print_table(rows, right={1, 2, 3, 4, 5, 6})
