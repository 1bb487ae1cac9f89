"""Which turns of a run are exported."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.errors import UsageError

__all__ = ["Part"]


@dataclass(frozen=True, slots=True)
class Part:
    """Turns ``first`` to ``last``, both included; None where a side is open."""

    first: int | None = None
    last: int | None = None

    @classmethod
    def parse(cls, text: str) -> Part:
        """Read ``7``, ``3..9``, ``3..`` or ``..9``.

        Raises:
            UsageError: it is none of these, or ends before it begins.
        """
        match = re.fullmatch(r"(\d{1,9})?(\.\.)?(\d{1,9})?", text, re.ASCII)
        if match is None or not (match[1] or match[3]):
            raise UsageError(f"{text!r:.60} is no part of a run: write 7, 3..9, 3.. or ..9.")
        first = int(match[1]) if match[1] else None
        last = int(match[3]) if match[3] else (None if match[2] else first)
        if first is not None and last is not None and last < first:
            raise UsageError(f"{text!r} ends before it begins: write {last}..{first}.")
        return cls(first, last)

    @property
    def whole(self) -> bool:
        """Whether nothing is left out."""
        return self.first is None and self.last is None

    def __str__(self) -> str:
        if self.first == self.last:
            return str(self.first)
        return (
            f"{'' if self.first is None else self.first}..{'' if self.last is None else self.last}"
        )
