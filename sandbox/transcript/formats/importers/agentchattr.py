"""agentchattr: its message log and its archive; its session templates are explained, not read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sandbox.transcript.formats.fields import kept, mapping, mappings, of_unix, string
from sandbox.transcript.formats.foreign import Entry, EntryKind, Foreign, Oddity, Source
from sandbox.transcript.formats.json_lines import json_lines
from sandbox.transcript.formats.members import Members, is_zip
from sandbox.transcript.formats.parties import Parties
from sandbox.transcript.formats.text import document, is_json, no_transcript, text, unreadable

__all__ = ["ABOUT", "NAME", "looks", "read"]

NAME: Final = "agentchattr"
ABOUT: Final = "agentchattr: the message log (.jsonl) and the project archive (.zip)"

_MESSAGE: Final = (b'"sender"', b'"text"', b'"channel"', b'"attachments"')
_TEMPLATE: Final = (b'"phases"', b'"roles"', b'"participants"', b'"prompt"')
_RUN: Final = (b'"template_id"', b'"cast"', b'"current_phase"')
_KEPT: Final = ("id", "uid", "type", "time", "reply_to", "metadata")


def looks(source: Source) -> float:
    """Tell by the field names of a message, a template or a session run."""
    if is_zip(source):
        return 0.95 if b"messages.jsonl" in source.data[-65536:] else 0.0
    if not is_json(source):
        return 0.0
    head = source.data[:8192]
    if all(field in head for field in _MESSAGE):
        return 0.92
    known = any(all(field in source.data for field in some) for some in (_TEMPLATE, _RUN))
    return 0.92 if known else 0.0


def read(source: Source) -> list[Foreign]:
    """Read the one log of a server: its channels are rooms of one run."""
    if is_zip(source):
        members = Members(source)
        manifest = mapping(members.json("manifest.json") if "manifest.json" in members else None)
        if manifest.get("product") != "agentchattr" or "messages.jsonl" not in members:
            raise no_transcript(
                source, "a zip that is no archive of agentchattr's", "Export the project once more"
            )
        whole = members.read("messages.jsonl").decode("utf-8", "replace")
        more = kept(manifest, "schema_version", "archive_id", "created_at", "app_version", "counts")
        return [_log(source, whole, [], more)]
    if not all(field in source.data[:8192] for field in _MESSAGE):
        _explain(source)
    whole, oddities = text(source)
    return [_log(source, whole, oddities, {})]


def _explain(source: Source) -> None:
    """Say what a file of agentchattr's that holds no message is."""
    held = document(source)
    first = mapping(held[0] if isinstance(held, list) and held else held)
    if "phases" in first:
        raise no_transcript(
            source,
            "a session template of agentchattr's: the phases and prompts of a session, no words of one",
            "Import the log of the session, data/agentchattr_log.jsonl",
        )
    raise no_transcript(
        source,
        "agentchattr's list of sessions: who played which role, no words of theirs",
        "Import the log of the sessions, data/agentchattr_log.jsonl",
    )


def _log(source: Source, whole: str, oddities: list[Oddity], more: Mapping[str, Any]) -> Foreign:
    parties = Parties()
    entries = list(_entries(json_lines(whole, oddities), parties, oddities))
    if not entries:
        raise unreadable(
            source, "no message of agentchattr's in it", "Import data/agentchattr_log.jsonl"
        )
    return Foreign(
        format=NAME,
        title=source.name.rpartition("/")[2],
        parties=parties.all(),
        entries=entries,
        more=more,
        oddities=oddities,
    )


def _entries(
    messages: Iterable[tuple[int, Mapping[str, Any]]], parties: Parties, oddities: list[Oddity]
) -> Iterable[Entry]:
    for line, message in messages:
        said = message.get("text")
        if not isinstance(said, str):
            oddities.append(Oddity("a message without text is left out", line))
            continue
        who = parties.add(string(message, "sender") or "unnamed")
        room, at = string(message, "channel"), of_unix(message.get("timestamp"))
        # A type other than chat is the server's own report: a join, a session's start, a proposal.
        kind: EntryKind = "say" if message.get("type", "chat") == "chat" else "note"
        yield Entry(kind, who, said, room=room, at=at, line=line, more=kept(message, *_KEPT))
        for attached in mappings(message.get("attachments")):
            if url := string(attached, "url", "name"):
                yield Entry(
                    "note", who, url, room=room, at=at, line=line, more={"attachment": attached}
                )
