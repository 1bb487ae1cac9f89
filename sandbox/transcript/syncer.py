"""The thread that waits for the disk, so that nobody else does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread

__all__ = ["Syncer"]


class Syncer:
    """Syncs again and again while somebody waits; all that waited when it began share one sync.

    While one sync runs, the next group gathers: the disk never waits for the event loop. ``syncs``
    counts the calls of ``sync``, ``seconds`` is the time spent in them.

    Args:
        sync: blocks until everything written before the call is on the disk.
    """

    def __init__(self, sync: Callable[[], None]) -> None:
        self.syncs = 0
        self.seconds = 0.0
        self._sync = sync
        self._failure: OSError | None = None
        self._waiting: SimpleQueue[asyncio.Future[None] | None] = SimpleQueue()
        self._thread: Thread | None = None

    async def __call__(self) -> None:
        """Come back when what was written before this call is on the disk.

        Raises:
            OSError: the disk failed, now or at any time before: the kernel may have dropped the
                pages, so that a later success would prove nothing.
        """
        if self._failure is not None:
            raise self._failure
        if self._thread is None:
            self._thread = Thread(target=self._run, name="fdatasync", daemon=True)
            self._thread.start()
        done = asyncio.get_running_loop().create_future()
        self._waiting.put(done)
        await done

    def close(self) -> None:
        """Wait for the sync that is running, and end."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join()

    def _run(self) -> None:
        while True:
            group = [self._waiting.get()]
            while not self._waiting.empty():
                group.append(self._waiting.get())
            waiting = [one for one in group if one is not None]
            if waiting:
                self._serve(waiting)
            if len(waiting) < len(group):
                return

    def _serve(self, waiting: list[asyncio.Future[None]]) -> None:
        start = time.perf_counter()
        try:
            if self._failure is None:
                self.syncs += 1
                self._sync()
        except OSError as error:
            self._failure = error
        self.seconds += time.perf_counter() - start
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            waiting[0].get_loop().call_soon_threadsafe(_tell, waiting, self._failure)


def _tell(waiting: list[asyncio.Future[None]], failure: OSError | None) -> None:
    for one in waiting:
        if one.done():
            continue  # whoever waited was cancelled
        if failure is None:
            one.set_result(None)
        else:
            one.set_exception(failure)
