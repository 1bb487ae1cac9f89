"""Open the app in this terminal, and say afterwards where the transcripts lie."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING, Final

from sandbox.tui.app import BackroomsApp
from sandbox.tui.desk import Desk
from sandbox.tui.keymap import config_file, read_keys
from sandbox.tui.lending import lent
from sandbox.tui.settings import Settings, state_file

if TYPE_CHECKING:
    from sandbox.tui.places import Place

__all__ = ["run_app"]

_SAVE_TITLE: Final = "\x1b[22;2t"
_GIVE_TITLE_BACK: Final = "\x1b[23;2t"


def run_app(place: Place | None = None, desk: Desk | None = None) -> int:
    """Open the app, at a place if one is named; come back with its exit code once it was left.

    Runs that the reader left running are played to their end first, told line by line.
    """
    if desk is None:
        desk = Desk(settings=Settings(state_file()))
    keys = read_keys(config_file())
    app = BackroomsApp(desk, "launch" if place is None else place, keys, alone=True)
    asyncio.run(_serve(app))
    for played in desk.ended:
        print(f"transcript  {played.folder}\nlast hash   {played.last_hash}")  # noqa: T201  # the command's product
    return app.return_code or 0


async def _serve(app: BackroomsApp) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGHUP):
        # The run is ended in order and the terminal given back, as after `q`.
        loop.add_signal_handler(number, app.call_later, app.end)
    for number in (signal.SIGINT, signal.SIGQUIT):
        loop.add_signal_handler(number, _interrupt, app)
    sys.stdout.write(_SAVE_TITLE)
    try:
        await app.run_async()
    finally:
        sys.stdout.write(_GIVE_TITLE_BACK)
        sys.stdout.flush()
        loop.remove_signal_handler(signal.SIGQUIT)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, stop.set)
        if not app.left_running:
            stop.set()  # the app broke: what it played must not go on unseen
        if app.desk.alive:
            # The printers, which the app itself has no use for.
            from sandbox.tui.aside import tell_on

            await tell_on(app.desk, stop)


def _interrupt(app: BackroomsApp) -> None:
    """End in order; but what is typed into a pager, an editor or a shell is not for the app."""
    if not lent(app):
        app.call_later(app.end)
