"""What a stranger's program shows at a terminal, less what reaches beyond its screen.

Text, colours, cursor and the alternate screen pass. What sets a clipboard or a title, asks the terminal
for an answer (which would be typed into the next program), prints, or changes keys or mouse does not.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from sandbox.console.neutral import neutralise

__all__ = ["RESET", "TerminalFilter"]

RESET: Final = "\x1b[0m\x1b(B\x1b)B\x1b[r\x1b[?1l\x1b[?7h\x1b[?25h\x1b[?1049l\x1b[?2004l\x1b>\r\n"
"""Undoes what a filtered program can have left behind."""

SEQUENCE_MOST: Final = 256
"""Characters of the longest control sequence that is waited for."""
_TEXT: Final = re.compile(r"[^\x00-\x1f\x7f]+")
_STRING_END: Final = re.compile(r"[\a\x18\x1a\x1b]")
_PLAIN: Final = frozenset("\a\b\t\n\r")
_STRINGS: Final = frozenset("]PX^_")
"""Behind ESC: what is for the terminal's own program (clipboard, title, settings), up to BEL or ESC."""
_SHORT: Final = frozenset({"7", "8", "=", ">", "D", "E", "M", "(0", "(B", ")0", ")B"})
_CSI: Final = re.compile(r"\x1b\[(\??)([0-9;:]*)([@-~])")
_CSI_FINALS: Final = frozenset("@ABCDEFGHIJKLMPSTXZ`abdefgmrsu")
_MODES: Final = frozenset({"1", "7", "12", "25", "47", "1047", "1048", "1049", "2004"})
_DIGITS: Final = 4
"""Of a number: no screen has more columns, and no character need be repeated more often."""


class TerminalFilter:
    """One stream of bytes to a terminal; they may be cut anywhere between two calls."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""
        self._in_string = False

    def feed(self, data: bytes) -> str:
        """Take the next bytes, and give what may be shown."""
        text = self._decoder.decode(data)
        shown: list[str] = []
        at = 0
        while at < len(text):
            if self._in_string:
                at = self._skip_string(text, at)
            elif self._held:
                at = self._take_one(text, at, shown)
            elif (run := _TEXT.match(text, at)) is not None:
                shown.append(neutralise(run[0]))
                at = run.end()
            else:
                self._held = "\x1b" if text[at] == "\x1b" else ""
                shown.append(text[at] if text[at] in _PLAIN else "")
                at += 1
        return "".join(shown)

    def _skip_string(self, text: str, at: int) -> int:
        end = _STRING_END.search(text, at)
        if end is None:
            return len(text)
        self._in_string = False
        self._held = "\x1b" if end[0] == "\x1b" else ""
        return end.end()

    def _take_one(self, text: str, at: int, shown: list[str]) -> int:
        """Take one more character of an escape sequence; where to go on."""
        char = text[at]
        if not " " <= char <= "~":
            self._held = ""
            return at  # it ends the sequence and counts for itself
        self._held += char
        if len(self._held) == 2 and char in _STRINGS:
            self._held, self._in_string = "", True
        elif len(self._held) > SEQUENCE_MOST:
            self._held = ""
        elif self._held[1] == "[":
            if len(self._held) > 2 and char >= "@":
                shown.append(_csi(self._held))
                self._held = ""
        elif char >= "0":
            shown.append(self._held if self._held[1:] in _SHORT else "")
            self._held = ""
        return at + 1


def _csi(sequence: str) -> str:
    """A control sequence as far as it may pass."""
    found = _CSI.fullmatch(sequence)
    if found is None:
        return ""
    private, numbers, final = found.groups()
    if any(len(number) > _DIGITS for number in re.split("[;:]", numbers)):
        return ""
    if private:
        modes = [mode for mode in numbers.split(";") if mode in _MODES]
        return f"\x1b[?{';'.join(modes)}{final}" if modes and final in {"h", "l"} else ""
    return sequence if final in _CSI_FINALS else ""
