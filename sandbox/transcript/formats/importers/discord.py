"""Discord: threads of Act I, what DiscordChatExporter writes (JSON, text, CSV, HTML), lists of its API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from sandbox.transcript.formats.fields import integer, kept, mapping, mappings, moment, string
from sandbox.transcript.formats.foreign import Entry, EntryKind, Foreign, Oddity, Source
from sandbox.transcript.formats.importers import discord_html, discord_text
from sandbox.transcript.formats.parties import Parties
from sandbox.transcript.formats.text import document, is_json, unreadable

__all__ = ["ABOUT", "NAME", "looks", "read"]

NAME: Final = "discord"
ABOUT: Final = (
    "Discord: threads of Act I, DiscordChatExporter's JSON, text, CSV and HTML, lists of its API"
)

_OWN: Final = frozenset({"author", "content", "timestamp"})
_SAID: Final = frozenset(
    {"Default", "Reply", "ChatInputCommand", "ContextMenuCommand", "0", "19", "20", "23"}
)
"""Types of messages that somebody wrote, by name and by number. All others are Discord's own reports."""


def looks(source: Source) -> float:
    """Tell by the members of a message, or the marks of DiscordChatExporter's other forms."""
    if not is_json(source):
        return max(discord_text.looks(source), discord_html.looks(source))
    head = source.data[:20_000]
    if not (b'"author"' in head and b'"content"' in head):
        return 0.0
    if b'"messages"' in head:
        return 0.9 if b'"channel"' in head else 0.4
    return 0.85 if b'"channel_id"' in head and b'"timestamp"' in head else 0.0


def read(source: Source) -> list[Foreign]:
    """Read a channel or a thread. Who is a model and who a person is told only as far as bots are marked.

    Raises:
        Unreadable: it has no list of messages.
    """
    if not is_json(source):
        html = discord_html.looks(source) > discord_text.looks(source)
        return [(discord_html if html else discord_text).read(source)]
    saved = document(source)
    whole = {"messages": saved} if isinstance(saved, list) else mapping(saved)
    if not isinstance(whole.get("messages"), list):
        raise unreadable(source, "no list of 'messages'", "It is no thread of Discord")
    place = mapping(whole.get("channel"))
    room = string(whole, "channel") or string(place, "name")
    cast, oddities = _Cast(), list[Oddity]()
    messages = mappings(whole["messages"])
    entries = [
        _entry(message, number, room, cast, oddities) for number, message in enumerate(messages, 1)
    ]
    if left_out := len(whole["messages"]) - len(entries):
        oddities.append(Oddity(f"{left_out} messages are no objects: left out"))
    told = integer(whole, "messageCount")
    if told is not None and told != len(entries):
        oddities.append(Oddity(f"it tells of {told} messages and holds {len(entries)}"))
    if _backward(entries):
        entries.reverse()
        oddities.append(Oddity("the newest message stands first: turned about"))
    more = {key: value for key, value in whole.items() if key not in {"messages", "channel"}}
    more |= {"channel": dict(place)} if place else {}
    started = next((entry.at for entry in entries if entry.at), None)
    title = room or "discord thread"
    return [
        Foreign(NAME, title, cast.parties.all(), entries, started, more=more, oddities=oddities)
    ]


def _entry(
    message: Mapping[str, Any], number: int, room: str | None, cast: _Cast, oddities: list[Oddity]
) -> Entry:
    who = cast.name(message.get("author"))
    if who is None:
        oddities.append(Oddity(f"message {number} tells no author: taken as '?'"))
        who = cast.parties.add("?")
    at = message.get("timestamp")
    if at is not None and moment(at) is None:
        oddities.append(Oddity(f"message {number} has a time that cannot be read: {at!r:.60}"))
    content, kind = message.get("content"), message.get("type")
    said: EntryKind = "say" if kind is None or str(kind) in _SAID else "note"
    more = kept(message, *(key for key in message if key not in _OWN))
    text = content if isinstance(content, str) else ""
    return Entry(said, who, text, room=room, at=moment(at), more=more)


def _backward(entries: Sequence[Entry]) -> bool:
    """Whether the newest stands first, as in what Discord's API gives."""
    times = [entry.at for entry in entries if entry.at]
    return len(times) > 1 and times[0] > times[-1] and all(a >= b for a, b in pairwise(times))


class _Cast:
    """Who is who: two accounts may share a name."""

    def __init__(self) -> None:
        self.parties = Parties()
        self._accounts: dict[str, object] = {}

    def name(self, author: object) -> str | None:
        """Note an author, and return the name that is used for that account."""
        if isinstance(author, str):
            return self.parties.add(author)
        told = mapping(author)
        name = string(told, "name", "username", "nickname")
        if name is None:
            return None
        account = told.get("id")
        if self._accounts.setdefault(name, account) != account:
            name = f"{name}#{told.get('discriminator') or account}"
        bot = told.get("bot", told.get("isBot"))
        more = {
            **({"bot": bot} if isinstance(bot, bool) else {}),
            **kept(told, "id", "nickname", "global_name"),
        }
        return self.parties.add(name, human=bot is False, more=more)
