"""What a box needs of whatever runs its Pod: made, watched, spoken to, read, removed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

from sandbox.errors import BoxError
from sandbox.isolation.kubernetes.pod import Manifest
from sandbox.isolation.kubernetes.pod_state import PodState

__all__ = ["AnswerLost", "Cluster", "Stream"]


class AnswerLost(BoxError):
    """Something was asked, and the answer did not arrive: it may have been done."""


class Stream(Protocol):
    """A program's input and output, in one."""

    async def read(self) -> bytes:
        """What came next, at least a byte; nothing at the end. Raises BoxError if the link breaks."""

    async def write(self, data: bytes) -> None:
        """Send it all; waits while the other end does not read. Raises BoxError if the link breaks."""

    async def close(self) -> None:
        """Hang up; may be called at any time, and twice."""

    @property
    def last_words(self) -> str:
        """The last of what the program wrote as errors, and how it ended where that is known."""


class Cluster(Protocol):
    """Where Pods run. Every call raises BoxError where it says no or does not answer."""

    async def version(self) -> str:
        """What it is, in a word or two."""

    async def create(self, pod: Manifest) -> Manifest:
        """Ask for a Pod; the answer is what will be run."""

    def states(self, name: str) -> AsyncGenerator[PodState, None]:
        """How the Pod fares: now, then with every change; ends when it is no more. Close it by ``aclose``."""

    async def run(self, name: str, argv: Sequence[str]) -> Stream:
        """Start a program beside the Pod's first process."""

    async def logs(self, name: str) -> str:
        """The last of what the Pod's first process wrote; empty where there is nothing left to read."""

    async def delete(self, name: str) -> None:
        """Remove the Pod, if it is there, and come back when it has ended."""

    async def close(self) -> None:
        """Let go of what was opened to ask."""
