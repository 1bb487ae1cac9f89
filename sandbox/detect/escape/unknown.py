"""The mark for what cannot be known from a text alone."""

from typing import Final

__all__ = ["UNKNOWN"]

UNKNOWN: Final = "\ue000"
"""Stands for any text, in a word or an output: the value of a variable that nobody set here."""
