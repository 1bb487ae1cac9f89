"""A run without names, keys and paths: the same value is the same tag wherever it stands.

Two passes. ``learn`` takes in every event first, for a key that is shown in turn 90 may stand bare in
turn 3; ``event`` and ``text`` then replace what was learnt, whatever escapes it is written in.
"""

from __future__ import annotations

import getpass
import platform
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, get_args
from urllib.parse import urlsplit

from sandbox.transcript.event import Event
from sandbox.transcript.formats.redact_literals import Literals
from sandbox.transcript.formats.redact_patterns import (
    GENERIC_USERS,
    Found,
    Tag,
    addresses,
    is_secret_name,
    keys,
    paths,
)
from sandbox.transcript.formats.redact_views import views
from sandbox.transcript.formats.redact_words import RECORD_WORDS

__all__ = ["REDACTABLE", "Machine", "Redactable", "Redactor"]

Redactable: TypeAlias = Literal["names", "keys", "paths"]
REDACTABLE: Final[tuple[Redactable, ...]] = get_args(Redactable)

_TAGS: Final[Mapping[Redactable, frozenset[Tag]]] = {
    "names": frozenset({"name", "mail"}),
    "keys": frozenset({"key"}),
    "paths": frozenset({"path", "user", "host", "ip"}),
}
_FINGERPRINTS: Final[frozenset[str]] = frozenset({"digest", "hash", "manifest", "sha256"})
"""Members that hold a hash of what was not redacted: a short name could be guessed until it fits."""
_LEAST: Final[Mapping[Tag, tuple[int, frozenset[str]]]] = {
    "key": (4, frozenset()),
    "path": (4, frozenset({"/root"})),
    "user": (2, GENERIC_USERS),
    "host": (2, GENERIC_USERS | {"localhost"}),
}
"""How short a value may be, and which tell nothing. A name of one letter is a letter."""
_IS_TAG: Final = re.compile(rf"(?:{'|'.join(get_args(Tag))})-\d+")
_CASTS: Final[frozenset[str]] = frozenset({"run.started", "run.resumed"})
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_DEEPEST: Final = 250


@dataclass(frozen=True, slots=True)
class Machine:
    """What could tell on whose machine a run was played."""

    hosts: Collection[str] = ()
    users: Collection[str] = ()
    homes: Collection[str] = ()

    @classmethod
    def here(cls) -> Machine:
        """This one."""
        name = platform.node()
        try:
            users = [getpass.getuser()]
        except (KeyError, OSError):  # a uid without a name
            users = []
        return cls(hosts=(name, name.partition(".")[0]), users=users, homes=[str(Path.home())])


