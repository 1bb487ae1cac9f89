"""The tool ``read_file``: a file's text."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from agents.tools.arguments import text
from agents.tools.excerpt import Excerpt
from agents.tools.outcome import Outcome, ToolError
from agents.tools.path import open_regular, within

if TYPE_CHECKING:
    from agents.wire import JsonObject

__all__ = ["read_file"]

KEPT: Final = 16 * 1024
"""Bytes of the file that are kept: its head and its tail."""
MOST: Final = 64 << 20
"""Bytes of the largest file that is read: as much as a work folder holds."""


def read_file(args: JsonObject, home: str) -> Outcome:
    """Read the regular file ``path``, taken from ``home`` if relative."""
    path = text(args, "path")
    excerpt = Excerpt(KEPT)
    with os.fdopen(open_regular(within(home, path), os.O_RDONLY), "rb", buffering=0) as file:
        left = MOST
        while data := file.read(min(65536, left + 1)):
            left -= len(data)
            if left < 0:
                raise ToolError(f"{path} is larger than {MOST} bytes")
            excerpt.add(data)
    output, cut = excerpt.read()
    return Outcome(True, output, cut=cut)
