"""DiscordChatExporter's plain text and CSV.

In the text a header is ``[time] name``, and nothing is escaped: a header is what stands under a blank
line with a time of the same shape as the first. Its times are in the words of the exporter's language and
zone, so they are kept as words. CSV has ISO times.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from sandbox.transcript.formats.fields import moment
from sandbox.transcript.formats.foreign import Entry, Foreign, Oddity, Source
from sandbox.transcript.formats.parties import Parties
from sandbox.transcript.formats.text import lines as lines_of
from sandbox.transcript.formats.text import no_transcript
from sandbox.transcript.formats.text import text as text_of

__all__ = ["looks", "read"]

_NAME: Final = "discord"
_RULE: Final = "=" * 62
_HEADER: Final = re.compile(r"\[([^\]\r\n]{4,60})\] (\S.{0,99}?)( \(pinned\))?\r?")
_COUNT: Final = re.compile(r"Exported (\d[\d.,\s\u00a0\u202f]*) message\(s\)")
_BELOW: Final = frozenset(
    {"{Attachments}", "{Embed}", "{Stickers}", "{Reactions}", "{Forwarded Message}"}
)
_EMPTY: Final = (
    "an export of a channel without a message in it",
    "If there should be some, get the file whole",
)
_FACT: Final = re.compile(r"(Guild|Channel|Topic|After|Before): (.*)")
_COLUMNS: Final = ("Author", "Date", "Content")


def looks(source: Source) -> float:
    """Tell by the head of the text, or the columns."""
    head = source.data[:400].decode("utf-8", "replace").lstrip("\ufeff")
    first = head.split("\n", 1)[0].rstrip("\r")
    if first == _RULE and "\nGuild: " in head and "\nChannel: " in head:
        return 0.95
    columns = first.replace('"', "").replace(";", ",").split(",")
    return 0.9 if set(_COLUMNS) <= set(columns) and "Attachments" in columns else 0.0


def read(source: Source) -> Foreign:
    """Read an export.

    Raises:
        NoTranscript: nobody wrote in the channel in the time of the export.
    """
    whole, oddities = text_of(source)
    title = re.sub(r"\.(?:txt|csv)$", "", source.name.rpartition("/")[2])
    if not whole.startswith(_RULE):
        return _csv(source, whole, title, oddities)
    lines = lines_of(whole)
    begin, facts = _preamble(lines)
    room = facts.get("Channel", "").rpartition(" / ")[2] or None
    end = _end(lines, begin, oddities)
    parties = Parties()
    marks = list(_marks(lines, begin, end))
    if not marks:
        raise no_transcript(source, *_EMPTY)
    entries = []
    for index, (at, found) in enumerate(marks):
        behind = marks[index + 1][0] if index + 1 < len(marks) else end
        text, below = _body(lines[at + 1 : behind])
        more = {"time": found[1], **({"pinned": True} if found[3] else {}), **below}
        entries.append(Entry("say", parties.add(found[2]), text, room=room, line=at + 1, more=more))
    _counted(lines[end:], len(entries), oddities)
    oddities.append(
        Oddity("its times are in words of no told zone: kept beside, the messages have none")
    )
    return Foreign(
        _NAME, room or title, parties.all(), entries, more={"export": facts}, oddities=oddities
    )


def _preamble(lines: Sequence[str]) -> tuple[int, dict[str, str]]:
    """Where the messages begin, and what is told above them; a topic may have several lines."""
    facts: dict[str, str] = {}
    last = ""
    for at, line in enumerate(lines[1:], 1):
        if line.rstrip("\r") == _RULE:
            return at + 1, facts
        if found := _FACT.fullmatch(line.rstrip("\r")):
            last = found[1]
            facts[last] = found[2]
        elif last:
            facts[last] += "\n" + line.rstrip("\r")
    return len(lines), facts


def _end(lines: Sequence[str], begin: int, oddities: list[Oddity]) -> int:
    """Where the messages end: above the two rules with the count between them."""
    last = len(lines) - (lines[-1] == "")
    tail = [line.rstrip("\r") for line in lines[max(begin, last - 3) : last]]
    if len(tail) == 3 and tail[0] == tail[2] == _RULE and _COUNT.fullmatch(tail[1]):
        return last - 3
    oddities.append(
        Oddity("no count of messages at its end: it is of an older exporter, or cut off", last)
    )
    return last


def _counted(tail: Sequence[str], messages: int, oddities: list[Oddity]) -> None:
    found = next((found for line in tail if (found := _COUNT.match(line))), None)
    if found and (told := int(re.sub(r"\D", "", found[1]))) != messages:
        what = f"it tells of {told} messages, and {messages} headers stand in it"
        oddities.append(Oddity(f"{what}: words that look like a header, or a message cut off"))


def _marks(lines: Sequence[str], begin: int, end: int) -> Iterator[tuple[int, re.Match[str]]]:
    shape = None
    for at in range(begin, end):
        found = _HEADER.fullmatch(lines[at])
        if found is None or lines[at - 1].strip():
            continue
        shape = shape or _shape(found[1])
        if _shape(found[1]) == shape:
            yield at, found


def _shape(time: str) -> str:
    """A time without its figures and letters: those of one export differ only there."""
    return re.sub(r"[^\W\d_]+", "A", re.sub(r"\d+", "9", time))


def _body(lines: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """Part a message's words from what the exporter lists below them."""
    at = next(
        (
            n
            for n, line in enumerate(lines)
            if line.rstrip("\r") in _BELOW and (n == 0 or not lines[n - 1].strip())
        ),
        len(lines),
    )
    below = "\n".join(line.rstrip("\r") for line in lines[at:]).strip("\n")
    return _without_blank(lines[:at]), {"below": below} if below else {}


def _without_blank(lines: Sequence[str]) -> str:
    """Take off the writer's line ends; Discord itself lets no message begin or end with any."""
    words = list(lines)
    while words and not words[-1].strip("\r"):
        words.pop()
    return "\n".join(words).removesuffix("\r")


def _csv(source: Source, whole: str, title: str, oddities: list[Oddity]) -> Foreign:
    parties, entries = Parties(), []
    between = ";" if ";" in whole.partition("\n")[0] else ","  # before 2020
    reader = csv.DictReader(io.StringIO(whole, newline=""), delimiter=between)
    try:
        for row in reader:
            who, at, said = (row.get(key) for key in _COLUMNS)
            if who is None or said is None:
                oddities.append(Oddity("a row that was cut off is left out", reader.line_num))
                continue
            account = row.get("AuthorID")
            told = {"id": account} if account else {}
            more = {key: row[key] for key in ("Attachments", "Reactions") if row.get(key)}
            if not moment(at) and at:
                more["time"] = at
            name = parties.add(who, more=told)
            entries.append(Entry("say", name, said, at=moment(at), line=reader.line_num, more=more))
    except csv.Error as error:
        oddities.append(Oddity(f"the rest is no CSV: {error}", reader.line_num))
    if not entries:
        raise no_transcript(source, *_EMPTY)
    started = next((entry.at for entry in entries if entry.at), None)
    return Foreign(_NAME, title, parties.all(), entries, started, oddities=oddities)
