"""AI Village: extracts of its chat, one agent's day a file; and event logs of the village."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sandbox.transcript.formats.fields import integer, mapping, mappings, moment, string
from sandbox.transcript.formats.foreign import Entry, EntryKind, Foreign, Oddity, Source
from sandbox.transcript.formats.parties import Parties
from sandbox.transcript.formats.text import document, is_json, lines, text, unreadable

__all__ = ["ABOUT", "NAME", "looks", "read"]

NAME: Final = "ai-village"
ABOUT: Final = "AI Village: chat extracts (.txt), event logs (.json)"

_STAMP: Final = re.compile(r"\[Day (\d{1,5}), (\d\d:\d\d:\d\d)\]\s*")
_STAMPED: Final = re.compile(rb"^\[Day \d{1,5}, \d\d:\d\d:\d\d\]\s*\r?\n> ", re.MULTILINE)
_ROOM: Final = re.compile(r"\[#([^\]\r\n]{1,60})\] ")
_SPEAKER: Final = re.compile(r"([^:\r\n]{1,80}): ")
_REPORT: Final = re.compile(
    r"(started|stopped|finished|resumed|paused) using (?:the|their|its) computer\b"
)
_OWNER: Final = re.compile(
    r"\b(?:from|by) (.{1,60}?) on [Dd]ay \d|^On [Dd]ay \d+, (.{1,60}?) sent\b"
)
_FILE: Final = re.compile(r"(?:.*/)?(.+?)_day\d+(?:\.|$)")
_EVENT: Final = (b'"day"', b'"category"', b'"significance"', b'"title"', b'"description"')


def looks(source: Source) -> float:
    """Tell by a stamp with a quotation under it, or by the keys of a village's event."""
    if _STAMPED.search(source.data[:65536]):  # which begins like a JSON list, too
        return 0.95
    return 0.92 if is_json(source) and all(key in source.data[:65536] for key in _EVENT) else 0.0


def read(source: Source) -> list[Foreign]:
    """Read the one run of a file."""
    if not _STAMPED.search(source.data[:65536]) and is_json(source):
        return [_log(source)]
    whole, oddities = text(source)
    extract = _Extract(source, whole, oddities)
    entries = list(extract.entries())
    if not entries:
        raise unreadable(
            source, "no message of the AI Village's in it", "Give the format with --format"
        )
    return [
        Foreign(
            format=NAME,
            title=source.name.rpartition("/")[2].removesuffix(".txt"),
            parties=extract.parties.all(),
            entries=entries,
            more={"above": extract.above} if extract.above else {},
            oddities=oddities,
        )
    ]


class _Extract:
    """A chat extract: stamps, each with the message under it as a quotation.

    Days are counted from the village's first and have no date; the clock's zone is not told.
    """

    def __init__(self, source: Source, whole: str, oddities: list[Oddity]) -> None:
        self._lines, self._oddities = lines(whole), oddities
        self.parties = Parties()
        stamps = [
            at
            for at, line in enumerate(self._lines[:-1])
            if line.startswith("[Day ")
            and _STAMP.fullmatch(line)
            and self._lines[at + 1].startswith(">")
        ]
        self._stamps = [*stamps, len(self._lines)]
        self.above = "\n".join(self._lines[: self._stamps[0]]).strip()
        named = _OWNER.search(self.above) or _FILE.match(source.name)
        self._owner = (
            next((name for name in named.groups() if name), "").replace("_", " ") if named else None
        )
        self._unnamed = self._bare = 0

    def entries(self) -> Iterator[Entry]:
        """Yield the messages in order."""
        for begin, end in zip(self._stamps, self._stamps[1:], strict=False):
            stamp = _STAMP.fullmatch(self._lines[begin])
            body = self._lines[begin + 1 : end]
            while body and not body[-1].strip():
                body.pop()
            if stamp is not None:
                yield self._message(stamp, body, begin + 1)
        if self._bare:
            self._oddities.append(
                Oddity(
                    f"lines without the quotation mark in {self._bare} messages: taken for theirs"
                )
            )
        if self._unnamed:
            self._oddities.append(
                Oddity(
                    f"{self._unnamed} messages without a name: {self._owner or 'unnamed'!r} stands, whose extract it is"
                )
            )

    def _message(self, stamp: re.Match[str], body: list[str], line: int) -> Entry:
        self._bare += any(one.strip() and not one.startswith(">") for one in body)
        said = "\n".join(one[2:] if one.startswith("> ") else one.removeprefix(">") for one in body)
        room = None
        if found := _ROOM.match(said):
            room, said = found[1], said[found.end() :]
            kind, who, said = self._spoken(said)
        else:
            kind, who = self._reported(said), self._owner or "unnamed"
            self._unnamed += 1
        more = {"day": int(stamp[1]), "time": stamp[2]}
        return Entry(kind, self.parties.add(who), said, room=room, line=line, more=more)

    def _spoken(self, said: str) -> tuple[EntryKind, str, str]:
        """Tell who spoke in a room; a report of the village's has the name without a colon."""
        report = _REPORT.search(said.partition("\n")[0])
        speaker = _SPEAKER.match(said)
        if report and (not speaker or report.start() < speaker.end()):
            return "note", said[: report.start()].strip() or self._owner or "unnamed", said
        if speaker:
            return "say", speaker[1], said[speaker.end() :]
        self._unnamed += 1
        return "say", self._owner or "unnamed", said

    def _reported(self, said: str) -> EntryKind:
        found = _REPORT.search(said.partition("\n")[0])
        return "note" if found and self._owner and said.startswith(self._owner) else "say"


def _log(source: Source) -> Foreign:
    """Read an event log: what people and agents wrote about the village, none of it said there."""
    saved = document(source)
    held = mapping(saved)
    about = mapping(held.get("metadata"))
    events = [event for event in mappings(held.get("events") if held else saved) if "day" in event]
    if not events:
        raise unreadable(
            source, "no event of the AI Village's in it", "Give the format with --format"
        )
    title = string(about, "title") or source.name.rpartition("/")[2]
    parties = Parties()
    who = parties.add(title)
    entries = [_event(who, event) for event in events]
    oddities = [Oddity("a list of events that were written down later: nobody's words, no actions")]
    return Foreign(NAME, title, parties.all(), entries, more=dict(about), oddities=oddities)


def _event(who: str, event: Mapping[str, Any]) -> Entry:
    said = string(event, "description", "title") or ""
    more = {key: value for key, value in event.items() if key not in {"description", "date"}}
    return Entry(
        "note", who, said, at=moment(event.get("date")), turn=integer(event, "day"), more=more
    )
