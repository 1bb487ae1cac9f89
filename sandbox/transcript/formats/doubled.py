"""Text that was encoded twice, mended where it is provable."""

from __future__ import annotations

__all__ = ["mended"]


def mended(whole: str) -> str | None:
    """Undo a second UTF-8 encoding of a whole text; None where none can be proved.

    UTF-8 bytes that were read as Latin-1 (or as Windows-1252, its superset in practice) and encoded
    again. It is proved where every character of the text is one such byte and all of them together are
    UTF-8: text that was encoded once and has but one accented letter of its own is not.
    """
    if whole.isascii():
        return None
    try:
        once = whole.encode("latin-1")
    except UnicodeEncodeError:
        try:
            once = b"".join(map(_byte, whole))
        except UnicodeEncodeError:
            return None
    try:
        return once.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _byte(character: str) -> bytes:
    """One character as the byte it was; the five that Windows-1252 leaves open stand for themselves."""
    try:
        return character.encode("cp1252")
    except UnicodeEncodeError:
        return character.encode("latin-1")
