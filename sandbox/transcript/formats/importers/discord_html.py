"""DiscordChatExporter's HTML: a ``chatlog__message`` for each message, in groups of one author.

What was written as Markdown was drawn: marks such as ``**`` are not in the file, and are not made up
again. A message's number tells its time to the millisecond, whatever the page's language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Final

from sandbox.errors import Unreadable
from sandbox.transcript.formats.foreign import Entry, EntryKind, Foreign, Oddity, Source
from sandbox.transcript.formats.parties import Parties
from sandbox.transcript.formats.text import no_transcript
from sandbox.transcript.formats.text import text as text_of

__all__ = ["looks", "read"]

_NAME: Final = "discord"
_VOID: Final = frozenset({"img", "br", "hr", "meta", "link", "input", "source", "use", "path"})
_BLOCKS: Final = frozenset({"div", "h1", "h2", "h3", "li"})
_EPOCH: Final = datetime(2015, 1, 1, tzinfo=UTC)
"""Discord's: numbers count the milliseconds from it, 22 bits up."""
_PARTS: Final = {
    "chatlog__content": "text",
    "chatlog__system-notification-content": "report",
    "chatlog__edited-timestamp": "aside",
    "chatlog__author-tag": "tag", "chatlog__bot-tag": "tag",
    "chatlog__author": "author", "chatlog__author-name": "author",
    "chatlog__system-notification-author": "author",
    "chatlog__timestamp": "time", "chatlog__short-timestamp": "time",
    "chatlog__system-notification-timestamp": "time",
    "chatlog__reply": "reply", "chatlog__reference": "reply",
    "chatlog__attachment": "aside", "chatlog__embed": "aside", "chatlog__reactions": "aside",
    "chatlog__sticker": "aside", "chatlog__forwarded": "forwarded",
    "preamble__entry": "entry", "info__guild-name": "entry", "info__channel-name": "entry",
}  # fmt: skip
_DEEPEST: Final = 200
"""Elements within each other; an export has some fifteen, and each is looked at for each word."""
_MESSAGE: Final = ("chatlog__message-container", "chatlog__message")


@dataclass(slots=True)
class _Message:
    """One message as drawn: what was written in each of its parts."""

    line: int
    number: str = ""
    author: str = ""
    parts: dict[str, str] = field(default_factory=dict)
    media: list[str] = field(default_factory=list)


def looks(source: Source) -> float:
    """Tell by the classes, which stand behind long styles."""
    return 0.95 if b"chatlog__message" in source.data and b"<html" in source.data[:500] else 0.0


def read(source: Source) -> Foreign:
    """Read an export.

    Raises:
        NoTranscript: nobody wrote in the channel in the time of the export.
        Unreadable: it is a page that nobody exported.
    """
    whole, oddities = text_of(source)
    page = _Page(source.name)
    page.feed(whole)
    page.close()
    if not page.messages:
        raise no_transcript(
            source,
            "an export of a channel without a message in it",
            "If there should be some, get the file whole",
        )
    parties, entries = Parties(), []
    room = page.entries[1] if len(page.entries) > 1 else None
    for message in page.messages:
        parts = {name: words.strip() for name, words in message.parts.items()}
        bot = "BOT" in parts.get("tag", "") or "APP" in parts.get("tag", "")
        who = parties.add(message.author or "?", more={"bot": True} if bot else None)
        report = "report" in parts
        text = parts.get("report") if report else parts.get("text")
        more = {
            **{name: parts[name] for name in ("reply", "forwarded", "aside") if parts.get(name)},
            **({"id": message.number} if message.number else {}),
            **({"media": message.media} if message.media else {}),
        }
        at = _moment(message.number)
        if at is None and parts.get("time"):
            more["time"] = parts["time"]
        kind: EntryKind = "note" if report else "say"
        entries.append(Entry(kind, who, text or "", room=room, at=at, line=message.line, more=more))
    oddities.append(Oddity("Markdown was drawn: its marks, such as ** and >, are not in the page"))
    started = next((entry.at for entry in entries if entry.at), None)
    title = room or source.name.rpartition("/")[2]
    more_known = {"export": {"guild": page.entries[0]}} if page.entries else {}
    return Foreign(
        _NAME, title, parties.all(), entries, started, more=more_known, oddities=oddities
    )


