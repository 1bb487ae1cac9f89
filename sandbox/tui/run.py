"""Open the app in this terminal, and say afterwards where the transcripts lie."""

from __future__ import annotations

import asyncio
import signal

from sandbox.tui.app import BackroomsApp

__all__ = ["run_app"]


def run_app() -> int:
    """Open the app; come back with its exit code once the reader has left it."""
    app = BackroomsApp()
    asyncio.run(_serve(app))
    for played in app.played:
        print(f"transcript  {played.folder}\nlast hash   {played.last_hash}")  # noqa: T201  # the command's product
    return app.return_code or 0


async def _serve(app: BackroomsApp) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        # The run is ended in order and the terminal given back, as after `q`.
        loop.add_signal_handler(number, app.call_later, app.leave)
    await app.run_async()
