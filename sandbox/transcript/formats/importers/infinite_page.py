"""The words of an Infinite Backrooms page that was saved as HTML: its ``pre`` blocks, unescaped."""

from __future__ import annotations

import html
import re
from typing import Final

__all__ = ["MARK", "page_text"]

MARK: Final = b'<pre class="dream'
_BLOCK: Final = re.compile(r'<pre class="dream[^"]*"[^>]*>(.*?)</pre>', re.DOTALL)
_TITLE: Final = re.compile(r"<title>(.*?)</title>", re.DOTALL)


def page_text(page: str) -> str:
    """Return what the stored text of a page is: a line of the page's own, then its blocks in order."""
    title = _TITLE.search(page)
    blocks = (block[1] for block in _BLOCK.finditer(page))
    return html.unescape((title[1].strip() if title else "") + "".join(blocks))
