"""The app's screen and keys over a pair of pipes; when the other end is gone, the app ends in order."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, cast

from textual.drivers.web_driver import WebDriver

if TYPE_CHECKING:
    from sandbox.tui.app import BackroomsApp

__all__ = ["TabDriver"]


class TabDriver(WebDriver):
    """Textual's own, but that a closed tab is heeded as a closed terminal is: what is played here stops in order."""

    def start_application_mode(self) -> None:
        """Begin; a signal ends the app as a closed tab does."""
        super().start_application_mode()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._end)

    def run_input_thread(self) -> None:
        """Take what is typed until the pipe is closed."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            self._app.call_later(self._end)

    def _end(self) -> None:
        cast("BackroomsApp", self._app).end()
