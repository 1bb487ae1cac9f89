r"""Text that cannot drive a terminal: every control becomes something to see.

Whatever an agent wrote passes through here before anybody looks at it. The record keeps the bytes.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["UNSAFE", "neutralise"]

UNSAFE: Final = (
    "\x00-\x09\x0b-\x1f"  # C0 but for the newline: escape codes, tab, carriage return
    "\x7f-\x9f"  # DEL and C1, which holds one-character escape codes
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"  # drawn as nothing
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f"  # zero width, line separators, bidirectional controls
    "\ud800-\udfff"  # lone surrogates, which no UTF-8 stream takes
    "\ufe00-\ufe0d\ufeff\ufff0-\ufffb"  # variation selectors (but those of emoji), annotations
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # controls, tags, selectors
)
"""The code points that never reach a screen, as the inside of a regular expression's brackets."""

_UNSAFE: Final = re.compile(f"[{UNSAFE}]")
_UNSAFE_IN_LINE: Final = re.compile(f"[\n{UNSAFE}]")
_TAB: Final = 8


def neutralise(text: str, *, newlines: bool = True) -> str:
    r"""Make every control, invisible and bidirectional character of a text visible.

    C0 and DEL become their pictures (ESC is U+241B), line separators U+2424, all others U+FFFD.
    ``\r\n`` is a newline; a lone ``\r`` is shown, since it would overwrite what stands before it.
    Tabs become spaces up to the next multiple of 8. Emoji joined by U+200D are shown apart: their
    joiner is as invisible as any other.

    Args:
        text: hostile.
        newlines: whether a newline stays one, or is shown too, where only one line is wanted.
    """
    if (_UNSAFE if newlines else _UNSAFE_IN_LINE).search(text) is None:
        return text
    text = text.replace("\r\n", "\n")
    if newlines:
        return _UNSAFE.sub(_picture, text.expandtabs(_TAB) if "\t" in text else text)
    return _UNSAFE_IN_LINE.sub(_picture, text.replace("\t", " "))


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return "\u2424" if code in {0x85, 0x2028, 0x2029} else "\ufffd"
