"""Act I: a Discord thread as JSON, ``{id, channel, messages: [{author, content, timestamp}]}``."""

from __future__ import annotations

from typing import Final

from sandbox.transcript.formats.fields import kept, mapping, mappings, moment, string
from sandbox.transcript.formats.foreign import Entry, Foreign, Oddity, Source
from sandbox.transcript.formats.parties import Parties
from sandbox.transcript.formats.text import document, is_json, unreadable

__all__ = ["ABOUT", "NAME", "looks", "read"]

NAME: Final = "discord"
ABOUT: Final = "Act I: Discord threads as JSON"

_OWN: Final = frozenset({"author", "content", "timestamp"})


def looks(source: Source) -> float:
    """Tell by the members of a message."""
    head = source.data[:20_000]
    message = b'"author"' in head and b'"content"' in head
    if not is_json(source) or not message or b'"messages"' not in head:
        return 0.0
    return 0.9 if b'"channel"' in head else 0.4


def read(source: Source) -> list[Foreign]:
    """Read a thread. Who is a model and who a person is not told in it.

    Raises:
        Unreadable: it has no list of messages.
    """
    whole = mapping(document(source))
    if not isinstance(whole.get("messages"), list):
        raise unreadable(source, "no list of 'messages'", "It is no thread of Discord")
    parties = Parties()
    oddities = []
    entries = []
    for number, message in enumerate(mappings(whole["messages"]), 1):
        author = message.get("author")
        named = mapping(author)
        name = author if isinstance(author, str) else string(named, "name", "username", "nickname")
        if name is None:
            oddities.append(Oddity(f"message {number} tells no author: taken as '?'"))
        human = {"bot": named["bot"]} if isinstance(named.get("bot"), bool) else {}
        who = parties.add(name or "?", human=human.get("bot") is False, more=human)
        content = message.get("content")
        at = message.get("timestamp")
        if at is not None and moment(at) is None:
            oddities.append(Oddity(f"message {number} has a time that cannot be read: {at!r:.60}"))
        more = kept(message, *(key for key in message if key not in _OWN))
        text = content if isinstance(content, str) else ""
        room = string(whole, "channel") or string(mapping(whole.get("channel")), "name")
        entries.append(Entry("say", who, text, room=room, at=moment(at), more=more))
    left_out = len(whole["messages"]) - len(entries)
    if left_out:
        oddities.append(Oddity(f"{left_out} messages are no objects: left out"))
    more = {key: value for key, value in whole.items() if key not in {"messages", "channel"}}
    channel = entries[0].room if entries else None
    started = next((entry.at for entry in entries if entry.at), None)
    title = channel or "discord thread"
    return [Foreign(NAME, title, parties.all(), entries, started, more=more, oddities=oddities)]
