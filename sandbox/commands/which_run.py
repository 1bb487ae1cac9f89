"""The arguments by which every command is told which run, or which folder of runs, it is about."""

from __future__ import annotations

import argparse
from pathlib import Path

__all__ = ["add_dir", "add_run"]


def add_run(parser: argparse.ArgumentParser) -> None:
    """Take ``RUN`` and ``--dir``."""
    parser.add_argument("run", metavar="RUN", help="the start of a run's id, a folder, or 'last'")
    add_dir(parser)


def add_dir(parser: argparse.ArgumentParser) -> None:
    """Take ``--dir``."""
    parser.add_argument(
        "--dir",
        type=Path,
        default=Path("transcripts"),
        metavar="DIR",
        help="where the runs are (default: transcripts)",
    )
