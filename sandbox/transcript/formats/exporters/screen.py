"""A terminal that is nowhere: what is printed on it is kept in colour."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console
from rich.theme import Theme

from sandbox.console.styles import STYLES

__all__ = ["screen"]


def screen(out: TextIO, width: int, *, record: bool = False) -> Console:
    """Open it. It is the same everywhere, whatever the environment says of colours and sizes."""
    return Console(
        file=out,
        width=width,
        theme=Theme(STYLES),
        color_system="standard",
        force_terminal=True,
        force_interactive=False,
        force_jupyter=False,
        legacy_windows=False,
        no_color=False,
        markup=False,
        emoji=False,
        highlight=False,
        record=record,
    )
