"""Work on all lines of a transcript, in slices between which the app does other things."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

from textual.widget import Widget

__all__ = ["Sweeps"]


class Sweeps:
    """Runs iterators that pause between two slices; one of a name takes the place of the one before.

    Args:
        host: the widget with whose end they end.
    """

    def __init__(self, host: Widget) -> None:
        self._host = host
        self._under_way: dict[str, Iterator[None]] = {}

    def start(self, name: str, slices: Iterator[None]) -> None:
        """Do the first slice at once, for most transcripts have one only; the others later."""
        self._under_way.pop(name, None)
        idle = not self._under_way
        if next(slices, self) is None:
            self._under_way[name] = slices
            if idle:
                work: Callable[[], Awaitable[None]] = self._run
                self._host.run_worker(work, name="sweep", group="sweep")

    async def _run(self) -> None:
        while self._under_way:
            await asyncio.sleep(0)
            for name, slices in [*self._under_way.items()]:
                if next(slices, self) is not None and self._under_way.get(name) is slices:
                    del self._under_way[name]
