"""The Markdown log of scenario-labs, cut into its exchanges.

Its heads were ``## Turn 3``, then ``## Turn 3 (time)``, then ``### Turn 3 (Depth 1) - time``. Models write
lines of the same look; a head is one only with ``- **From:**`` in the next line, behind a rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sandbox.transcript.formats.fields import moment
from sandbox.transcript.formats.foreign import Oddity

__all__ = ["Exchange", "exchanges", "is_log"]

_FIRST: Final = re.compile(
    r"# [^\r\n]{0,200} Log\r?\n(?:\r?\n)+##?#? Turn \d+[^\r\n]{0,80}\r?\n- \*\*From:\*\* "
)
_BLOCK: Final = re.compile(
    r"^##?#? Turn (?P<turn>\d{1,9}|\?)(?: \(Depth (?P<depth>\d{1,9})\))?"
    r"(?: (?:- |\()(?P<at>[-\d]{10}T[\d:.]{8,18})?\)?)? ?(?P<end>\r?\n)"
    r"- \*\*From:\*\* (?P<who>[^\r\n]{0,300})(?P=end)"
    r"- \*\*To:\*\* (?P<to>[^\r\n]{0,300})(?P=end)"
    r"- \*\*Message:\*\* ?",
    re.MULTILINE,
)
_ANSWER: Final = re.compile(r"(\r?\n)- \*\*Response:\*\* ?")
_RULES: Final = ("---\n\n", "---\n", "---\r\n\r\n", "---\r\n")
_RULE: Final = re.compile(r"\r?\n\r?\n---\s*\Z")


@dataclass(frozen=True, slots=True)
class Exchange:
    """What one wrote to another or to nobody, and what came back."""

    turn: int | None
    who: str
    to: str | None
    message: str
    response: str | None
    at: str | None
    depth: int | None
    line: int | None


def is_log(head: str) -> bool:
    """Whether a text begins with a log's title and its first turn."""
    return _FIRST.match(head.removeprefix("\ufeff")) is not None


def exchanges(whole: str, oddities: list[Oddity]) -> Iterator[Exchange]:
    """Cut a log into its exchanges, in order."""
    blocks = [
        block
        for at, block in enumerate(_BLOCK.finditer(whole))
        if at == 0 or whole.endswith(_RULES, 0, block.start())
    ]
    line, counted = 1, 0
    for at, block in enumerate(blocks):
        line += whole.count("\n", counted, block.start())
        counted = block.start()
        stop = blocks[at + 1].start() if at + 1 < len(blocks) else len(whole)
        said, rule = whole[block.end() : stop], None
        if rule := _RULE.search(said, max(0, len(said) - 40)):
            said = said[: rule.start()]
        else:
            oddities.append(Oddity("an exchange without the rule that ends it: cut off", line))
        message, response = said, None
        to = block["to"] if block["to"] not in {"None", "N/A", ""} else None
        if to is not None:
            # What is said to nobody has no answer: there the words are the model's own.
            if answer := _ANSWER.search(said):
                message, response = said[: answer.start()], said[answer.end() :]
            else:
                oddities.append(Oddity(f"{to!r} answered nothing", line))
        yield Exchange(
            int(block["turn"]) if block["turn"] != "?" else None,
            block["who"],
            to,
            message,
            response,
            moment(block["at"]),
            int(block["depth"]) if block["depth"] else None,
            line,
        )
