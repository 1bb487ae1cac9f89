"""The Store seam: where events are kept, and what "kept" means."""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias

from sandbox.transcript.event import Event

__all__ = ["Durability", "Store"]

Durability: TypeAlias = Literal["power", "process"]
"""``power``: a commit has reached the disk (fdatasync). ``process``: it has reached the kernel."""


class Store(Protocol):
    """An append-only log of one run. Doubles: ``MemoryStore``; real: ``FileStore``."""

    def append(self, event: Event) -> bytes:
        """Take one event in and return its line, hash included; it is not durable yet."""

    def write(self) -> None:
        """Hand everything appended so far to the kernel: it survives the death of this process."""

    async def commit(self) -> None:
        """Make everything appended so far durable, as the store's durability says, as a group."""

    @property
    def last_hash(self) -> str:
        """The hash of the last line, to be kept elsewhere."""

    def close(self) -> None:
        """Write what is left and let go; may be called twice."""
