"""The samhains fork of UniversalBackrooms: ``.jsonl`` and ``.transcript.json``, and its side files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sandbox.errors import NoTranscript
from sandbox.transcript.formats.fields import (
    integer,
    kept,
    mapping,
    mappings,
    moment,
    sequence,
    string,
)
from sandbox.transcript.formats.foreign import Entry, Foreign, Oddity, Source
from sandbox.transcript.formats.importers.universal_name import log_name
from sandbox.transcript.formats.json_lines import json_lines
from sandbox.transcript.formats.parties import Parties
from sandbox.transcript.formats.text import document, is_json, text, unreadable

__all__ = ["ABOUT", "NAME", "looks", "read"]

NAME: Final = "samhains"
ABOUT: Final = "UniversalBackrooms, samhains fork: messages as .jsonl and .transcript.json"

_SIDES: Final = {
    "_meta.jsonl": "the ledger of many runs",
    ".meta.json": "what a run was started with",
    ".media_state.json": "the state of the media agent",
    ".media.jsonl": "the images of a media agent",
    "vars.json": "the variables of a template",
}
"""Files that are read with a log, or hold no words."""


def looks(source: Source) -> float:
    """Tell by the members of a message, or the names of its side files."""
    if not is_json(source):
        return 0.0
    head = source.data[:4000]
    if source.name.endswith("_meta.jsonl") and b'"exit_reason"' in head:
        return 0.95
    if source.name.endswith(".meta.json") and b'"args_models"' in head:
        return 0.95
    if source.name.endswith((".media_state.json", ".media.jsonl", "vars.json")):
        return 0.3
    message = b'"actor"' in head and b'"role"' in head and b'"content"' in head
    if message and source.name.endswith(".jsonl"):
        return 0.85
    return 0.95 if b'"args_models"' in head and b'"messages"' in source.data else 0.0


def read(source: Source) -> list[Foreign]:
    """Read the one run of a file.

    Raises:
        Unreadable: no message with an actor in it.
        NoTranscript: it is a side file.
    """
    for end, what in _SIDES.items():
        if source.name.endswith(end):
            raise NoTranscript(f"{source.name}: {what}, and no transcript.")
    oddities: list[Oddity] = []
    if source.name.endswith(".jsonl"):
        whole, oddities = text(source)
        messages: list[tuple[int | None, Mapping[str, Any]]] = [*json_lines(whole, oddities)]
        meta = _meta_beside(source)
    else:
        found = mapping(document(source))
        messages = [(None, message) for message in mappings(found.get("messages"))]
        meta = mapping(found.get("meta"))
    parties = _parties(meta)
    entries = []
    for line, message in messages:
        actor, content = string(message, "actor"), message.get("content")
        if actor is None or not isinstance(content, str):
            oddities.append(Oddity("a line without actor or words is left out", line))
            continue
        if actor not in parties and meta:
            oddities.append(Oddity(f"'{actor:.60}' is not among the actors of the head", line))
        entries.append(
            Entry(
                "say",
                parties.add(actor),
                content,
                at=moment(message.get("timestamp")),
                turn=integer(message, "turn"),
                line=line,
                more=kept(message, "role", "index", "markdown"),
            )
        )
    if not entries and not meta:
        raise unreadable(source, "no message with an 'actor' and a 'content'", "Look into it")
    named = log_name(source.name.replace(".transcript.json", ".txt").replace(".jsonl", ".txt"))
    return [
        Foreign(
            format=NAME,
            title=string(meta, "template") or "samhains",
            parties=parties.all(),
            entries=entries,
            started=moment(meta.get("started_at")) or (named.started if named else None),
            more=kept(meta, "template", "args_models", "providers", "logs"),
            oddities=oddities,
        )
    ]


def _parties(meta: Mapping[str, Any]) -> Parties:
    parties = Parties()
    models: Sequence[Any] = sequence(meta.get("api_models"))
    for slot, actor in enumerate(sequence(meta.get("actors"))):
        model = models[slot] if slot < len(models) else None
        if isinstance(actor, str):
            known = isinstance(model, str) and model != "cli"
            parties.add(actor, model=model if known else None)
    return parties


def _meta_beside(source: Source) -> Mapping[str, Any]:
    name = source.name.rpartition("/")[2].removesuffix(".jsonl") + ".meta.json"
    try:
        return mapping(json.loads(source.beside[name])) if name in source.beside else {}
    except (ValueError, RecursionError):
        return {}  # the messages say who speaks
