"""The operator's patterns over agents' text, in processes of their own that are ended when they take too long."""

from __future__ import annotations

import json
import re
import select
import subprocess
import sys
from pathlib import Path
from typing import Final

from sandbox.transcript.search import pattern_child

__all__ = ["PatternGuard"]

SECONDS: Final = 0.2
"""What one look may take: the engine waits meanwhile."""
START_SECONDS: Final = 5.0
"""For a process to come up, when its pattern is first given."""
LONGEST: Final = 16_384
"""Characters of a text that are looked at."""
MOST: Final = 32
"""Processes at a time."""
TRIES: Final = 3
"""A pattern that has taken too long so often is not looked for any more."""


class PatternGuard:
    """Looks for patterns; one process a pattern, started when it is first needed."""

    def __init__(self) -> None:
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._slow: dict[str, int] = {}

    def __call__(self, pattern: str, text: str) -> bool | None:
        """Whether a pattern is in a text; None if it is none, or that took too long to find out."""
        if self._slow.get(pattern, 0) >= TRIES:
            return None
        child, seconds = self._children.get(pattern), SECONDS
        if child is None:
            try:
                re.compile(pattern)
            except (re.error, OverflowError, RecursionError):
                return None
            if len(self._children) >= MOST:
                self._end(next(iter(self._children)))  # it is started again when it is needed
            child, seconds = self._start(pattern), START_SECONDS
        found = _ask(child, [text[:LONGEST]], seconds)
        if found is None:
            self._end(pattern)
            self._slow[pattern] = self._slow.get(pattern, 0) + 1
        return found

    def close(self) -> None:
        """End the processes; may be called twice."""
        for pattern in list(self._children):
            self._end(pattern)

    def _start(self, pattern: str) -> subprocess.Popen[bytes]:
        child = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(pattern_child.__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,  # Ctrl+C is for the engine; a guard that it ends would match anything
        )
        self._children[pattern] = child
        assert child.stdin is not None
        child.stdin.write(json.dumps([pattern]).encode() + b"\n")
        return child

    def _end(self, pattern: str) -> None:
        child = self._children.pop(pattern)
        child.kill()
        with child:  # closes its pipes and waits for it
            pass


def _ask(child: subprocess.Popen[bytes], texts: list[str], seconds: float) -> bool | None:
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        child.stdin.write(json.dumps(texts).encode() + b"\n")
    except BrokenPipeError:
        return None
    answer = b""
    while not answer.endswith(b"\n"):
        if not select.select([child.stdout], [], [], seconds)[0]:
            return None
        more = child.stdout.read(1 << 16)
        if not more:
            return None
        answer += more
    return bool(json.loads(answer)[0][0])
