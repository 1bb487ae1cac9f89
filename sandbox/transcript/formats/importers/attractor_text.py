"""attractor-states' texts: turns under ``--- A ---``, and Moltbook threads under ``### Turn n``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from sandbox.transcript.formats.foreign import Entry, Foreign, Oddity
from sandbox.transcript.formats.parties import Parties

__all__ = ["read_moltbook", "read_text"]

_SPOKEN: Final = re.compile(r"^--- (?P<who>[AB]) ---\r?\n", re.MULTILINE)
_POSTED: Final = re.compile(
    r"^### Turn (?P<turn>\d{1,9}) \u2014 (?P<who>@[^\r\n]{1,80}) (?P<what>posted|commented)\r?\n(?:\r?\n)?",
    re.MULTILINE,
)
_MODEL: Final = re.compile(r"^Model: `([^`\r\n]{1,200})`", re.MULTILINE)
_RULE: Final = re.compile(r"(?:\r?\n)*---[ \t]*\s*\Z")
_AFTER: Final = re.compile(r"^\*\[(Turn \d+ [^\r\n]*)\]\*\s*\Z", re.MULTILINE)


def read_text(name: str, whole: str, oddities: list[Oddity]) -> Foreign:
    """Read a transcript of A and B. A line that looks like a head counts only if the other spoke last."""
    heads: list[re.Match[str]] = []
    own = 0
    for head in _SPOKEN.finditer(whole):
        if heads and heads[-1]["who"] == head["who"]:
            own += 1
        else:
            heads.append(head)
    if own:
        oddities.append(Oddity(f"{own} heads of who had spoken last: taken for words of theirs"))
    parties = Parties()
    entries = [
        # a blank line ends each turn
        Entry(
            "say",
            parties.add(head["who"]),
            said.removesuffix("\n").removesuffix("\n"),
            turn=turn,
            line=line,
        )
        for turn, (head, said, line) in enumerate(_cut(whole, heads), 1)
    ]
    return Foreign("attractor-states", name, parties.all(), entries, oddities=oddities)


def read_moltbook(name: str, whole: str, oddities: list[Oddity]) -> Foreign:
    """Read a Moltbook thread. What its authors wrote above it, and in the place of long reasoning, is theirs."""
    heads = list(_POSTED.finditer(whole))
    above = whole[: heads[0].start()] if heads else whole
    title = above.lstrip().partition("\n")[0].lstrip("# ").strip() or name
    model = _MODEL.search(above)
    parties, entries = Parties(), list[Entry]()
    reason = None
    for head, under, line in _cut(whole, heads):
        said = under
        if head is heads[-1] and (after := _AFTER.search(under)):
            reason, said = after[1], under[: after.start()]
        said = _RULE.sub("", said) if said.rstrip().endswith("---") else said.rstrip("\r\n")
        who = parties.add(head["who"], model=model and model[1])
        if "**[" in said[:4]:
            oddities.append(Oddity("the authors' own words stand in this turn", line))
        entries.append(
            Entry("say", who, said, turn=int(head["turn"]), line=line, more={"what": head["what"]})
        )
    if above.strip():
        oddities.append(Oddity("the text above the thread is its authors': kept apart"))
    return Foreign(
        "attractor-states",
        title,
        parties.all(),
        entries,
        end_reason=reason,
        more={"above": above} if above.strip() else {},
        oddities=oddities,
    )


def _cut(whole: str, heads: list[re.Match[str]]) -> Iterator[tuple[re.Match[str], str, int]]:
    """Yield each head with what stands under it and its line."""
    line, counted = 1, 0
    for at, head in enumerate(heads):
        line += whole.count("\n", counted, head.start())
        counted = head.start()
        stop = heads[at + 1].start() if at + 1 < len(heads) else len(whole)
        yield head, whole[head.end() : stop], line
