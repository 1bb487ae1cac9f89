"""A query as SQL over the index: every document that matches, and as few others as can be told there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, NamedTuple

from sandbox.transcript.search.fold import fold, words
from sandbox.transcript.search.match import Facts, about_run
from sandbox.transcript.search.query import And, Field, Not, Or, Phrase, Query, Regex, Turns, Word

__all__ = ["KEY_BITS", "Condition", "condition"]

KEY_BITS: Final = 32
"""A document's rowid is its run's key above these bits, and its number in the run below."""


class Condition(NamedTuple):
    """A condition on a row of ``docs``. If it is not ``exact``, it also lets some through that do not match."""

    sql: str
    values: tuple[str | int, ...] = ()
    exact: bool = True


_ANY: Final = Condition("1", (), exact=False)
_COLUMNS: Final = {
    "agent": "agent = ?",
    "room": "room = ?",
    "tool": "tool = ?",
    "to": "EXISTS (SELECT 1 FROM json_each(docs.recipients) WHERE value = ?)",
    "after": "ts >= ?",
    "before": "ts < ?",
}
_FLAGGED: Final = (
    "EXISTS (SELECT 1 FROM marks WHERE run = docs.id >> 32 AND marks.seq = docs.seq"
    " AND substr(flag, 1, ?) = ?)"
)


def condition(query: Query, runs: Mapping[int, Facts]) -> Condition:
    """Write a query as a condition.

    What the user wrote gets into it as values alone, and into FTS5's own language only as folded
    words in quotes.

    Args:
        query: what is looked for.
        runs: those in the index, by key.
    """
    terms = _terms(query)
    if terms is not None:
        sql = "id IN (SELECT rowid FROM words WHERE words MATCH ?)"
        return Condition(sql, (terms[0],), exact=terms[1])
    match query:
        case Field():
            return _field(query, runs)
        case Turns(first, last):
            low = 0 if first is None else first
            return Condition("turn BETWEEN ? AND ?", (low, 1 << 62 if last is None else last))
        case Not(part):
            inner = condition(part, runs)
            return Condition(f"NOT {inner.sql}", inner.values) if inner.exact else _ANY
        case And(parts):
            # Words side by side are one question to FTS5, which meets the rare one first.
            texts = tuple(part for part in parts if _terms(part) is not None)
            others = [part for part in parts if _terms(part) is None]
            if texts:
                others.append(And(texts) if len(texts) > 1 else texts[0])
            return _joined(" AND ", [condition(part, runs) for part in others])
        case Or(parts):
            return _joined(" OR ", [condition(part, runs) for part in parts])
        case Word() | Phrase() | Regex():
            return _ANY


def _joined(between: str, parts: list[Condition]) -> Condition:
    sql = between.join(part.sql for part in parts)
    values = tuple(value for part in parts for value in part.values)
    return Condition(f"({sql})", values, exact=all(part.exact for part in parts))


def _field(field: Field, runs: Mapping[int, Facts]) -> Condition:
    name, value = field.name, field.value
    if name in {"after", "before"}:
        return Condition(_COLUMNS[name], (value,))
    if name in _COLUMNS:
        return Condition(_COLUMNS[name], (value.lower(),))
    if name == "kind":
        return Condition("? IN (what, kind)", (value,))
    if name == "flag":
        return Condition(_FLAGGED, (len(value), value))
    if name == "model":
        agents = [
            f"{key} {agent}"
            for key, run in runs.items()
            for agent, model in run.models.items()
            if fold(value) in fold(model)
        ]
        listed = "(id >> 32) || ' ' || agent IN (SELECT value FROM json_each(?))"
        return Condition(listed, (json.dumps(agents),))
    keys = [key for key, run in runs.items() if about_run(field, run)]
    return Condition("id >> 32 IN (SELECT value FROM json_each(?))", (json.dumps(keys),))


def _terms(query: Query) -> tuple[str, bool] | None:
    """A query as FTS5 has it, and whether that is exact; None if it is not of words alone."""
    match query:
        case Word(text, prefix) | Phrase(text, prefix):
            found = words(text)
            exact = isinstance(query, Word)
            return (f'"{" ".join(found)}"' + " *" * prefix, exact) if found else None
        case And(parts) | Or(parts):
            terms = [_terms(part) for part in parts]
            known = [term for term in terms if term is not None]
            if len(known) < len(terms):
                return None
            between = " AND " if isinstance(query, And) else " OR "
            return f"({between.join(text for text, _ in known)})", all(exact for _, exact in known)
        case _:
            return None
