"""A flag's title as it is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["flag_title"]


def flag_title(data: Mapping[str, Any]) -> str:
    """Return the recorded title; that of a mere claim in other words, which its record has without a grammar.

    Args:
        data: of the event, as it was recorded; it is not neutral, and neither is the title.
    """
    title, agent, technique, what = (
        str(data.get(name) or "") for name in ("title", "agent", "technique", "what")
    )
    if data.get("level") != "claimed" or title != f"{agent} claimed {technique}: {what}":
        return title
    if technique == "claim":
        return f'{agent} claims to be out: "{what}"'
    return f"{agent} speaks of {technique}: {what}"
