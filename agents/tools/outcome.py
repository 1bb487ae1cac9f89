"""What a tool did in the box."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Outcome", "ToolError"]


class Outcome(NamedTuple):
    """The fields of wire.Result that are a tool's own; ``exit`` and ``seconds`` are a command's."""

    ok: bool
    output: str
    exit: int | None = None
    seconds: float = 0.0
    cut: int = 0


class ToolError(Exception):
    """A tool cannot do what it was asked; the text is one plain sentence for the model."""
