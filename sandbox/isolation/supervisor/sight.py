"""What can be known of the programs in one box: the kernel's word where it is asked, and the box's own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sandbox.errors import ShimError
from sandbox.isolation.supervisor.supervisor import Supervisor

__all__ = ["Sight", "Told", "told_by"]

MOST: Final = 40
"""Programs of which a box may tell at a time."""
WORDS: Final = 64
CHARACTERS: Final = 4096


@dataclass(frozen=True, slots=True)
class Told:
    """A program that a box says it ran: ``exit`` is negative for a signal, None if it was stopped."""

    argv: tuple[str, ...]
    cwd: str
    pid: int
    exit: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Sight:
    """One box's. ``supervisor`` is None where the kernel asks nobody; ``ask`` puts a question to the shim."""

    supervisor: Supervisor | None
    ask: Callable[[], Awaitable[Mapping[str, Any]]]

    async def told(self) -> list[Told]:
        """The programs that tools, and the house, ran in the box since it was last asked, by the box's word.

        Raises ShimError.
        """
        return told_by((await self.ask()).get("programs"))


def told_by(said: object) -> list[Told]:
    """Read what a shim says it ran. Raises ShimError for anything else, and for more than it may say."""
    if not isinstance(said, list) or len(said) > MOST:
        raise ShimError(f"started: the shim answered with no list of programs: {said!r:.80}")
    return [_told(one) for one in said]


def _told(one: object) -> Told:
    if isinstance(one, dict):
        argv, cwd, pid = one.get("argv"), one.get("cwd"), one.get("pid")
        code, seconds = one.get("exit"), one.get("seconds")
        if (
            isinstance(argv, list)
            and all(isinstance(word, str) for word in argv)
            and isinstance(cwd, str)
            and type(pid) is int
            and (code is None or type(code) is int)
            and isinstance(seconds, int | float)
            and 0 <= seconds < 1e9
        ):
            words = tuple(word[:CHARACTERS] for word in argv[:WORDS])
            return Told(words, cwd[:CHARACTERS], pid, code, float(seconds))
    raise ShimError(f"started: the shim answered with {one!r:.80}, which is no program that ran")
