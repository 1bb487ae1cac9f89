"""The process behind one tab: the app on a pair of pipes (``python -m sandbox.tui.serve.tab``)."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from sandbox.tui.app import BackroomsApp
from sandbox.tui.aside import tell_on
from sandbox.tui.desk import Desk
from sandbox.tui.keymap import config_file, read_keys
from sandbox.tui.serve.link import place_of
from sandbox.tui.settings import Settings, state_file

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Open the app where the link leads; its exit code."""
    parser = argparse.ArgumentParser(prog="backrooms-tab")
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--link", default="")
    args = parser.parse_args(argv)
    desk = Desk(root=args.dir, settings=Settings(state_file()))
    place, keys = place_of(args.link, args.dir), read_keys(config_file())
    app = BackroomsApp(desk, place, keys, alone=True)
    asyncio.run(_sit(app))
    return app.return_code or 0


async def _sit(app: BackroomsApp) -> None:
    stop = asyncio.Event()
    try:
        await app.run_async()
    finally:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        if not app.left_running:
            stop.set()  # the tab was closed, or the app broke: nothing goes on unseen
        # What is left running is told to nobody: the tab's pipe may be gone.
        null = os.open(os.devnull, os.O_WRONLY)
        sys.stdout.flush()
        os.dup2(null, 1)
        os.close(null)
        await tell_on(app.desk, stop)


if __name__ == "__main__":
    sys.exit(main())