class Redactor:
    """Replaces values by tags like ``[name-1]``; ``mapping`` says what each tag stands for."""

    def __init__(self, what: Collection[Redactable], machine: Machine) -> None:
        self.what = tuple(each for each in REDACTABLE if each in what)
        self._tags = frozenset(chain.from_iterable(_TAGS[each] for each in self.what))
        self._values: dict[str, Tag] = {}
        self._named: dict[tuple[Tag, str], str] = {}
        self._counts: dict[Tag, int] = {}
        self._literals: Literals | None = None
        for tag, known in (
            ("host", machine.hosts),
            ("path", machine.homes),
            ("user", machine.users),
        ):
            for value in known:
                self._add(tag, value)  # type: ignore[arg-type]  # mypy widens the tuple's text

    @property
    def mapping(self) -> Mapping[str, str]:
        """What each tag that was used stands for."""
        return {tag: value for (_, value), tag in self._named.items()}

    def learn(self, event: Event) -> None:
        """Take in an event: the names that it brings, and the values in its texts."""
        assert self._literals is None, "everything is learnt before anything is replaced"
        self._add("name", *_names(event))
        self._add("host", *_hosts(event))
        for member, text in _texts(event.data):
            if is_secret_name(member):
                self._add("key", text)
            for view in views(text):
                for found in self._shapes(view.text):
                    self._add(found.tag, found.value)

    def event(self, event: Event) -> Event:
        """Replace what was learnt in everything that an event holds."""
        visible_to = event.visible_to
        if isinstance(visible_to, tuple):
            visible_to = tuple(self.text(name) for name in visible_to)
        return replace(
            event,
            actor=self.text(event.actor),
            room=None if event.room is None else self.text(event.room),
            visible_to=visible_to,
            data=self.value(event.data),
            run=self.text(event.run),
            hash="",
        )

    def value(self, value: Any, depth: int = 0) -> Any:
        """Replace what was learnt in the texts of a JSON value, the names of its members too."""
        if isinstance(value, str):
            return self.text(value)
        if depth > _DEEPEST:
            return None
        if isinstance(value, Mapping):
            return {
                self.text(key): None
                if key in _FINGERPRINTS and isinstance(item, str) and _DIGEST.fullmatch(item)
                else self.value(item, depth + 1)
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.value(item, depth + 1) for item in value]
        return value

    def text(self, text: str) -> str:
        """Replace what was learnt in a text."""
        if text in RECORD_WORDS:
            return text
        if self._literals is None:
            self._literals = Literals(self._values)
        found: list[tuple[int, int, Found]] = []
        for view in views(text):
            for each in self._literals.find(view.text):
                start, end = view.span(each.start, each.end)
                found.append((start, -end, each))
        if not found:
            return text
        pieces: list[str] = []
        at = 0
        for start, minus_end, each in sorted(found, key=lambda item: item[:2]):
            if start >= at:
                pieces += (text[at:start], self._tag(each.tag, each.value))
                at = -minus_end
            elif -minus_end > at:
                at = -minus_end  # it sticks out of the one before it: its end goes too
        return "".join((*pieces, text[at:]))

    def _shapes(self, text: str) -> Iterator[Found]:
        if "key" in self._tags:
            yield from keys(text)
        if "path" in self._tags:
            yield from paths(text)
        if "mail" in self._tags or "ip" in self._tags:
            yield from addresses(text)

    def _add(self, tag: Tag, *values: str) -> None:
        least, generic = _LEAST.get(tag, (2, frozenset()))
        for value in values:
            plain = value.lower()
            if len(value) < least or plain in generic or plain in RECORD_WORDS:
                continue
            if tag in self._tags and not _IS_TAG.fullmatch(plain):
                self._values.setdefault(value, tag)

    def _tag(self, tag: Tag, value: str) -> str:
        known = self._named.get((tag, value))
        if known is None:
            self._counts[tag] = number = self._counts.get(tag, 0) + 1
            self._named[tag, value] = known = f"[{tag}-{number}]"
        return known


def _names(event: Event) -> Iterator[str]:
    """Agents, rooms and people that an event speaks of, by the members that name them."""
    data = event.data
    yield event.actor
    if event.room is not None:
        yield event.room
    if event.kind == "imported.note" and isinstance(data.get("who"), str):
        yield data["who"]
    if event.kind.startswith("room.") and isinstance(data.get("name"), str):
        yield data["name"]
    author = data.get("author")
    if event.kind.startswith("operator.") and isinstance(author, str):
        yield from {author} - GENERIC_USERS  # a person's login name
    scenario = data.get("scenario")
    for part in (data, scenario if isinstance(scenario, Mapping) else {}):
        for group in ("agents", "rooms"):
            members = part.get(group) if event.kind in _CASTS else None
            for name, spec in members.items() if isinstance(members, Mapping) else ():
                yield name
                yield from _people(spec)


def _people(spec: object) -> Iterator[str]:
    if not isinstance(spec, Mapping):
        return
    name, model = spec.get("name"), spec.get("model")
    if isinstance(name, str):  # as another system wrote it
        yield name
    if isinstance(model, str) and model.startswith("human/"):
        yield model.removeprefix("human/")


def _hosts(event: Event) -> Iterator[str]:
    """Machines that the house talked to, by the addresses in its own settings."""
    if event.kind not in _CASTS:
        return
    for member, text in _texts(event.data):
        if member in {"url", "base_url"}:
            try:
                host = urlsplit(text).hostname
            except ValueError:
                continue
            if host and not re.fullmatch(r"[\d.]+|.*:.*", host):
                yield host


def _texts(value: object, member: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Every text in a JSON value with the name of the member that holds it; names are texts too."""
    if isinstance(value, str):
        yield member, value
    elif depth <= _DEEPEST and isinstance(value, Mapping):
        for key, item in value.items():
            yield "", key
            yield from _texts(item, key, depth + 1)
    elif depth <= _DEEPEST and isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item, member, depth + 1)
