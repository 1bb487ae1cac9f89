"""liminal_backrooms: exported text and HTML, its messages as JSON, and its memory files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sandbox.errors import NoTranscript
from sandbox.transcript.formats.fields import kept, mapping, mappings, string
from sandbox.transcript.formats.foreign import Entry, EntryKind, Foreign, Oddity, Source
from sandbox.transcript.formats.importers.liminal_html import Message, exported, qt_text
from sandbox.transcript.formats.importers.liminal_text import HEADER, spoken
from sandbox.transcript.formats.parties import Parties
from sandbox.transcript.formats.text import document, is_json, unreadable
from sandbox.transcript.formats.text import text as text_of

__all__ = ["ABOUT", "NAME", "looks", "read"]

NAME: Final = "liminal"
ABOUT: Final = "liminal_backrooms: conversation.txt, both HTML forms, messages and memories as JSON"

_HOUSE: Final = "liminal_backrooms"
"""Who reports what the program itself says."""
_USER: Final = "User"
_FULL: Final = "conversation_full.html"
_MARK: Final = re.compile(rb'class="message (?:user|assistant|system|agent-notification)"')
_STAMPED: Final = re.compile(
    rb'"ai_name":\s*"|"_type":\s*"(?:branch_indicator|(?:agent|system)_notification|search_result)"'
)


def looks(source: Source) -> float:
    """Tell by the speakers ``AI-1`` ... and the marks of its HTML and JSON."""
    head = source.data[:200_000]
    name = source.name.rpartition("/")[2]
    if name.endswith((".html", ".htm")):
        if _MARK.search(head) and b'id="conversation"' in head:
            return 0.95
        return 0.7 if b'name="qrichtext"' in head and b"AI-1 (" in head else 0.0
    if is_json(source):
        if b'"memories"' in head[:200] and b'"human"' in head:
            return 0.8
        if b'"elo_ratings"' in head:
            return 0.9
        return 0.8 if b'"role"' in head and _STAMPED.search(head) else 0.0
    if name == "manifest.txt":
        return 0.9 if head.startswith(b"Liminal Backrooms Session Export") else 0.0
    begun = any(HEADER.match(line) for line in head[:20_000].decode("utf-8", "replace").split("\n"))
    return 0.7 if begun and name == "conversation.txt" else 0.5 if begun else 0.0


def read(source: Source) -> list[Foreign]:
    """Read the one conversation of a file.

    Raises:
        Unreadable: nobody of the kind ``AI-1`` speaks in it.
        NoTranscript: it is a manifest or a leader board, or the full HTML with the same words is beside it.
    """
    name = source.name.rpartition("/")[2]
    if name == "manifest.txt":
        raise NoTranscript(f"{source.name}: the list of an export, and no transcript.")
    if is_json(source):
        return [_of_json(source)]
    if name in {"conversation.txt", "conversation.html"} and _FULL in source.beside:
        raise NoTranscript(
            f"{source.name}: the same words as {_FULL} beside it, with less of who said them."
        )
    whole, oddities = text_of(source)
    if name.endswith((".html", ".htm")) and (messages := exported(whole)):
        oddities.append(Oddity("its times are those of the export, so they are left out"))
        return [_of_html(source, messages, oddities)]
    if name.endswith((".html", ".htm")):
        whole = qt_text(whole)
        oddities.append(Oddity("paragraphs of a widget stand for lines: spaces may differ"))
    parties = Parties()
    entries = list(spoken(whole, parties, oddities, user=_USER, house=_HOUSE))
    if not any(entry.kind == "say" for entry in entries):
        raise unreadable(source, "nobody speaks under a name like 'AI-1 (model)'", "Look into it")
    return [_foreign(source, parties, entries, oddities)]


def _of_html(source: Source, messages: Sequence[Message], oddities: list[Oddity]) -> Foreign:
    parties = Parties()
    entries = []
    for message in messages:
        if message.kind == "assistant":
            who = parties.add(message.name or "AI", model=message.model or None)
            if message.reasoning:
                entries.append(Entry("thought", who, message.reasoning, line=message.line))
        else:
            searched = message.text.startswith("\U0001f50d [AI-")
            who = _USER if message.kind == "user" and not searched else _HOUSE
        kind: EntryKind = (
            "say" if message.kind == "assistant" else "operator" if who == _USER else "note"
        )
        images = {"images": list(message.images)} if message.images else {}
        entries.append(Entry(kind, who, message.text, line=message.line, more=images))
    return _foreign(source, parties, entries, oddities)


def _of_json(source: Source) -> Foreign:
    raw = document(source)
    whole = mapping(raw)
    if "elo_ratings" in whole:
        raise NoTranscript(f"{source.name}: a leader board of BackroomsBench, and no transcript.")
    parties = Parties()
    oddities: list[Oddity] = []
    if "memories" in whole:
        entries = [
            Entry("say", parties.add(who), words, turn=turn)
            for turn, memory in enumerate(mappings(whole["memories"]), 1)
            for who in ("human", "assistant")
            if isinstance(words := memory.get(who), str)
        ]
        return _foreign(
            source, parties, entries, [Oddity("examples that a model was given, not a run")]
        )
    lists = (raw, *(whole.get(key) for key in ("conversation", "messages", "main_conversation")))
    messages = next((found for each in lists if (found := mappings(each))), [])
    entries = [entry for message in messages for entry in _message(message, parties)]
    if not entries:
        raise unreadable(source, "no message with a 'role' and a 'content'", "Look into it")
    return _foreign(source, parties, entries, oddities)


def _message(message: Mapping[str, Any], parties: Parties) -> list[Entry]:
    """One message of its list: a model's, the user's, or the program's own."""
    text, images = _content(message.get("content", ""))
    more = kept(message, "hidden", "_type", "generated_image_path", "prompt", "image_url")
    more |= {"images": images} if images else {}
    role, name = message.get("role"), string(message, "ai_name")
    if "_type" in message or role == "system":
        return [Entry("note", name or _HOUSE, text, more=more)]
    if role == "assistant":
        who = parties.add(name or "AI", model=string(message, "model"))
        reasoning = string(message, "reasoning")
        thought = [Entry("thought", who, reasoning)] if reasoning else []
        final = message.get("final_content")
        words = final if isinstance(final, str) and reasoning else text
        return [*thought, Entry("say", who, words, more=more)]
    return [Entry("operator", _USER, text, more=more)]


def _content(content: object) -> tuple[str, list[Any]]:
    """The words of a message, and what is no words in it."""
    if isinstance(content, str):
        return content, []
    parts = mappings(content)
    words = [part["text"] for part in parts if isinstance(part.get("text"), str)]
    return "\n".join(words), [part for part in parts if part.get("type") != "text"]


def _foreign(
    source: Source, parties: Parties, entries: Sequence[Entry], oddities: Sequence[Oddity]
) -> Foreign:
    folder = source.name.rpartition("/")[0].rpartition("/")[2]
    title = folder if folder.startswith("conversation_") else "liminal backrooms"
    return Foreign(NAME, title, parties.all(), entries, oddities=oddities)
