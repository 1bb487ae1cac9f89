"""What a text would do if it ran: programs, paths, addresses, calls of the kernel, settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from sandbox.detect.escape.budget import Spent
from sandbox.detect.escape.places import canonical

__all__ = ["Call", "Fact", "Facts", "Mode", "Reach", "Run", "Seek", "Spec", "Touch"]

Mode: TypeAlias = Literal["look", "read", "write", "run", "connect", "enter"]
"""``look``: its name and kind only. ``connect``: as a socket. ``enter``: as a root or directory."""

_MOST: Final = 3_000
_HOME: Final = "/home/agent"
_PATH: Final = 1_024
"""Characters; a longer path is no path that anybody guards."""


@dataclass(frozen=True, slots=True)
class Run:
    """A program with its arguments; ``settings`` are the variables set for it (``NAME=value``)."""

    program: str
    args: tuple[str, ...]
    settings: tuple[str, ...] = ()
    invoked: str = ""


@dataclass(frozen=True, slots=True)
class Touch:
    """A path, canonical, and what is done to it; ``content`` is what is written, where known."""

    path: str
    mode: Mode
    content: str = ""
    program: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """A host on the network. ``host`` is canonical (sandbox.detect.escape.addresses), port 0 unknown."""

    host: str
    port: int = 0
    path: str = ""
    is_probe: bool = False
    program: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the kernel, or of a library that stands for one, with the arguments that are known."""

    name: str
    args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spec:
    """A description that an orchestrator is given to carry out: a Pod, a service, a container."""

    text: str


@dataclass(frozen=True, slots=True)
class Seek:
    """Words that are looked for in a file (canonical path) or in what a program prints (its name)."""

    where: str
    pattern: str


Fact: TypeAlias = Run | Touch | Reach | Call | Spec | Seek


class Facts:
    """The facts of one reading, in order, of bounded number. ``follow`` takes a path through links that are known."""

    def __init__(self, follow: Callable[[str], str] = str) -> None:
        self._found: dict[Fact, None] = {}
        self._follow = follow
        self._room = _MOST

    def __iter__(self) -> Iterator[Fact]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def add(self, fact: Fact) -> None:
        """Take a fact in, once. Raises Spent when there are too many: the last must not go unseen for the first."""
        if len(self._found) >= self._room and fact not in self._found:
            raise Spent
        self._found.setdefault(fact)

    def renew(self) -> None:
        """Have room for as many more, for a part of the same text."""
        self._room = len(self._found) + _MOST

    def touch(
        self, path: str, mode: Mode, cwd: str = "", content: str = "", program: str = ""
    ) -> None:
        """Take in what is done to a path as it was written."""
        if path and len(path) <= _PATH:
            spellings = canonical(path, cwd)
            place = canonical(path, cwd or _HOME)[-1]
            if (target := self._follow(place)) != place:
                spellings = (*spellings, *canonical(target, _HOME))
            for each in spellings:
                if mode == "look" and path.endswith("/") and each.startswith("/proc/"):
                    each += "/"  # noqa: PLW2901  # what a link leads to, not the link
                self.add(Touch(each, mode, content[:2_000], program))
