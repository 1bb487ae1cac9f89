"""What the server answers: the page with the terminal, or a plain one that says why not."""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path
from typing import Final
from urllib.parse import quote

__all__ = ["FILES", "guard", "plain_page", "terminal_page"]

FILES: Final = Path(__file__).parent / "page"
"""Our own part of the page."""

_LOOK: Final = "margin:3rem;background:#131209;color:#e6e0cc;font:16px/1.5 monospace"
"""Of a plain page, which is seen by those who get no style sheet either."""


def guard(host: str) -> dict[str, str]:
    """The headers of every answer: nothing comes from, goes to, or lies around this page but our own.

    xterm.js writes style elements, which is why styles alone may stand in the page.
    """
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
        f"img-src 'self' data:; connect-src 'self' ws://{host}; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cache-Control": "no-store",
        "Server": "backrooms",
    }


def plain_page(sentence: str) -> str:
    """A page that says one thing; hostile text is made harmless here."""
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Backrooms</title>'
        f"<style>body{{{_LOOK}}}</style><body><p>{escape(sentence)}</p>"
    )


def terminal_page(host: str, link: str) -> str:
    """The page with the terminal.

    Args:
        host: the request's own, known to be ours.
        link: where the app is to open, as ``link.written`` gives it.
    """
    # In the path: the script of the page writes a query of its own behind it.
    socket = f"ws://{host}/ws/{quote(link, safe='')}"
    return _template().replace("SOCKET", escape(socket, quote=True))


@cache
def _template() -> str:
    return (FILES / "page.html").read_text(encoding="utf-8")
