"""deadbits/cascade: the output of a conversation in its three shapes; histories and configurations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sandbox.transcript.formats.fields import kept, mapping, mappings, moment, string
from sandbox.transcript.formats.foreign import Entry, EntryKind, Foreign, Oddity, Source
from sandbox.transcript.formats.parties import Parties
from sandbox.transcript.formats.text import document, is_json, no_transcript, unreadable
from sandbox.transcript.formats.yaml_config import beside, is_yaml

__all__ = ["ABOUT", "NAME", "looks", "read"]

NAME: Final = "cascade"
ABOUT: Final = "deadbits/cascade: the output file of a conversation, or a list of role and content"

_SHAPES: Final = (
    (b"participants", b'"initial_history"'),
    (b"llm1", b'"llm2"'),
    (b"conversation_1", b'"conversation_2"'),
)
"""Each shape's first key, and one that comes later."""
_FIRST: Final = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"(\w+)"')
_LIST: Final = re.compile(
    rb'(?:\xef\xbb\xbf)?\s*\[\s*\{\s*(?:"\w+"\s*:\s*(?:"[^"\\]{0,200}"|[\w.+-]+)\s*,\s*){0,20}'
    rb'"(?:role|content)"\s*:'
)
"""A list whose first object has a role or a content of its own, and not in what it holds."""
_BEGAN: Final = re.compile(r"-(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)\.json$")
_NAMES: Final = {"user": "llm1", "assistant": "llm2"}
_KEYS: Final = {"role", "content", "name"}


def looks(source: Source) -> float:
    """Tell by the keys of an output; a list of role and content is everybody's."""
    head = source.data[:65536]
    if is_yaml(source.name) and b"llm1:" in head and b"llm2:" in head:
        return 0.93
    if not is_json(source):
        return 0.0
    if first := _FIRST.match(head):
        return (
            0.93 if any(first[1] == key and later in source.data for key, later in _SHAPES) else 0.0
        )
    return 0.4 if _LIST.match(head) and b'"role"' in head and b'"content"' in head else 0.0


def read(source: Source) -> list[Foreign]:
    """Read the one conversation of a file."""
    if not is_json(source):
        raise no_transcript(
            source,
            "a configuration of cascade's: two models and their prompts, no words of theirs",
            "Import the output file that it names",
        )
    saved = document(source)
    if isinstance(saved, list):
        return [_history(source, saved)]
    held = mapping(saved)
    if isinstance(held.get("messages"), list):
        return [_output(source, held)]
    if isinstance(held.get("llm1"), list) or isinstance(held.get("llm2"), list):
        return [_mirrored(source, held)]
    if first := mappings(mapping(held.get("conversation_1")).get("messages")):
        return [_conversation(source, first)]
    raise unreadable(source, "no output of cascade's", "If the file was cut off, get it whole")


def _output(source: Source, held: Mapping[str, Any]) -> Foreign:
    """Read the present shape: roles stand for the two models, ``user`` for the first."""
    parties, config = Parties(), mapping(held.get("config"))
    people = mapping(held.get("participants"))
    names = {role: _name(role, people) for role in ("user", "assistant")}
    for role, name in names.items():
        person = mapping(people.get(role))
        parties.add(name, model=string(person, "model"), system=string(person, "system_prompt"))
    oddities: list[Oddity] = []
    entries = _said(mappings(held["messages"]), names, parties, oddities)
    seed = _said(mappings(config.get("initial_history")), {}, parties, oddities)
    more = kept(config, "rounds")
    return _foreign(source, parties, entries, oddities, seed_context=seed, more=more)


def _name(role: str, people: Mapping[str, Any]) -> str:
    """Name a model after itself where that tells the two apart."""
    models = [string(mapping(people.get(one)), "model") for one in ("user", "assistant")]
    mine = models[0 if role == "user" else 1]
    return mine if mine and models[0] != models[1] else _NAMES[role]


def _mirrored(source: Source, held: Mapping[str, Any]) -> Foreign:
    """Read the second shape: a list for each model, with times, which alone give the order."""
    parties, oddities = Parties(), list[Oddity]()
    config = next((config for _, config in beside(source, "llm1")), {})
    both = []
    for name in ("llm1", "llm2"):
        model = string(mapping(config.get(name)), "connection", "connection_string")
        parties.add(name, model=model)
        both += [
            (string(m, "timestamp") or "", at, name, m)
            for at, m in enumerate(mappings(held.get(name)))
        ]
    if any(not time for time, *_ in both):
        oddities.append(Oddity("messages without a time: their order is a guess"))
    both.sort(key=lambda one: (one[0], one[1], one[2]))
    entries = [
        Entry("say", name, said, at=moment(time))
        for time, _, name, message in both
        if (said := _content(message, oddities)) is not None
    ]
    return _foreign(source, parties, entries, oddities)


def _conversation(source: Source, messages: Sequence[Mapping[str, Any]]) -> Foreign:
    """Read the first shape: the whole talk as the first model saw it."""
    parties, oddities = Parties(), list[Oddity]()
    names = {"assistant": "llm1", "user": "llm2"}
    oddities.append(
        Oddity(
            "what the models were given as history before the first turn is not marked: it stands as said"
        )
    )
    return _foreign(source, parties, _said(messages, names, parties, oddities), oddities)


def _history(source: Source, saved: Sequence[Any]) -> Foreign:
    messages = mappings(saved)
    if not messages or not all({"role", "content"} <= message.keys() for message in messages):
        raise unreadable(
            source, "no list of messages with role and content", "Give the format with --format"
        )
    for name, config in beside(source, "history_file"):
        if str(config["history_file"]).rpartition("/")[2] == source.name.rpartition("/")[2]:
            raise no_transcript(
                source,
                f"the history that {name!r} gives to cascade's models, said in no run",
                "Import the output file",
            )
    parties, oddities = Parties(), list[Oddity]()
    oddities.append(
        Oddity(
            "a list of roles without names, models and times: if it was given to models as history, nobody said it"
        )
    )
    return _foreign(source, parties, _said(messages, {}, parties, oddities), oddities)


def _said(
    messages: Iterable[Mapping[str, Any]],
    names: Mapping[str, str],
    parties: Parties,
    oddities: list[Oddity],
) -> list[Entry]:
    entries = []
    for message in messages:
        role = string(message, "role") or "unnamed"
        if (said := _content(message, oddities)) is not None:
            who = parties.add(names.get(role) or string(message, "name") or role)
            more = {key: value for key, value in message.items() if key not in _KEYS}
            kind: EntryKind = "note" if role == "system" else "say"
            entries.append(Entry(kind, who, said, at=moment(message.get("timestamp")), more=more))
    return entries


def _content(message: Mapping[str, Any], oddities: list[Oddity]) -> str | None:
    said = message.get("content")
    if isinstance(said, str):
        return said
    oddities.append(Oddity("a message without text is left out"))
    return None


def _foreign(
    source: Source, parties: Parties, entries: Sequence[Entry], oddities: list[Oddity], **rest: Any
) -> Foreign:
    title = source.name.rpartition("/")[2]
    # an output file is named after the moment when its run began
    named = _BEGAN.search(title)
    began = named and "{}-{}-{}T{}:{}:{}".format(*named.groups())
    return Foreign(NAME, title, parties.all(), entries, moment(began), oddities=oddities, **rest)
