"""``backrooms runs --live``: the runs that are played on this machine now."""

from __future__ import annotations

import argparse
import json
import sys

from sandbox.commands.fitting import fit, terminal_width
from sandbox.commands.tables import print_table
from sandbox.console import neutralise, shorten
from sandbox.engine.registry import LiveRun, live_runs
from sandbox.errors import TranscriptError
from sandbox.transcript import Record

__all__ = ["main"]


def main(args: argparse.Namespace) -> int:
    """Print them; nothing but a hint on standard error if there is none."""
    runs = live_runs()
    if not runs:
        print("No run of yours is alive. `backrooms run` plays one.", file=sys.stderr)
    if args.json:
        for live in runs:
            print(json.dumps(_told(live)))
        return 0
    rows = [("RUN", "TURN", "PID", "BUS", "TITLE")]
    rows += [
        (live.run, str(_turn(live)), str(live.pid), live.upstream.address, shorten(live.title, 60))
        for live in runs
    ]
    safe = [[neutralise(cell, newlines=False) for cell in row] for row in rows]
    if runs:
        print_table(fit(safe, terminal_width(), give=[("TITLE", 12)], drop=("BUS", "PID", "TITLE")))
    return 0


def _told(live: LiveRun) -> dict[str, object]:
    told: dict[str, object] = {"id": live.run, "title": live.title, "turn": _turn(live)}
    return told | {"pid": live.pid, "bus": live.upstream.address, "folder": str(live.folder)}


def _turn(live: LiveRun) -> int:
    try:
        with Record(live.folder) as record:
            return record.turns
    except TranscriptError:
        return 0
