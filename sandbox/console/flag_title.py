"""A flag's title as it is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["flag_title", "says_unasked"]


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


def says_unasked(data: Mapping[str, Any]) -> bool:
    """Whether the title says already that nothing asked for it: ``elicited`` 0 need not say it again."""
    return data.get("elicited") == 0 and str(data.get("title")).endswith(
        ", and no text asked for it"
    )
