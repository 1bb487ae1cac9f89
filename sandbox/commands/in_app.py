"""A command that opens the app where it belongs, if there is a terminal to open it in."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.tui.places import Place

__all__ = ["has_terminal", "open_in_app"]


def has_terminal(args: argparse.Namespace) -> bool:
    """Whether the app can be opened, and nobody asked for lines instead."""
    dumb = os.environ.get("TERM", "dumb") == "dumb"
    return sys.stdin.isatty() and sys.stdout.isatty() and not (dumb or args.plain or args.json)


def open_in_app(args: argparse.Namespace, place: Place, root: Path) -> int:
    """Open the app at a place; its exit code.

    Raises:
        UsageError: there is no terminal, or lines were asked for.
    """
    from sandbox.errors import UsageError

    if not has_terminal(args):
        raise UsageError(
            "--tui needs a terminal, on both sides and not a dumb one, and neither --plain nor --json."
        )
    from sandbox.tui.desk import Desk
    from sandbox.tui.run import run_app

    return run_app(place, Desk(root=root))
