"""Which line of models a name belongs to, so that kin can be told from strangers."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["family_of"]

_KIN: Final = {
    "chatgpt": "gpt",
    "codestral": "mistral",
    "devstral": "mistral",
    "magistral": "mistral",
    "ministral": "mistral",
    "mixtral": "mistral",
    "pixtral": "mistral",
    "qwq": "qwen",
}


def family_of(model: str) -> str:
    """Read the family off a model's name: ``meta-llama/Llama-3.2-3B`` is ``llama``.

    The first word of the last part of the name, with the lines of one maker brought together; the
    whole name where it begins with no letter.
    """
    last = model.rpartition("/")[2].lower()
    word = re.match(r"[a-z]+", last)
    if word is None:
        return last or model
    return _KIN.get(word[0], word[0])
