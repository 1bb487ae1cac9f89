"""What a plain scalar means."""

from __future__ import annotations

import re
from typing import Final

from sandbox.scenario.node import Scalar

__all__ = ["ambiguous", "scalar"]

_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INT: Final = re.compile(r"[-+]?[0-9]{1,40}")
_FLOAT: Final = re.compile(
    r"[-+]?(\.[0-9]{1,40}|[0-9]{1,40}(\.[0-9]{0,40})?)([eE][-+]?[0-9]{1,3})?"
)
_BASE_8: Final = re.compile(r"[-+]?0[0-9]{1,40}")


def scalar(text: str) -> Scalar:
    """Read a plain scalar by YAML 1.2's core schema, with decimal and finite numbers only.

    So ``yes``, ``no`` and ``on`` are texts, and so are ``1_000``, ``0x10``, ``12:30:45`` and ``.inf``.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return text if abs(number) == float("inf") else number
    return text


def ambiguous(text: str) -> bool:
    """Whether a plain scalar is one number in YAML 1.1 and another in 1.2: ``010`` is 8 or 10."""
    return _BASE_8.fullmatch(text) is not None
