"""Who speaks in a sample of Inspect's: one model in one conversation, several agents, or calls apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.transcript.formats.fields import mapping, mappings, string
from sandbox.transcript.formats.importers.inspect_content import Attachments

__all__ = ["Voices", "output"]


class Voices:
    """Names the party of each model event.

    The sample's own messages say which calls are its conversation. Others (a grader's, an auditor's) are
    apart, and named after their role or agent. Where several agents are at work, each has its name.
    """

    def __init__(
        self,
        sample: Mapping[str, Any],
        events: Sequence[Mapping[str, Any]],
        attachments: Attachments,
        model: str | None,
    ) -> None:
        self.main = model or "assistant"
        """The party of the sample's own conversation."""
        self._key = attachments.key
        self._own = {self._key(message) for message in mappings(sample.get("messages"))}
        self._spans: dict[str, tuple[str | None, str | None]] = {}  # id: agent, parent
        for event in events:
            if event.get("event") == "span_begin" and (id := string(event, "id")):
                agent = string(event, "name") if event.get("type") == "agent" else None
                self._spans[id] = (agent, string(event, "parent_id"))
        agents = {self._agent(event) for event in events if event.get("event") == "model"}
        self._several = len(agents - {None}) > 1

    def of(
        self, event: Mapping[str, Any], first: Mapping[str, Any], said: Mapping[str, Any]
    ) -> str:
        """Name the party of a model event, by the first message it was given and the one it made."""
        agent, model = self._agent(event), string(event, "model") or self.main
        if self._several and agent:
            return agent
        if (
            not self._own
            or self._key(said) in self._own
            or (first and self._key(first) in self._own)
        ):
            return self.main
        return string(event, "role") or agent or f"{model} (apart)"

    def _agent(self, event: Mapping[str, Any]) -> str | None:
        """Return the agent in whose span an event is."""
        span = string(event, "span_id")
        for _ in range(100):  # spans of a hostile file may form a circle
            if span is None:
                return None
            agent, span = self._spans.get(span, (None, None))
            if agent:
                return agent
        return None


def output(event: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the messages that a model event made: the first is the conversation's."""
    choices = mappings(mapping(event.get("output")).get("choices"))
    return [mapping(choice.get("message")) for choice in choices]
