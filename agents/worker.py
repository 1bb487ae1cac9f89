"""The hands: performs one tool after the other in a thread, so that the loop stays on the bus."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable
from typing import Final

from agents.mind import Run
from agents.tools import Outcome, perform
from agents.tools.job import Job

__all__ = ["Worker"]

FAREWELL: Final = 1.0
"""Seconds that a killed tool has to come back before the process ends without it."""


class Worker:
    """One thread and its tools; ``wake`` is called from it whenever ``finished`` has more to give."""

    def __init__(self, home: str, wake: Callable[[], None]) -> None:
        self._home = home
        self._wake = wake
        self._asked = queue.SimpleQueue[tuple[Run, Job] | None]()
        self._done: deque[tuple[Run, Outcome | Exception]] = deque()
        self._jobs: list[Job] = []
        self._thread = threading.Thread(target=self._work, name="tools", daemon=True)
        self._thread.start()

    def start(self, run: Run) -> None:
        """Perform a tool as soon as the one before has ended."""
        job = Job()
        self._jobs = [*(job for job in self._jobs if not job.is_over()), job]
        self._asked.put((run, job))

    def interrupt(self) -> None:
        """Stop the tool that is at work; what earlier ones left in the background lives on."""
        for job in self._jobs:
            job.interrupt()

    def finished(self) -> list[tuple[Run, Outcome]]:
        """What has been done since the last call. Raises what is a fault of a tool's own code."""
        finished = []
        while self._done:
            run, outcome = self._done.popleft()
            if isinstance(outcome, Exception):
                raise outcome
            finished.append((run, outcome))
        return finished

    def close(self) -> None:
        """Kill everything that the tools started, in the background too."""
        for job in self._jobs:
            job.stop()
        self._asked.put(None)
        self._thread.join(FAREWELL)

    def _work(self) -> None:
        while (asked := self._asked.get()) is not None:
            run, job = asked
            outcome: Outcome | Exception
            try:
                outcome = perform(run.tool, run.args, self._home, job)
            except Exception as error:  # noqa: BLE001 - raised again in the loop
                outcome = error
            job.end()
            self._done.append((run, outcome))
            self._wake()
