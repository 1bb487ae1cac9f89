"""attractor-states: conversations of two models, as JSON, as text, and as Moltbook threads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from sandbox.transcript.formats.fields import integer, kept, mapping, mappings, string
from sandbox.transcript.formats.foreign import Entry, Foreign, Oddity, Source
from sandbox.transcript.formats.importers.attractor_text import read_moltbook, read_text
from sandbox.transcript.formats.parties import Parties
from sandbox.transcript.formats.text import document, is_json, no_transcript, text

__all__ = ["ABOUT", "NAME", "looks", "read"]

NAME: Final = "attractor-states"
ABOUT: Final = "attractor-states: conversations.json, transcripts (.txt), Moltbook threads (.md)"

_CONVERSATION: Final = (b'"full_conversation"', b'"speaker"')
_JUDGED: Final = (b'"raw_analysis"', b'"judge_model"')
_EXCERPTS: Final = (b'"transcripts"', b'"early_phase"')
_WHOLE: Final = (
    *("model", "model_a", "model_b", "revision", "variant"),
    *("max_new_tokens", "generated_at", "saved_at"),
)
_SPOKEN: Final = re.compile(rb"\s*--- [AB] ---\r?\n")
_POSTED: Final = re.compile(
    rb"^### Turn \d+ \xe2\x80\x94 @[^\r\n]{1,80} (?:posted|commented)\r?$", re.MULTILINE
)
_REPORT: Final = re.compile(rb"^\*\*Turn \d+ \[[AB]\]:\*\*", re.MULTILINE)


def looks(source: Source) -> float:
    """Tell by keys in JSON, by the heads of turns in text."""
    if is_json(source):
        known = (_CONVERSATION, _JUDGED, _EXCERPTS)
        empty = b'"conversations"' in source.data[:400] and b'"generated_at"' in source.data[-400:]
        return (
            0.93 if empty or any(all(key in source.data for key in keys) for keys in known) else 0.0
        )
    if _SPOKEN.match(source.data[:64]):
        return 0.9
    if _POSTED.search(source.data):
        return 0.92
    return 0.9 if _REPORT.search(source.data[:16384]) and b"### Seed " in source.data else 0.0


def read(source: Source) -> list[Foreign]:
    """Read the conversations of a file, each a run."""
    if is_json(source):
        return _conversations(source)
    whole, oddities = text(source)
    if _SPOKEN.match(source.data[:64]):
        return [read_text(source.name.rpartition("/")[2], whole, oddities)]
    if _POSTED.search(source.data):
        return [read_moltbook(source.name.rpartition("/")[2], whole, oddities)]
    raise no_transcript(
        source,
        "a report with the last turns of conversations, cut short",
        "Import the conversations.json that it was made from",
    )


def _conversations(source: Source) -> list[Foreign]:
    saved = mapping(document(source))
    if "raw_analysis" in saved or "findings" in saved or "model_comparisons" in saved:
        raise no_transcript(
            source,
            "what a judge made of conversations: an analysis and excerpts",
            "Import the conversations.json of the same folder",
        )
    held = [saved] if "full_conversation" in saved else mappings(saved.get("conversations"))
    if not held:
        raise no_transcript(
            source, "not one conversation in it", "The run failed before the first ended"
        )
    whole = kept(saved, *_WHOLE)
    return [_run(source, number, len(held), one, whole) for number, one in enumerate(held, 1)]


def _run(
    source: Source, number: int, of: int, held: Mapping[str, Any], whole: Mapping[str, Any]
) -> Foreign:
    parties, entries, oddities = Parties(), list[Entry](), list[Oddity]()
    named = string(whole, "model")
    models = {
        speaker: string(held, field) or string(whole, field) or named
        for field, *speakers in (("model_a", "A", "user"), ("model_b", "B", "assistant"))
        for speaker in speakers
    }
    seed, turn = string(held, "seed_prompt"), 0
    spoken = mappings(held.get("full_conversation"))
    for at, one in enumerate(spoken):
        who, said = string(one, "speaker") or "unnamed", one.get("content")
        if not isinstance(said, str):
            oddities.append(Oddity(f"turn {at + 1} has no text, and is left out"))
            continue
        if at == 0 and who == "user" and said == seed:
            continue  # where a model plays the user, the seed is its first line, put into its mouth
        turn += 1
        parties.add(who, model=string(one, "model") or models.get(who))
        thought, said = _thought(one, said)
        if thought:
            entries.append(Entry("thought", who, thought, turn=turn))
        sent = string(one, "content_clean")
        more = {"sent": sent} if sent and sent != said else {}  # reasoning stood in its midst
        entries.append(Entry("say", who, said, turn=turn, more=more))
    planned = integer(held, "turns")
    if planned is not None and len(spoken) < planned:
        oddities.append(Oddity(f"{len(spoken)} of {planned} turns: the run was cut off"))
    title = (
        " and ".join(dict.fromkeys(party.model or party.name for party in parties.all()))
        or source.name.rpartition("/")[2]
    )
    return Foreign(
        format=NAME,
        title=title if of == 1 else f"{title}, {number}",
        parties=parties.all(),
        entries=entries,
        seed_context=[Entry("operator", "operator", seed)] if seed else (),
        more={**whole, **kept(held, "turns")},
        oddities=oddities,
    )


def _thought(one: Mapping[str, Any], said: str) -> tuple[str, str]:
    """Split reasoning off, where the file has what the other was sent; elsewhere all of it was sent."""
    clean = one.get("content_clean")
    if isinstance(clean, str) and clean and said != clean and said.endswith(clean):
        return said[: len(said) - len(clean)], clean
    return "", said
