"""The app's colours: old yellow wallpaper, dimmed; the same by daylight; and the terminal's own."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from rich.terminal_theme import TerminalTheme
from textual.theme import BUILTIN_THEMES, Theme

__all__ = ["SIXTEEN", "SIXTEEN_LIGHT", "THEMES"]

DARK: Final = Theme(
    name="dark",
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

LIGHT: Final = Theme(
    name="light",
    primary="#7a6413",
    secondary="#6d6233",
    accent="#8a5a00",
    warning="#9a5b00",
    error="#b3362a",
    success="#4c6b1f",
    foreground="#2f2a1a",
    background="#faf5e4",
    surface="#f2ebd3",
    panel="#e8dfc0",
    dark=False,
    variables={
        "panel-lighten-2": "#d3c69a",  # frames: what Textual derives is lighter than the page
        "block-cursor-background": "#d9c98c",
        "block-cursor-foreground": "#1d1a10",
        "scrollbar": "#cdbf8d",
        "scrollbar-hover": "#b3a263",
        "scrollbar-active": "#96843f",
        "scrollbar-background": "#f2ebd3",
        "scrollbar-background-hover": "#f2ebd3",
        "scrollbar-background-active": "#f2ebd3",
    },
)

ANSI: Final = replace(BUILTIN_THEMES["ansi-dark"], name="ansi")
"""No colours but the terminal's own sixteen: for its user's palette, for NO_COLOR, and for slow lines."""

THEMES: Final = (DARK, LIGHT, ANSI)

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

SIXTEEN_LIGHT: Final = TerminalTheme(
    (0xFA, 0xF5, 0xE4),
    (0x2F, 0x2A, 0x1A),
    [
        (0xFA, 0xF5, 0xE4),  # black: the ink on a colour, which is dark here
        (0xB3, 0x36, 0x2A),
        (0x3F, 0x6B, 0x1F),
        (0x8A, 0x5A, 0x00),
        (0x24, 0x55, 0x9C),
        (0x8C, 0x3A, 0x8F),
        (0x1A, 0x6F, 0x6C),
        (0xF2, 0xEB, 0xD3),
    ],
    [
        (0x7A, 0x70, 0x52),
        (0xC2, 0x45, 0x36),
        (0x52, 0x80, 0x2B),
        (0xA0, 0x6C, 0x0A),
        (0x2F, 0x68, 0xB8),
        (0xA3, 0x4B, 0x7D),
        (0x1F, 0x74, 0x94),
        (0x1D, 0x1A, 0x10),
    ],
)
"""The same on paper: each dark enough to be read there."""
