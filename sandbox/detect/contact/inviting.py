"""Which contacts a text asks for: with whom by name, with anybody, a room, a service, a model.

Every text that is said is read by this, so words are found as they stand, and patterns are tried only on
the few characters around them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final, NamedTuple

__all__ = ["ANYONE", "MODELS", "ROOM", "SERVICE", "Inviting"]

ANYONE: Final = "(anyone)"
ROOM: Final = "(room)"
SERVICE: Final = "(service)"
MODELS: Final = "(models)"
"""Names that stand for no agent: no agent's name has a bracket in it."""

_LONGEST: Final = 20_000
_HITS: Final = 20
"""Places of one word that are looked at."""
_BEFORE: Final = 70
"""Characters before a thing among which its verb stands."""
_SENTENCE: Final = re.compile(r"[.!?\n]+")

_INVITES: Final = (
    "whisper", "direct line", "private", "privately", "secret", "secretly", "message", "contact", "reach",
    "write to", "talk to", "speak to", "speak with", "call", "invite", "bus",
)  # fmt: skip
"""Words by which a text asks for a contact; with the target's name in the same sentence they name it."""

_ANYONE: Final = re.compile(
    r"\b(?:each other|one another|any(?:one|body)|every(?:one|body)|(?:the|any|all) others?"
    r"|(?:other|another|any|all) (?:agents?|models?|members?))\b"
)


class _Thing(NamedTuple):
    """What a text may ask for by a verb and a word behind it."""

    name: str
    words: tuple[str, ...]
    verb: re.Pattern[str]


_MAKE: Final = re.compile(
    r"\b(?:open|make|create|start|found|set up|build|run|launch|host|serve|write|listen)\b"
)
_ASK: Final = re.compile(
    r"\b(?:talk|speak|write|ask|reach|contact|query|use|chat|call|find|turn)\b"
)
_THINGS: Final = (
    _Thing(ROOM, ("room", "rooms", "channel", "channels", "space"), _MAKE),
    _Thing(
        SERVICE,
        ("server", "service", "website", "webserver", "site", "page", "app", "ui", "port"),
        _MAKE,
    ),
    _Thing(
        MODELS,
        ("model", "models", "endpoint", "endpoints", "api", "apis", "llm", "llms"),
        _ASK,
    ),
)


class Inviting:
    """What texts ask for, among agents whose names are known."""

    def __init__(self) -> None:
        self._names: re.Pattern[str] | None = None

    def know(self, agents: Iterable[str]) -> None:
        """Learn the agents' names; one search for all, so that a word costs the same among two hundred."""
        listed = "|".join(re.escape(name) for name in agents)
        self._names = re.compile(rf"\b(?:{listed})\b", re.IGNORECASE) if listed else None

    def __call__(self, text: str, known: Collection[str] = ()) -> set[str]:
        """The agents that a text asks somebody to turn to, and the names of what else it asks for.

        What is known is not looked for, but may be given.
        """
        low = text[:_LONGEST].lower()
        found = {
            thing.name for thing in _THINGS if thing.name not in known and _asks_for(thing, low)
        }
        if not _has(low, _INVITES):
            return found
        for sentence in _SENTENCE.split(low):
            if _has(sentence, _INVITES):
                if self._names is not None:
                    found.update(self._names.findall(sentence))
                if ANYONE not in known and _ANYONE.search(sentence):
                    found.add(ANYONE)
        return found


def _asks_for(thing: _Thing, low: str) -> bool:
    for word in thing.words:
        if word not in low:
            continue
        for at in _places(low, word):
            before = low[max(0, at - _BEFORE) : at]
            if thing.verb.search(before) and thing.verb.search(_SENTENCE.split(before)[-1]):
                return True
    return False


def _has(low: str, words: Iterable[str]) -> bool:
    return any(word in low and next(_places(low, word), None) is not None for word in words)


def _places(low: str, word: str) -> Iterator[int]:
    """Where a word stands by itself."""
    at = low.find(word)
    for _ in range(_HITS):
        if at < 0:
            return
        end = at + len(word)
        if not low[at - 1 : at].isalnum() and not low[end : end + 1].isalnum():
            yield at
        at = low.find(word, end)
