"""Whether a model's answer to "do you want the floor?" means yes."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["wants_floor"]

_WORD: Final = (
    r"[a-z]+(?:['\u2019]t)?"  # compiled when first needed: most orders of turns never ask
)
_YES: Final = frozenset(
    {"yes", "yeah", "yep", "yup", "y", "true", "sure", "certainly", "absolutely"}
)
_NO: Final = frozenset(
    {"no", "nope", "nah", "n", "not", "never", "false", "pass", "none", "nobody"}
)


def wants_floor(text: str) -> bool:
    """Say whether the first word that means yes or no means yes; without one, no."""
    for match in re.finditer(_WORD, text.lower()):
        word = match[0]
        if word in _NO or word.endswith(("'t", "\u2019t")):
            return False
        if word in _YES:
            return True
    return False
