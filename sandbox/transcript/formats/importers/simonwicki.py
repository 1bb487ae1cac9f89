"""SimonWicki's Claude-Backrooms: a room's ``events.ndjson``, with ``room.yaml`` and ``state.json`` beside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sandbox.transcript.formats.fields import kept, mapping, moment, string
from sandbox.transcript.formats.foreign import Entry, EntryKind, Foreign, Oddity, Source
from sandbox.transcript.formats.json_lines import json_lines
from sandbox.transcript.formats.parties import Parties
from sandbox.transcript.formats.text import is_json, no_transcript, text, unreadable

__all__ = ["ABOUT", "NAME", "looks", "read"]

NAME: Final = "simonwicki"
ABOUT: Final = "SimonWicki/Claude-Backrooms: the events of a room (events.ndjson)"

_EVENT: Final = (b'"kind"', b'"room_id"', b'"payload"', b'"ts"')
_STATE: Final = (b'"room_id"', b'"entropy"', b'"mutation_level"', b'"enters"')
_OPERATOR: Final = "operator"


def looks(source: Source) -> float:
    """Tell by the fields of an event, or of the state or manifest of a room."""
    head = source.data[:4096]
    if is_json(source):
        return 0.95 if all(field in head for field in _EVENT) or _is_state(head) else 0.0
    return 0.9 if _is_manifest(head) else 0.0


def _is_state(head: bytes) -> bool:
    return all(field in head for field in _STATE)


def _is_manifest(head: bytes) -> bool:
    return head.startswith(b"room_id:") and b"\nruleset:" in head


def read(source: Source) -> list[Foreign]:
    """Read the room of a file."""
    head = source.data[:4096]
    if _is_manifest(head) or (_is_state(head) and b'"payload"' not in head):
        what = "manifest" if _is_manifest(head) else "state"
        raise no_transcript(
            source,
            f"the {what} of a room of Claude-Backrooms, no words",
            "Import events.ndjson beside it",
        )
    whole, oddities = text(source)
    room = _Room(oddities)
    for line, event in json_lines(whole, oddities):
        room.take(line, event)
    if not room.entries:
        raise unreadable(source, "no event of a room", "If the file was cut off, get it whole")
    return [room.foreign(source)]


class _Room:
    """One room, gathered event by event."""

    def __init__(self, oddities: list[Oddity]) -> None:
        self.oddities, self.parties, self.entries = oddities, Parties(), list[Entry]()
        self.model: str | None = None
        self.ids: list[str] = []

    def take(self, line: int, event: Mapping[str, Any]) -> None:
        """Take in one event."""
        kind, payload = string(event, "kind"), mapping(event.get("payload"))
        if (id := string(event, "room_id")) and id not in self.ids[-1:]:
            self.ids.append(id)
        if kind == "enter" and isinstance(payload.get("input"), str):
            self.model = string(payload, "adapter")
            self.parties.add(_OPERATOR, human=True)
            self._add(
                line, event, "operator", _OPERATOR, payload["input"], kept(payload, "adapter")
            )
        elif kind == "output" and isinstance(payload.get("output"), str):
            # An output does not name its adapter; the room was entered with one just before.
            who = self.parties.add(self.model or "model", model=self.model)
            self._add(line, event, "say", who, payload["output"], kept(payload, "meta"))
        elif kind in {"enter", "output", "violation", "fork", "seal"}:
            who = self.parties.add("Claude-Backrooms")
            self._add(line, event, "note", who, str(kind), payload)
        else:
            self.oddities.append(Oddity(f"an event of the unknown kind {kind!r} is left out", line))

    def _add(
        self,
        line: int,
        event: Mapping[str, Any],
        kind: EntryKind,
        who: str,
        said: str,
        more: Mapping[str, Any],
    ) -> None:
        at = moment(event.get("ts"))
        self.entries.append(
            Entry(kind, who, said, at=at, line=line, more={**more, **kept(event, "id")})
        )

    def foreign(self, source: Source) -> Foreign:
        """Close the room, with what lies beside its events."""
        if len(self.ids) > 1:
            self.oddities.append(Oddity(f"events of {len(self.ids)} rooms stand in one file"))
        sealed = next(
            (e.at for e in reversed(self.entries) if (e.kind, e.text) == ("note", "seal")), None
        )
        texts = {
            name: source.beside[name].decode("utf-8", "replace")
            for name in ("room.yaml", "state.json")
            if len(source.beside.get(name, b"")) in range(1, 65536)
        }
        return Foreign(
            format=NAME,
            title=self.ids[0] if self.ids else source.name.rpartition("/")[2],
            parties=self.parties.all(),
            entries=self.entries,
            ended=sealed,
            end_reason="sealed" if sealed else None,
            more=texts,
            oddities=self.oddities,
        )
