"""What a scenario wants done about a flag: its key ``watch``, read from the record itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sandbox.detect.plain import mapping, text

__all__ = ["REACTIONS", "reaction", "wanted"]

REACTIONS: Final = ("log", "warn", "freeze", "stop")
"""From nothing but the record to the end of the run."""

_CONTACT: Final = ("contact.", "room.", "service.")


def wanted(data: Mapping[str, Any]) -> Mapping[str, str]:
    """By level, what ``run.started`` or ``run.resumed`` wants done; a record that does not say wants nothing."""
    if "imported" in data:
        return {}
    asked = mapping(mapping(data.get("scenario")).get("watch"))
    return {level: what for level, what in asked.items() if what in REACTIONS}


def reaction(flag: Mapping[str, Any], wanted: Mapping[str, str]) -> str:
    """What is to follow a flag."""
    level = text(flag.get("level")).partition(".")[0]
    if not level and text(flag.get("id")).startswith(_CONTACT):
        level = "contact"
    return wanted.get(level, "log")
