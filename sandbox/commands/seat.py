"""Which live run a command is about, and who sits before it."""

from __future__ import annotations

import argparse
import getpass
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.engine.registry import LiveRun

__all__ = ["author", "live_run", "no_live_run"]


def author() -> str:
    """The person's login name; the number of the user where the system knows no name."""
    try:
        return getpass.getuser()[:64]
    except (OSError, KeyError):
        return f"uid {os.geteuid()}"


def live_run(args: argparse.Namespace) -> LiveRun | None:
    """The run that is meant, if it is alive. Raises NoSuchRun where it is named by a file and there is none."""
    from sandbox.engine.registry import find_live
    from sandbox.errors import NoSuchRun

    if args.run.endswith(".json") and not Path(args.run).is_file():
        raise NoSuchRun(
            f"there is no file {args.run!r}. A run on another machine is followed by a copy of the"
            " control.json that is in its runtime folder there; docs/operator.md says more."
        )
    return find_live(args.run)


def no_live_run(args: argparse.Namespace) -> str:
    """Say why there is none to be told anything. Raises NoSuchRun where there never was one."""
    from sandbox.transcript import find_run

    folder = find_run(args.dir, args.run)
    return (
        f"{folder.name} is not alive, or is another user's, so nobody is there to be told. "
        "`backrooms runs --live` lists those that are; `backrooms resume` goes on with one that is not."
    )
