"""Where a path that a model names lies in the box."""

from __future__ import annotations

import os
import stat

from agents.tools.outcome import ToolError

__all__ = ["open_regular", "within"]


def within(home: str, path: str) -> str:
    """The path itself if absolute, else below ``home``. Raises ToolError if it is none.

    The box is the boundary, so a path may lead anywhere in it.
    """
    if not path or "\0" in path:
        raise ToolError(f"{path!r:.80} is no path")
    return os.path.join(home, os.path.expanduser(path) if path.startswith("~/") else path)


def open_regular(path: str, flags: int) -> int:
    """Open a regular file; never wait, as for a named pipe. Raises OSError or ToolError."""
    descriptor = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ToolError(f"{path} is no regular file")
    return descriptor
