"""The tool ``write_file``: a text becomes a file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from agents.tools.arguments import text
from agents.tools.outcome import Outcome, ToolError
from agents.tools.path import open_regular, within

if TYPE_CHECKING:
    from agents.wire import JsonObject

__all__ = ["write_file"]

MOST: Final = 512 << 10
"""Bytes of the largest text that is written at once: the longest that the schema allows fits."""


def write_file(args: JsonObject, home: str) -> Outcome:
    """Write ``text`` to ``path``, taken from ``home`` if relative; folders on the way are made."""
    path, data = text(args, "path"), text(args, "text").encode("utf-8", "replace")
    if len(data) > MOST:
        raise ToolError(f"the text has {len(data)} bytes; at most {MOST} can be written at once")
    place = within(home, path)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with os.fdopen(open_regular(place, os.O_WRONLY | os.O_CREAT), "wb") as file:
        file.truncate(0)  # only now: what is no regular file must not be touched
        file.write(data)
    return Outcome(True, f"{len(data)} bytes written to {path}")
