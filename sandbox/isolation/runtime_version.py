"""The version of a container runtime, by its own word."""

from __future__ import annotations

import subprocess
from functools import cache

__all__ = ["version_of"]

SECONDS = 5.0


@cache
def version_of(program: str) -> str:
    """Ask a program for its version; its first line, or nothing where it cannot be asked; blocks."""
    try:
        done = subprocess.run(
            [program, "--version"],
            capture_output=True,
            check=True,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=SECONDS,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return (done.stdout.strip().splitlines() or [""])[0][:200]
