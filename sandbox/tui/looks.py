"""The app's colours: old yellow wallpaper, dimmed."""

from __future__ import annotations

from typing import Final

from rich.terminal_theme import TerminalTheme
from textual.theme import Theme

__all__ = ["SIXTEEN", "THEME"]

THEME: Final = Theme(
    name="backrooms",
    primary="#b8a24a",
    secondary="#8d8250",
    accent="#d9c465",
    warning="#e0a33e",
    error="#e06a5a",
    success="#9cb86a",
    foreground="#e6e0cc",
    background="#131209",
    surface="#1b1a10",
    panel="#28261a",
    dark=True,
    variables={
        "block-cursor-background": "#4a4630",
        "block-cursor-foreground": "#fffaea",
        "scrollbar": "#4a4630",
        "scrollbar-hover": "#6b6545",
        "scrollbar-active": "#8d8250",
        "scrollbar-background": "#1b1a10",
        "scrollbar-background-hover": "#1b1a10",
        "scrollbar-background-active": "#1b1a10",
    },
)

SIXTEEN: Final = TerminalTheme(
    (0x13, 0x12, 0x09),
    (0xE6, 0xE0, 0xCC),
    [
        (0x13, 0x12, 0x09),  # black
        (0xE0, 0x6A, 0x5A),  # red: kept for what went wrong
        (0x9C, 0xC8, 0x7A),  # green
        (0xE0, 0xB0, 0x4E),  # yellow
        (0x7D, 0xA6, 0xE8),  # blue
        (0xD4, 0x97, 0xD8),  # magenta
        (0x76, 0xC7, 0xC0),  # cyan
        (0xE6, 0xE0, 0xCC),  # white
    ],
    [
        (0x7A, 0x74, 0x5C),
        (0xF0, 0x8A, 0x7A),
        (0xB4, 0xDC, 0x94),
        (0xF0, 0xC8, 0x6E),
        (0xA0, 0xC0, 0xF4),
        (0xEC, 0xB8, 0xC8),
        (0x9A, 0xDC, 0xF0),
        (0xFF, 0xFA, 0xEA),
    ],
)
"""What the terminal's sixteen colours, in which runs are told, look like in this theme."""
