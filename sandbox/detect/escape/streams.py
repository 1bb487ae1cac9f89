"""Streams of a shell beside its input and output: numbered ones, and processes that stand behind a name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from sandbox.detect.escape.shell_tree import Script

__all__ = ["Streams", "run_later"]

_STANDARD: Final = frozenset({"", "0", "1", "2"})
_MOST: Final = 64
"""Streams, and processes, that one shell has open."""

_STARTED_LATER: Final = re.compile(
    r"^(?:/etc/(?:cron\.[\w]+/.+|crontab|profile|profile\.d/.+|bash\.bashrc|rc\.local|init\.d/.+)"
    r"|/var/spool/cron/.+|/(?:root|home/[^/]+)/\.(?:bashrc|profile|bash_profile|bash_login|bash_logout"
    r"|zshrc|zprofile|zshenv|xprofile|xsession|kshrc))$"
)
"""Files that a shell or cron runs by itself."""
_TIMED: Final = re.compile(
    r"^[ \t]*(?:@\w+|(?:[\d*/,-]+[ \t]+){5})[ \t]*(?:root[ \t]+)?", re.MULTILINE
)
_HOOK: Final = re.compile(r"/\.git/hooks/[\w-]+$")
_UNIT: Final = re.compile(r"\.(?:service|desktop)$")
_STARTS: Final = re.compile(r"^Exec(?:Start\w*|Stop\w*)?=[-@+!:]*(.+)$", re.MULTILINE)


def run_later(path: str, text: str) -> str:
    """What will be run of a text, since it lies where it is: empty for a file that nothing starts."""
    if _STARTED_LATER.match(path) or _HOOK.search(path):
        return _TIMED.sub("", text)
    return "\n".join(_STARTS.findall(text)[:20]) if _UNIT.search(path) else ""


@dataclass(slots=True)
class Streams:
    """``inputs``: what is read from a number; ``outputs``: where it is written to; ``sinks``: who reads a path."""

    inputs: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    sinks: dict[str, Script] = field(default_factory=dict)

    def number(self, fd: str, variables: dict[str, list[str]]) -> str:
        """The number that a redirect opens; empty for the standard ones, which are handled by themselves."""
        if fd.startswith("{"):
            number = str(10 + len(self.inputs) + len(self.outputs))
            variables[fd[1:-1]] = [number]
            return number
        return "" if fd in _STANDARD else fd

    def has_room(self) -> bool:
        """Whether one more may be opened."""
        return len(self.inputs) + len(self.outputs) + len(self.sinks) < _MOST
