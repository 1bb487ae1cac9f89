r"""The two quotings of a shell with rules of their own: ``$'...'`` and backticks."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["ansi_c", "backticked", "escapes"]

_ESCAPE: Final = re.compile(
    r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})|c(.)|(.))",
    re.DOTALL,
)
_NAMED: Final = {
    "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t",
    "v": "\v",
}  # fmt: skip


def escapes(text: str, *, zero: bool = False) -> str:
    r"""Replace ``\xHH``, ``\NNN``, ``\n`` and kin; ``zero``: octals may be ``\0NNN``, as in echo."""
    if "\\" not in text:
        return text
    if zero:
        text = re.sub(r"\\0([0-7]{1,3})", r"\\\1", text)
    return _ESCAPE.sub(_unescaped, text)


def _unescaped(match: re.Match[str]) -> str:
    if match[6] is not None:
        return _NAMED.get(match[6], match[6] if match[6] in "\\'\"?" else "\\" + match[6])
    if match[5] is not None:
        return chr(ord(match[5]) & 0x1F)
    code = int(match[4], 8) if match[4] else int(match[1] or match[2] or match[3], 16)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"


def ansi_c(text: str, start: int) -> tuple[str, int]:
    """Read ``$'...'`` from after its quote: the characters, and where the text goes on."""
    end = start
    while end < len(text) and text[end] != "'":
        end += 2 if text[end] == "\\" else 1
    return escapes(text[start:end]), end + 1


def backticked(text: str, start: int) -> tuple[str, int]:
    """Read backticks from the first: what is in them, and where the text goes on."""
    end = start + 1
    while end < len(text) and text[end] != "`":
        end += 2 if text[end] == "\\" else 1
    return re.sub(r"\\([`$\\])", r"\1", text[start + 1 : end]), end + 1
