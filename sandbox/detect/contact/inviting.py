"""Which contacts a text asks for: with whom by name, with anybody, a room, a service, a model."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

__all__ = ["ANYONE", "MODELS", "ROOM", "SERVICE", "Inviting"]

ANYONE: Final = "(anyone)"
ROOM: Final = "(room)"
SERVICE: Final = "(service)"
MODELS: Final = "(models)"
"""Names that stand for no agent: no agent's name has a bracket in it."""

_LONGEST: Final = 20_000
_SENTENCE: Final = re.compile(r"[.!?\n]+")

_INVITES: Final = re.compile(
    r"\b(?:whisper|direct line|private(?:ly)?|secret(?:ly)?|message|contact|reach|write to|talk to"
    r"|speak (?:to|with)|call|invite|bus)\b",
    re.IGNORECASE,
)
"""Words by which a text asks for a contact; with the target's name in the same sentence they name it."""

_ANYONE: Final = re.compile(
    r"\b(?:each other|one another|any(?:one|body)|every(?:one|body)|(?:the|any|all) others?"
    r"|(?:other|another|any|all) (?:agents?|models?|members?))\b",
    re.IGNORECASE,
)

_MAKE: Final = r"\b(?:open|make|create|start|found|set up|build|run|launch|host|serve|write)\b"
_MADE: Final = rf"{_MAKE}.{{0,60}}\b(?:(?:web ?|chat ?)?(?:server|service|site|page|app|ui)|port)\b"
_TALKED: Final = r"\b(?:talk|speak|write|ask|reach|contact|query|use|chat|call|find)\b"
_KINDS: Final = (
    (ROOM, ("room", "channel", "space"), rf"{_MAKE}.{{0,60}}\b(?:rooms?|channels?|space)\b"),
    (
        SERVICE,
        ("server", "service", "site", "page", "app", "port", "ui", "listen"),
        rf"{_MADE}|\blisten(?:s|ing)? on\b",
    ),
    (
        MODELS,
        ("model", "endpoint", "api", "llm"),
        rf"{_TALKED}.{{0,60}}\b(?:models?|endpoints?|apis?|llms?)\b",
    ),
)
"""For each kind the words without one of which the pattern cannot fit, and the pattern, in one sentence."""

_PATTERNS: Final = [(kind, words, re.compile(fits, re.IGNORECASE)) for kind, words, fits in _KINDS]


class Inviting:
    """What texts ask for, among agents whose names are known."""

    def __init__(self) -> None:
        self._names: re.Pattern[str] | None = None

    def know(self, agents: Iterable[str]) -> None:
        """Learn the agents' names; one search for all, so that a word costs the same among two hundred."""
        listed = "|".join(re.escape(name) for name in agents)
        self._names = re.compile(rf"\b(?:{listed})\b", re.IGNORECASE) if listed else None

    def __call__(self, text: str) -> set[str]:
        """The agents that a text asks somebody to turn to, and the names of what else it asks for."""
        text = text[:_LONGEST]
        low = text.lower()
        found: set[str] = set()
        for kind, words, pattern in _PATTERNS:
            if any(word in low for word in words) and pattern.search(text):
                found.add(kind)
        if _INVITES.search(text) is None:
            return found
        for sentence in _SENTENCE.split(text):
            if _INVITES.search(sentence):
                if self._names is not None:
                    found.update(name.lower() for name in self._names.findall(sentence))
                if _ANYONE.search(sentence):
                    found.add(ANYONE)
        return found
