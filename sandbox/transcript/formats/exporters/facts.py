"""What is told of a run as a whole, for the cover of a page and for its end."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from sandbox.console.ends import count
from sandbox.console.fields import clause, number, word
from sandbox.console.flag_title import says_unasked
from sandbox.console.status import duration
from sandbox.transcript.formats.exporters.source import Source
from sandbox.transcript.formats.exporters.survey import Survey

__all__ = ["ELICITED", "asked_for", "ending", "facts", "last_hash", "totals"]

_RECORDED: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
ELICITED: Final = (
    "nothing asked for it",
    "the scenario asks for it",
    "something it saw names it",
    "the scenario is fiction",
)


def facts(found: Survey, source: Source) -> list[tuple[str, str]]:
    """Name and value of each thing that is known of a run; neutral, one line each."""
    data = found.started
    order, bus = data.get("order"), data.get("bus")
    seconds = found.seconds
    redacted = "" if source.redactor is None else ", ".join(source.redactor.what)
    of = "" if source.part.whole else f"{source.part} of the run"
    rows = [
        ("run", clause(found.run)),
        ("part", f"turns {of}" if of else ""),
        ("redacted", redacted),
        ("began", _time(found.began)),
        ("took", "" if seconds is None else _length(seconds)),
        ("tier", word(data, "tier")),
        ("order", clause(order.get("kind") if isinstance(order, Mapping) else order)),
        ("seed", word(data, "seed")),
        ("bus", clause(bus.get("kind") if isinstance(bus, Mapping) else bus)),
        ("backrooms", word(data, "version")),
        ("imported", _origin(data.get("imported"))),
        ("end", ending(found)),
        ("totals", totals(found)),
        ("last hash", last_hash(found, source)),
    ]
    return [(name, value) for name, value in rows if value]


def last_hash(found: Survey, source: Source) -> str:
    """The hash that proves the record whole; of a redacted part it would prove nothing."""
    return found.last.hash if found.last is not None and source.as_recorded else ""


def totals(found: Survey) -> str:
    """How much there was of each, as far as the record says."""
    ended = found.ended or {}
    summed = ended.get("totals")
    sums = summed if isinstance(summed, Mapping) else {}
    parts = [count(found.turns, "turn"), count(found.said, "say")]
    parts += [
        count(sums.get(key), one)
        for key, one in (("whispers", "whisper"), ("thinks", "think"), ("actions", "action"))
        if sums.get(key)
    ]
    parts += [f"{number(sums, 'refused'):,.0f} refused"] if sums.get("refused") else []
    parts += [count(len(found.flags), "flag")] if found.flags else []
    tokens = (number(sums, "tokens_in"), number(sums, "tokens_out"))
    parts += [f"{tokens[0]:,.0f} tokens in, {tokens[1]:,.0f} out"] if any(tokens) else []
    parts += [f"${number(sums, 'money'):.4f}"] if sums.get("money") else []
    return " · ".join(parts)


def asked_for(flag: Mapping[str, Any]) -> str:
    """Say how far a flagged behaviour was asked for; empty where that is not known, or its title says it."""
    elicited = flag.get("elicited")
    if isinstance(elicited, int) and 0 <= elicited < len(ELICITED) and not says_unasked(flag):
        return ELICITED[elicited]
    return ""


def _origin(imported: object) -> str:
    if not isinstance(imported, Mapping):
        return ""
    oddities = imported.get("oddities")
    odd = f", {count(len(oddities), 'odd thing')}" if isinstance(oddities, list | tuple) else ""
    return f"{word(imported, 'format')}, from {word(imported, 'source')}{odd}"


def _time(ts: str) -> str:
    """A moment as people write it; as it stands where it is none."""
    return f"{ts[:10]} {ts[11:19]} UTC" if _RECORDED.fullmatch(ts) else clause(ts)


def _length(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else duration(seconds)


def ending(found: Survey) -> str:
    """Why the run ended."""
    if found.ended is None:
        return "" if found.last is None else "the record has no end"
    detail = word(found.ended, "detail")
    return word(found.ended, "reason") + (f": {detail}" if detail else "")
