"""What has happened and waits for the engine: one bounded queue, taken in whole batches."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final, Generic, TypeVar

__all__ = ["Inbox"]

Item = TypeVar("Item")

BOUND: Final = 4096
"""Items that may wait; more would only hide that the engine cannot keep up with its agents."""


class Inbox(Generic[Item]):
    """A queue with one consumer, which takes all that is there at once: a batch is one commit."""

    def __init__(self, bound: int = BOUND) -> None:
        self._items: deque[Item] = deque()
        self._bound = bound
        self._arrived: asyncio.Future[None] | None = None
        self._room = asyncio.Event()
        self._room.set()

    def put_nowait(self, item: Item) -> None:
        """Add an item of the house's own making, of which there are few: the bound does not apply."""
        self._items.append(item)
        if self._arrived is not None and not self._arrived.done():
            self._arrived.set_result(None)

    async def put(self, item: Item) -> None:
        """Add an item from outside; waits while the queue is full."""
        while len(self._items) >= self._bound:
            self._room.clear()
            await self._room.wait()
        self.put_nowait(item)

    async def take(self) -> list[Item]:
        """All items, at least one."""
        if not self._items:
            self._arrived = asyncio.get_running_loop().create_future()
            try:
                await self._arrived
            finally:
                self._arrived = None
        batch = list(self._items)
        self._items.clear()
        self._room.set()
        return batch
