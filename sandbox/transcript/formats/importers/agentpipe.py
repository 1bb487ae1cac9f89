"""AgentPipe: its event stream, its saved states and exports, and its two chat logs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sandbox.transcript.formats.fields import (
    integer,
    kept,
    mapping,
    mappings,
    moment,
    of_unix,
    string,
)
from sandbox.transcript.formats.foreign import Entry, EntryKind, Foreign, Oddity, Source
from sandbox.transcript.formats.importers import agentpipe_log, agentpipe_stream
from sandbox.transcript.formats.parties import Parties
from sandbox.transcript.formats.text import document, is_json, text, unreadable

__all__ = ["ABOUT", "NAME", "looks", "read"]

NAME: Final = "agentpipe"
ABOUT: Final = "AgentPipe: the event stream (--json), saved states, JSON exports, chat logs"

_MESSAGE: Final = (b'"AgentID"', b'"AgentName"', b'"Content"')
_EXPORT: Final = re.compile(rb"\*Exported: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\*")


def looks(source: Source) -> float:
    """Tell by the field names that Go gives its structs, or by the head of the chat log."""
    head = source.data[:4096]
    if b"=== AgentPipe Chat Log ===" in head[:64]:
        return 1.0
    if is_json(source):
        if agentpipe_stream.begins(head):
            return 0.97
        return 0.95 if all(field in source.data for field in _MESSAGE) else 0.0
    if _EXPORT.search(head) and b"## Conversation" in head:
        return 0.92
    return 0.92 if b"<title>AgentPipe Conversation</title>" in head else 0.0


def read(source: Source) -> list[Foreign]:
    """Read one conversation; a stream may hold several."""
    if not is_json(source):
        whole, oddities = text(source)
        if agentpipe_log.HEAD in whole[:64]:
            return [agentpipe_log.read_log(source.name.rpartition("/")[2], whole, oddities)]
        raise unreadable(
            source,
            "no log of AgentPipe's; its Markdown and HTML exports do not mark where a message ends",
            "Import the saved state (~/.agentpipe/states) or the log (~/.agentpipe/chats) of the run",
        )
    if agentpipe_stream.begins(source.data[:4096]):
        return agentpipe_stream.read_stream(source)
    saved = document(source)
    if not isinstance(saved, dict) or not isinstance(saved.get("messages"), list):
        raise unreadable(
            source, "no saved state of AgentPipe's: it has no list 'messages'", "Get the file whole"
        )
    return [_saved(source, saved)]


def _saved(source: Source, saved: Mapping[str, Any]) -> Foreign:
    metadata, config = mapping(saved.get("metadata")), mapping(saved.get("config"))
    parties, oddities = Parties(), list[Oddity]()
    for agent in mappings(config.get("Agents")):
        if name := string(agent, "Name", "ID"):
            parties.add(
                name,
                model=string(agent, "Model"),
                system=string(agent, "Prompt"),
                more=kept(agent, "ID", "Type", "Temperature", "MaxTokens", "Announcement"),
            )
    entries = conversation(mappings(saved.get("messages")), parties)
    if len(entries) != len(saved["messages"]):
        oddities.append(Oddity("messages that are no objects are left out"))
    return Foreign(
        format=NAME,
        title=string(saved, "title")
        or string(metadata, "description", "short_text")
        or source.name.rpartition("/")[2],
        parties=parties.all(),
        entries=entries,
        started=moment(metadata.get("started_at")),
        ended=moment(saved.get("saved_at")),
        more={
            **kept(saved, "version", "exported_at", "summary"),
            **kept(metadata, "total_turns", "total_duration_ms", "short_text", "text"),
            **kept(config, "Orchestrator"),
        },
        oddities=oddities,
    )


def conversation(
    messages: Sequence[Mapping[str, Any]],
    parties: Parties,
    numbers: Sequence[int | None] | None = None,
) -> list[Entry]:
    """Make entries of Go's ``agent.Message`` objects; ``numbers`` are their lines, where there are lines."""
    entries = []
    for at, message in enumerate(messages):
        role, who = string(message, "Role"), string(message, "AgentName", "AgentID") or "unnamed"
        metrics = mapping(message.get("Metrics"))
        kind, human = _kind(role, string(message, "AgentID"))
        parties.add(
            who,
            model=string(metrics, "Model"),
            human=human,
            more=kept(message, "AgentID", "AgentType") if who not in parties else None,
        )
        content = message.get("Content")
        entries.append(
            Entry(
                kind,
                who,
                content if isinstance(content, str) else json.dumps(content, ensure_ascii=False),
                at=of_unix(integer(message, "Timestamp")),
                line=numbers[at] if numbers else None,
                more={"role": role, **({"metrics": metrics} if metrics else {})},
            )
        )
    return entries


def _kind(role: str | None, agent: str | None) -> tuple[EntryKind, bool]:
    """Say what a message is, and whether a person wrote it, by its role and its agent's id."""
    if role == "user":
        # the opening prompt is filed under the agent "system", but it is the operator's
        return "operator", agent == "user"
    if role == "system" and agent == "host":
        return "operator", False  # the prompt of the run, as the host reads it out
    return ("note" if role in {"system", "diagnostic"} else "say"), False
