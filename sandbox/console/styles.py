"""The looks of each style name on a terminal, as Rich spells them; the sixteen colours only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["AGENTS", "STYLES", "agent_style"]

AGENTS: Final = 7
"""Colours for names; red is kept for what went wrong."""

STYLES: Final[Mapping[str, str]] = {
    "agent.0": "bold cyan",
    "agent.1": "bold magenta",
    "agent.2": "bold green",
    "agent.3": "bold yellow",
    "agent.4": "bold blue",
    "agent.5": "bold bright_cyan",
    "agent.6": "bold bright_magenta",
    "operator": "bold reverse",
    "title": "bold",
    "speech": "",
    "whisper": "italic",
    "thought": "dim italic",
    "action": "yellow",
    "output": "dim",
    "note": "dim",
    "good": "green",
    "warning": "bold yellow",
    "refused": "bold red",
    "failed": "bold red",
    "flag": "bold black on yellow",
}
"""``speech`` has the terminal's own colour: it is what people came to read."""


def agent_style(number: int) -> str:
    """Return the style of the n-th agent's name, from 0."""
    return f"agent.{number % AGENTS}"
