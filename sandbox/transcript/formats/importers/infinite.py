"""Infinite Backrooms: the text of its pages, ``conversation_<unix>_scenario_<name>.txt``.

A line of the page's prose, then ``actors:``, ``models:``, ``temp:``, sections ``<name#SYSTEM>`` and
``<name#CONTEXT>``, then turns: ``<Name>`` alone on a line, the words, a blank line. Models write lines of
that look too; two speakers in turn tell them apart. The pages that are stored are encoded twice.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from sandbox.errors import NoTranscript
from sandbox.transcript.formats.doubled import mended
from sandbox.transcript.formats.fields import kept, mapping, mappings
from sandbox.transcript.formats.foreign import Entry, Foreign, Oddity, Party, Source
from sandbox.transcript.formats.importers.infinite_page import MARK, page_text
from sandbox.transcript.formats.text import lines as lines_of
from sandbox.transcript.formats.text import text as text_of
from sandbox.transcript.formats.text import unreadable
from sandbox.transcript.formats.turn_order import Header, in_order, is_blank

__all__ = ["ABOUT", "NAME", "looks", "read"]

NAME: Final = "infinite"
ABOUT: Final = "Infinite Backrooms: stored pages, text or HTML, mended where they are encoded twice"

_FILE: Final = re.compile(
    r"conversation[_-](\d{9,11})[_-]scenario[_-](.+?)(?:[.-]txt)?\.(?:txt|html?|meta\.json)"
)
_SECTION: Final = re.compile(r"<(.+)#(SYSTEM|CONTEXT)>\r?")
_TURN: Final = re.compile(r"<([^<>#\r]{1,80})>\r?")
_FACTS: Final = ("actors", "models", "temp")


class _Head(NamedTuple):
    """What stands before the turns; ``end`` is the index of the first line behind it."""

    facts: Mapping[str, Sequence[str]]
    systems: Mapping[str, str]
    contexts: Mapping[str, Sequence[Mapping[str, Any]]]
    page: str
    end: int


def looks(source: Source) -> float:
    """Tell by the three facts and the first section."""
    named = _FILE.fullmatch(source.name.rpartition("/")[2]) is not None
    if named and source.name.endswith(".meta.json"):
        return 0.9
    if source.name.lower().endswith((".html", ".htm")):
        return 0.95 if MARK in source.data else 0.0
    head = source.data[:20_000]
    has = [mark in head for mark in (b"\nactors:", b"\nmodels:", b"#SYSTEM>")]
    return 0.97 if all(has) else 0.3 if named else 0.0


def read(source: Source) -> list[Foreign]:
    """Read the one run of a page.

    Raises:
        Unreadable: it has no ``actors:`` or no section.
        NoTranscript: it is the side file of a page.
    """
    name = source.name.rpartition("/")[2]
    if name.endswith(".meta.json"):
        why = f"{source.name}: the side file of a page, read together with its .txt."
        raise NoTranscript(why)
    is_page = name.lower().endswith((".html", ".htm"))
    if is_page and (text := name.rpartition(".")[0] + ".txt") in source.beside:
        raise NoTranscript(f"{source.name}: the page whose words are in {text} beside it.")
    whole, oddities = text_of(source)
    if is_page:
        whole = page_text(whole)
    repaired = mended(whole)
    if repaired is not None:
        whole = repaired
        oddities.append(Oddity("the text was encoded twice in UTF-8: mended, all of it"))
    lines = lines_of(whole)
    head = _head(source, lines, oddities)
    actors = head.facts["actors"]
    end = _end(lines)
    found = [
        Header(at, turn[1])
        for at in range(head.end, end)
        if (turn := _TURN.fullmatch(lines[at])) and (at == head.end or is_blank(lines[at - 1]))
    ]
    speakers = _speakers(found, actors, oddities)
    turns, odd = in_order(found, _from_first(speakers, found))
    oddities += odd
    words = [header for header in found if header.name not in speakers]
    if words:
        some = ", ".join(dict.fromkeys(f"<{header.name}>" for header in words[:5]))
        what = f"{len(words)} lines look like headers and are taken as words: {some}"
        oddities.append(Oddity(what, words[0].at + 1))
    entries = _entries(lines, turns, end)
    if is_page:  # whose lines are others
        entries = [replace(entry, line=None) for entry in entries]
        oddities = [replace(oddity, line=None) for oddity in oddities]
    named = _FILE.fullmatch(name)
    side = _side(source, name)
    more = {
        "page": head.page,
        "temp": list(head.facts.get("temp", ())),
        **kept(side, "source_url", "text_hash", "cms_date"),
    }
    return [
        Foreign(
            format=NAME,
            title=named[2] if named else name,
            parties=_parties(speakers, head),
            entries=entries,
            started=_started(named),
            end_reason=_reason(entries),
            seed_context=[
                Entry("say", speakers[slot], message["content"], more={"role": message.get("role")})
                for slot, actor in enumerate(actors)
                for message in head.contexts.get(actor, ())
            ],
            more={key: value for key, value in more.items() if value},
            oddities=oddities,
        )
    ]


def _head(source: Source, lines: Sequence[str], oddities: list[Oddity]) -> _Head:
    facts: dict[str, Sequence[str]] = {}
    at = _next_section(lines, 1)
    for line in lines[:at]:
        key, colon, value = line.partition(":")
        if colon and key in _FACTS and key not in facts:
            facts[key] = [part.strip() for part in value.split(",")]
    if at == len(lines):
        raise unreadable(source, "no '<name#SYSTEM>' in it", "It is no page of Infinite Backrooms")
    if "actors" not in facts:
        raise unreadable(
            source, "no 'actors:' before its first section", "It may be cut at its head"
        )
    systems: dict[str, str] = {}
    contexts: dict[str, Sequence[Mapping[str, Any]]] = {}
    slots: Counter[str] = Counter()
    if not any(line.endswith("#CONTEXT>") for line in lines):
        oddities.append(
            Oddity("no '<name#CONTEXT>': what was given is with the first system prompt")
        )
    while at < len(lines) and (section := _SECTION.fullmatch(lines[at])):
        kind = section[2]
        actor = _actor(section[1], facts, slots[kind])
        slots[kind] += 1
        begin = at + 1
        if kind == "SYSTEM":
            at = _next_section(lines, begin)
            systems[actor] = "\n".join(lines[begin:at]).strip("\r\n")
        else:
            contexts[actor], at = _context(lines, begin, oddities)
        while at < len(lines) and is_blank(lines[at]):
            at += 1
    return _Head(facts, systems, contexts, lines[0], at)


def _actor(name: str, facts: Mapping[str, Sequence[str]], slot: int) -> str:
    """Whose section it is: it is named ``actor`` or ``actor-model``, in the order of the actors."""
    actors = facts["actors"]
    models = facts.get("models", ())
    full = [f"{a}-{m}" for a, m in zip(actors, models, strict=False)]
    if slot < len(actors) and name in {actors[slot], *full[slot : slot + 1]}:
        return actors[slot]
    return next((a for a in actors if name in {a, *(f for f in full if f.startswith(a))}), name)


def _next_section(lines: Sequence[str], begin: int) -> int:
    for at in range(begin, len(lines)):
        if _SECTION.fullmatch(lines[at]):
            return at
        # One page has lost the names of its later sections; its turns follow the last context.
        if lines[at - 1].rstrip("\r") in {"[]", "]"} and _TURN.fullmatch(lines[at]):
            return at
    return len(lines)


def _context(
    lines: Sequence[str], begin: int, oddities: list[Oddity]
) -> tuple[Sequence[Mapping[str, Any]], int]:
    """Read a JSON list that may span lines; return its messages and the line behind it."""
    rest = "\n".join(lines[begin:])
    decoder = json.JSONDecoder(strict=False)  # tabs and newlines stand in strings as they are
    try:
        messages, behind = decoder.raw_decode(rest, len(rest) - len(rest.lstrip()))
    except (ValueError, RecursionError):
        return _loose_context(lines, begin, decoder, oddities)
    return _messages(messages), begin + rest.count("\n", 0, behind) + 1


def _loose_context(
    lines: Sequence[str], begin: int, decoder: json.JSONDecoder, oddities: list[Oddity]
) -> tuple[Sequence[Mapping[str, Any]], int]:
    """Read a list with a comma behind its last message, or keep what it is as one message."""
    end = begin
    while end < len(lines) and not (_SECTION.fullmatch(lines[end]) or _TURN.fullmatch(lines[end])):
        end += 1
    raw = "\n".join(lines[begin:end]).strip()
    try:
        return _messages(decoder.decode(re.sub(r",\s*\]$", "]", raw))), end
    except (ValueError, RecursionError):
        oddities.append(Oddity("a context that is no JSON is kept as one message", begin + 1))
        return [{"role": None, "content": raw}], end


def _messages(value: object) -> list[Mapping[str, Any]]:
    return [m for m in mappings(value) if isinstance(m.get("content"), str)]


def _end(lines: Sequence[str]) -> int:
    """The writer ends a turn with a blank line, and the page with one more newline."""
    end = len(lines)
    for _ in range(3):
        end -= end > 0 and is_blank(lines[end - 1])
    return end


def _speakers(found: Sequence[Header], actors: Sequence[str], oddities: list[Oddity]) -> list[str]:
    """Name each actor's turns: by the actor's name, else by who has the most turns."""
    counts = Counter(header.name for header in found)
    if not found or any(actor in counts for actor in actors):
        return list(actors)
    often = dict.fromkeys([found[0].name, *(name for name, _ in counts.most_common())])
    named = sorted(list(often)[: len(actors)], key=lambda name: _place(name, len(actors)))
    names = [*named, *actors[len(named) :]]
    pairs = ", ".join(f"'{n}' is '{a}'" for n, a in zip(names, actors, strict=True))
    what = f"turns have other names than the actors; by their order, {pairs}"
    oddities.append(Oddity(what, found[0].at + 1))
    return names


def _place(name: str, many: int) -> int:
    """The number at the end of a name like ``Claude 2``; a name without one keeps its place."""
    last = name.rpartition(" ")[2]
    return int(last) if last.isascii() and last.isdigit() and int(last) <= many else 0


def _from_first(speakers: Sequence[str], found: Sequence[Header]) -> list[str]:
    """The order of speaking: either of the two may begin."""
    first = next((header.name for header in found if header.name in speakers), speakers[0])
    at = list(speakers).index(first)
    return [*speakers[at:], *speakers[:at]]


def _entries(lines: Sequence[str], turns: Sequence[Header], end: int) -> list[Entry]:
    entries = []
    for index, header in enumerate(turns):
        last = index + 1 == len(turns)
        behind = end if last else turns[index + 1].at - 1
        words = "\n".join(lines[header.at + 1 : max(behind, header.at + 1)])
        entries.append(Entry("say", header.name, words, line=header.at + 1))
    return entries


def _parties(speakers: Sequence[str], head: _Head) -> list[Party]:
    models, temps = head.facts.get("models", ()), head.facts.get("temp", ())
    parties = []
    for slot, (speaker, actor) in enumerate(zip(speakers, head.facts["actors"], strict=True)):
        more = {"actor": actor} if actor != speaker else {}
        temp = {"temp": temps[slot]} if slot < len(temps) else {}
        model = models[slot] if slot < len(models) else None
        system = head.systems.get(actor) or None
        parties.append(Party(speaker, model=model, system=system, more=more | temp))
    return parties


def _side(source: Source, name: str) -> Mapping[str, Any]:
    beside = name.removesuffix(".txt") + ".meta.json"
    if beside not in source.beside:
        return {}
    try:
        return mapping(json.loads(source.beside[beside]))
    except (ValueError, RecursionError):
        return {}  # it adds nothing that the page does not say


def _started(named: re.Match[str] | None) -> str | None:
    return None if named is None else datetime.fromtimestamp(int(named[1]), UTC).isoformat()


def _reason(entries: Sequence[Entry]) -> str | None:
    """``^C`` on a line of its own in the last turn stopped a run; of other ends nothing is told."""
    last = entries[-1].text.split("\n") if entries else ()
    return "^C" if any(line.strip() in {"^C", "^C^C"} for line in last) else None
