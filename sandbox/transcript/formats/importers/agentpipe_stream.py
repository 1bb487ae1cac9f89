"""AgentPipe's event stream: one ``{"type", "timestamp", "data"}`` a line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from sandbox.transcript.formats.fields import integer, kept, mapping, mappings, moment, string
from sandbox.transcript.formats.foreign import Entry, EntryKind, Foreign, Oddity, Source
from sandbox.transcript.formats.json_lines import json_lines
from sandbox.transcript.formats.parties import Parties
from sandbox.transcript.formats.text import text, unreadable

__all__ = ["begins", "read_stream"]

_EVENT: Final = re.compile(
    rb'\s*\{\s*"type":\s*"(?:bridge|conversation|message|log)\.'
    rb'(?:connected|test|started|created|completed|error|entry)"'
)
_METRICS: Final = ("tokens_used", "input_tokens", "output_tokens", "cost", "duration_ms")


def begins(head: bytes) -> bool:
    """Whether a file's first line is an event."""
    return _EVENT.match(head.removeprefix(b"\xef\xbb\xbf")) is not None


def read_stream(source: Source) -> list[Foreign]:
    """Read the conversations of a stream, in the order in which they began."""
    whole, oddities = text(source)
    runs: dict[str, _Run] = {}
    connected: Mapping[str, Any] = {}
    for line, event in json_lines(whole, oddities):
        data, at = mapping(event.get("data")), moment(event.get("timestamp"))
        kind = event.get("type")
        if kind == "bridge.connected":
            connected = data
            continue
        id = string(data, "conversation_id")
        if id is None:
            oddities.append(Oddity("an event of no conversation is left out", line))
            continue
        if id not in runs:
            runs[id] = _Run(id, oddities if not runs else [])
        runs[id].take(kind, at, data, line)
    if not runs:
        raise unreadable(
            source, "the stream was cut off before a conversation began", "Get the file whole"
        )
    return [run.foreign(connected) for run in runs.values()]


class _Run:
    """One conversation, gathered event by event."""

    def __init__(self, id: str, oddities: list[Oddity]) -> None:
        self.id, self.oddities = id, oddities
        self.parties, self.entries = Parties(), list[Entry]()
        self.started: str | None = None
        self.ended: str | None = None
        self.reason: str | None = None
        self.more: dict[str, Any] = {}
        # Words of message.created that a log.entry will repeat are counted up, the reverse down.
        self._unmatched: Counter[tuple[str, str]] = Counter()

    def take(self, kind: object, at: str | None, data: Mapping[str, Any], line: int) -> None:
        """Take in one event."""
        if kind == "conversation.started":
            self._start(at, data, line)
        elif kind == "message.created":
            self._say(at, data, line, +1)
        elif kind == "conversation.completed":
            self.ended, self.reason = at, string(data, "status")
            self.more |= kept(
                data, "total_turns", "total_tokens", "total_cost", "duration_seconds", "summary"
            )
        elif kind == "conversation.error":
            who = self.parties.add("AgentPipe")
            said = string(data, "error_message") or ""
            self.entries.append(
                Entry(
                    "note", who, said, at=at, line=line, more=kept(data, "error_type", "agent_type")
                )
            )
        elif kind == "log.entry":
            self._log(at, data, line)
        else:
            self.oddities.append(Oddity(f"an event of the unknown type {kind!r} is left out", line))

    def foreign(self, connected: Mapping[str, Any]) -> Foreign:
        """Close the run."""
        if self.ended is None:
            self.oddities.append(
                Oddity("no conversation.completed: the run was cut off, or goes on")
            )
        return Foreign(
            format="agentpipe",
            title=self.id,
            parties=self.parties.all(),
            entries=self.entries,
            started=self.started,
            ended=self.ended,
            end_reason=self.reason,
            more={**self.more, **kept(connected, "system_info")},
            oddities=self.oddities,
        )

    def _start(self, at: str | None, data: Mapping[str, Any], line: int) -> None:
        self.started = at
        self.more |= kept(data, "mode", "max_turns", "command")
        for one in mappings(data.get("participants")):
            if name := string(one, "name", "agent_id"):
                self.parties.add(
                    name,
                    model=string(one, "model"),
                    system=string(one, "prompt"),
                    more=kept(one, "agent_id", "agent_type", "cli_version"),
                )
        if prompt := string(data, "initial_prompt"):
            self.parties.add("operator", human=True)
            self.entries.append(Entry("operator", "operator", prompt, at=at, line=line))

    def _say(self, at: str | None, data: Mapping[str, Any], line: int, side: int) -> None:
        who = string(data, "agent_name", "agent_id") or "unnamed"
        said = string(data, "content") or ""
        before = self._unmatched[who, said]
        self._unmatched[who, said] += side
        if before * side < 0:
            return  # said already, by the other kind of event
        self.parties.add(who, model=string(data, "model"))
        more = kept(data, "message_id", "sequence_number", "metrics", *_METRICS)
        turn = integer(data, "turn_number")
        self.entries.append(Entry("say", who, said, at=at, turn=turn, line=line, more=more))

    def _log(self, at: str | None, data: Mapping[str, Any], line: int) -> None:
        role, said = string(data, "role"), string(data, "content") or ""
        if data.get("level") == "message" and role in {"agent", "assistant"}:
            self._say(at, data, line, -1)
            return
        opening = role == "user" or data.get("agent_id") == "host"
        if opening and any(one.kind == "operator" and one.text == said for one in self.entries[:1]):
            return  # conversation.started has said it
        who = self.parties.add(
            string(data, "agent_name", "agent_id") or "AgentPipe", human=role == "user"
        )
        kind: EntryKind = "operator" if opening else "note"
        self.entries.append(
            Entry(kind, who, said, at=at, line=line, more=kept(data, "level", "role", "metadata"))
        )
