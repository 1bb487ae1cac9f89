"""What an agent may publish and hear, and the quick answer to it for every message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from agents.topics import covers, is_filter, is_topic

__all__ = ["Permits", "Rights"]

_REMEMBERED: Final = 512
"""Answers kept per direction. An agent chooses topics, so this must end; no run has that many."""


@dataclass(frozen=True, slots=True)
class Rights:
    """Filters of topics: those an agent may publish to, and those it may hear."""

    publish: tuple[str, ...] = ()
    subscribe: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for pattern in (*self.publish, *self.subscribe):
            if not is_filter(pattern):
                raise ValueError(
                    f"{pattern!r} is no filter: use levels of [a-z0-9_-], '+', a last '#'"
                )


class Permits:
    """One agent's rights as they are now; each answer is worked out once and then remembered."""

    __slots__ = ("_hears", "_publishes", "_rights")

    def __init__(self, rights: Rights) -> None:
        self.grant(rights)

    def grant(self, rights: Rights) -> None:
        """Put other rights in force, from the next message on."""
        self._rights = rights
        self._publishes: dict[bytes, bool] = {}
        self._hears: dict[bytes, bool] = {}

    def may_publish(self, topic: bytes) -> bool:
        """Tell whether the agent may publish to this topic, as it stands in the packet."""
        answer = self._publishes.get(topic)
        if answer is None:
            answer = _remember(self._publishes, topic, self._rights.publish)
        return answer

    def may_hear(self, topic: bytes) -> bool:
        """Tell whether a message on this topic may reach the agent."""
        answer = self._hears.get(topic)
        if answer is None:
            answer = _remember(self._hears, topic, self._rights.subscribe)
        return answer

    def may_subscribe(self, pattern: str) -> bool:
        """Tell whether all that this filter can match is among the agent's rights."""
        return is_filter(pattern) and any(covers(f, pattern) for f in self._rights.subscribe)


def _remember(answers: dict[bytes, bool], topic: bytes, filters: tuple[str, ...]) -> bool:
    text = topic.decode("latin-1")
    answer = is_topic(text) and any(covers(f, text) for f in filters)
    if len(answers) >= _REMEMBERED:
        answers.clear()
    if len(topic) <= 256:
        answers[topic] = answer
    return answer