def _moment(number: str) -> str | None:
    """The time that a message's number holds; None for what is none of Discord's numbers."""
    if not re.fullmatch(r"[1-9]\d{16,18}", number):
        return None
    return (_EPOCH + timedelta(milliseconds=int(number) >> 22)).isoformat()


class _Page(HTMLParser):
    """Keeps a stack of open elements, and which part of a message each one's text is of."""

    def __init__(self, name: str) -> None:
        super().__init__(convert_charrefs=True)
        self._source = name
        self.messages: list[_Message] = []
        self.entries: list[str] = []
        self._open: list[tuple[str, str]] = []
        self._author = self._tag = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        classes = (given.get("class") or "").split()
        part = self._open[-1][1] if self._open else ""
        if tag == "img" and part in {"text", "report", "reply", "forwarded"}:
            name = given.get("alt") or ""
            self._write(part, f":{name}:" if re.fullmatch(r"\w+", name, re.ASCII) else name)
        elif tag in {"img", "source", "a"} and part == "aside" and self.messages:
            link = given.get("src") or given.get("href")
            self.messages[-1].media += [link[:2000]] if link else []
        elif tag == "br":
            self._write(part, "\n")
        if tag in _VOID:
            return
        if "chatlog__message-group" in classes:
            self._author = self._tag = ""
        if any(name in classes for name in _MESSAGE) and not self._inside("message"):
            self._begin(given)
            part = "message"
        elif part not in {"reply", "forwarded", "aside", "text", "report"} or (
            part == "text" and "chatlog__edited-timestamp" in classes
        ):
            part = next((_PARTS[name] for name in classes if name in _PARTS), part)
        title = given.get("title")
        if part == "author" and title:
            self._name(title)
        elif part == "entry" and (not self._open or self._open[-1][1] != "entry"):
            self.entries.append("")
        many = tag == "code" and "multiline" in (given.get("class") or "")
        if part == "text" and (tag in _BLOCKS or many):
            self._line()
        if len(self._open) == _DEEPEST:
            raise Unreadable(
                f"{self._source}, line {self.getpos()[0]}: more than {_DEEPEST} elements within each other: "
                "no page that DiscordChatExporter wrote. Export the channel again"
            )
        self._open.append(("code-block" if many else tag, part))

    def _begin(self, given: dict[str, str | None]) -> None:
        number = given.get("data-message-id") or (given.get("id") or "").rpartition("-")[2]
        message = _Message(self.getpos()[0], number, self._author)
        if self._tag:
            message.parts["tag"] = self._tag
        self.messages.append(message)

    def _name(self, name: str) -> None:
        """Note the author: of the message, or where it stands above them, of the group's."""
        self._author = name
        if self._inside("message"):
            self.messages[-1].author = name

    def _line(self) -> None:
        """Begin a line where a block begins or ends: its own line end is not in the page."""
        words = self.messages[-1].parts.get("text", "")
        if words.strip() and not words.endswith("\n"):
            self._write("text", "\n")

    def _inside(self, part: str) -> bool:
        return any(name == part for _, name in self._open)

    def handle_endtag(self, tag: str) -> None:
        if all(name.partition("-")[0] != tag for name, _ in self._open):
            return
        while self._open:
            name, part = self._open.pop()
            if part == "text" and (name in _BLOCKS or name == "code-block"):
                self._line()
            if name.partition("-")[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        if self._open:
            self._write(self._open[-1][1], data)

    def _write(self, part: str, data: str) -> None:
        if part == "entry" and self.entries:
            self.entries[-1] = (self.entries[-1] + data).strip()
        elif part == "author" and not self._author and data.strip():
            self._name(data.strip())
        elif part == "tag":
            self._tag += data.strip()
        if part not in {"", "message", "author", "entry"} and self._inside("message"):
            parts = self.messages[-1].parts
            parts[part] = parts.get(part, "") + data
