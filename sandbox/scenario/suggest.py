"""Guessing what somebody meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["nearest", "remedy"]


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that looks most like ``word``, or None where none is near."""
    if len(word) > 64:
        return None
    found = get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def remedy(word: str, known: Iterable[str], label: str) -> str:
    """Ask "Did you mean 'x'?", or list up to 20 known words after ``label``."""
    names = list(known)
    near = nearest(word, names)
    if near is not None:
        return f"Did you mean '{near}'?"
    rest = f" and {len(names) - 20} more" if len(names) > 20 else ""
    return f"{label}: {', '.join(names[:20])}{rest}."
