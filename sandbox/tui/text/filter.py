"""What a reader wants to see of a run: words, agents and kinds of lines, each wanted or not."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from operator import and_

from sandbox.tui.text.block import Block
from sandbox.tui.text.store import Store

__all__ = ["Filter"]


@dataclass(frozen=True, slots=True)
class Filter:
    """All terms must hold. ``-`` before a term says that it must not.

    A term is a word, ``"some words"``, ``agent:NAME`` or ``kind:NAME``; letters are compared in
    lower case. An empty filter takes everything.
    """

    source: str

    def mask(self, store: Store, block: Block, first: int = 0) -> Sequence[bool]:
        """Decide on the lines of a block from the index ``first`` on."""
        takes: list[bool] | None = None
        for term in self.terms:
            wanted = not term.startswith("-")
            field, colon, value = term.lstrip("-").partition(":")
            if colon and field in {"agent", "kind"}:
                names, numbers = (
                    (store.who, block.who) if field == "agent" else (store.what, block.what)
                )
                wanted_numbers = names.numbers(value)
                hits = [(number in wanted_numbers) is wanted for number in numbers[first:]]
            else:
                hits = [not wanted] * len(block)
                for index in store.holding(block, term.lstrip("-")):
                    hits[index] = wanted
                del hits[:first]
            takes = hits if takes is None else list(map(and_, takes, hits))
        return [True] * (len(block) - first) if takes is None else takes

    @property
    def terms(self) -> tuple[str, ...]:
        """The terms in lower case; a quotation that is not closed goes to the end."""
        try:
            parts = shlex.split(self.source)
        except ValueError:
            parts = shlex.split(self.source + '"') if '"' in self.source else self.source.split()
        return tuple(part.lower() for part in parts if part.lstrip("-"))
