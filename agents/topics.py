"""Topics and filters of the bus: which are well formed, which filter matches or covers what.

Levels are ``[a-z0-9_-]`` only. MQTT allows almost anything; brokers then disagree on dots, spaces
and ``$``, so nothing else is ever let through.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["covers", "is_filter", "is_topic", "matches"]

_TOPIC: Final = re.compile(r"[a-z0-9_-]+(?:/[a-z0-9_-]+)*")
_FILTER: Final = re.compile(r"(?:(?:[a-z0-9_-]+|\+)/)*(?:[a-z0-9_-]+|\+|#)")


def is_topic(text: str) -> bool:
    """Tell whether this names one topic of ours: no wildcard, no empty level."""
    return _TOPIC.fullmatch(text) is not None


def is_filter(text: str) -> bool:
    """Tell whether this is a topic or a pattern: ``+`` is one level, a last ``#`` all below."""
    return _FILTER.fullmatch(text) is not None


def matches(pattern: str, topic: str) -> bool:
    """Tell whether a topic falls under a filter; ``a/#`` matches ``a`` too."""
    return covers(pattern, topic)


def covers(right: str, asked: str) -> bool:
    """Tell whether every topic that ``asked`` can match is matched by ``right`` as well.

    A topic is a filter that matches itself alone, so this serves for topics too.
    """
    have, want = right.split("/"), asked.split("/")
    for level, ours in enumerate(have):
        if ours == "#":
            return True
        if level == len(want):
            return False
        theirs = want[level]
        if theirs == "#" or ours not in ("+", theirs):
            return False
    return len(have) == len(want)
