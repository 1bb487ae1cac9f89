"""Reading the arguments that a model gave to a tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.tools.outcome import ToolError

if TYPE_CHECKING:
    from agents.wire import JsonObject

__all__ = ["number", "text"]


def text(args: JsonObject, name: str) -> str:
    """The text argument ``name``. Raises ToolError if it is missing or none."""
    value = args.get(name)
    if not isinstance(value, str):
        raise ToolError(f"{name!r} must be a text, not {value!r:.80}")
    return value


def number(args: JsonObject, name: str, default: float) -> float:
    """The positive number ``name``, or the default. Raises ToolError if it is anything else."""
    value = args.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise ToolError(f"{name!r} must be a number above 0, not {value!r:.80}")
    return float(value)
