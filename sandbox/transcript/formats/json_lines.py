"""Foreign JSON Lines: one object a line, and what else stands between them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.transcript.formats.foreign import Oddity
from sandbox.transcript.formats.text import lines

__all__ = ["json_lines"]


def json_lines(whole: str, oddities: list[Oddity]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield each line that is a JSON object with its number, from 1; blank lines are passed over.

    What is none becomes an oddity: a last line without an end is one that was cut off.
    """
    every = lines(whole)
    for number, line in enumerate(every, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            record = None
        if isinstance(record, dict):
            yield number, record
        elif number == len(every):
            oddities.append(Oddity("the last line was cut off and is left out", number))
        else:
            oddities.append(Oddity("a line that is no JSON object is left out", number))
