"""Ids of ours for the names of others: agents and rooms."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Final

__all__ = ["ids"]

_RESERVED: Final = frozenset({"engine", "operator", "watch"})


def ids(names: Iterable[str], otherwise: str) -> dict[str, str]:
    """Give each name an id ``[a-z][a-z0-9-]{0,31}`` that no other has, by what it says.

    Args:
        names: in the order that decides who gets the plain id; any text.
        otherwise: stands where a name has no Latin letter or digit.
    """
    given: dict[str, str] = {}
    taken = set(_RESERVED)
    counts: Counter[str] = Counter()
    for name in names:
        if name in given:
            continue
        latin = unicodedata.normalize("NFKD", name[:200]).encode("ascii", "ignore").decode().lower()
        plain = re.sub(r"[^a-z0-9]+", "-", latin).strip("-")[:28].rstrip("-")
        if not plain[:1].isalpha():
            plain = f"{otherwise}-{plain}"[:28].rstrip("-")
        unique = plain
        while unique in taken:
            # Where the last one of these letters was: a file may hold 100,000 names without any.
            counts[plain] = count = max(counts[plain], 1) + 1
            unique = f"{plain[: 31 - len(str(count))]}-{count}"
        taken.add(unique)
        given[name] = unique
    return given
