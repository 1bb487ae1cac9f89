"""Regular expressions over hostile text, with an end."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Self

from sandbox.errors import UsageError
from sandbox.transcript.search import pattern_child
from sandbox.transcript.search.places import Span

__all__ = ["LONGEST", "Patterns"]

LONGEST: Final = 100_000
"""Characters of a text that patterns are looked for in."""


class Patterns:
    """Looks for patterns in a process of its own, started when it is first needed.

    Args:
        patterns: of Python's ``re``; they compile.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        self.patterns = patterns
        self._child: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._child is not None:
            self._child.kill()
            with self._child:  # closes its pipes and waits for it
                pass

    def find(self, texts: Sequence[str]) -> list[Mapping[str, Sequence[Span]]]:
        """Where each pattern is in each text.

        Raises:
            UsageError: it takes too long; some pattern tries the same letters in ever new ways.
        """
        child = self._child or self._start()
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            child.stdin.write(f"{json.dumps([text[:LONGEST] for text in texts])}\n")
            child.stdin.flush()
            answer = child.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            listed = " or ".join(f"/{pattern}/" for pattern in self.patterns)
            raise UsageError(
                f"{listed} took longer than {pattern_child.SECONDS:g} s on a few texts. Avoid a repetition "
                "within a repetition, as in (a+)+, and give words beside it: only texts with those are looked at."
            )
        return [
            {
                pattern: [(start, end) for start, end in spans]
                for pattern, spans in zip(self.patterns, found, strict=True)
            }
            for found in json.loads(answer)
        ]

    def _start(self) -> subprocess.Popen[str]:
        self._child = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(pattern_child.__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="ascii",
        )
        assert self._child.stdin is not None
        self._child.stdin.write(f"{json.dumps(self.patterns)}\n")
        return self._child
