"""The app's screen and keys over a pair of pipes; when the other end is gone, the app ends in order."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, cast

from textual.drivers.web_driver import WebDriver
from textual.events import Resize
from textual.geometry import Size

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

    def on_meta(self, packet_type: str, payload: dict[str, object]) -> None:
        """Heed a change of the window, also of one that changes while the app is being started."""
        if packet_type != "resize":
            super().on_meta(packet_type, payload)
            return
        size = Size(cast("int", payload["width"]), cast("int", payload["height"]))
        self._size = size
        # By the road that the size at the beginning takes, a task: by a shorter one this would overtake it.
        asyncio.run_coroutine_threadsafe(self._app._post_message(Resize(size, size)), self._loop)  # noqa: SLF001

    def _end(self) -> None:
        cast("BackroomsApp", self._app).end()
