"""Who speaks in a sample of Inspect's: one model in one conversation, several agents, or calls apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.transcript.formats.fields import mapping, mappings, string
from sandbox.transcript.formats.importers.inspect_content import Attachments
from sandbox.transcript.formats.importers.inspect_inputs import Inputs

__all__ = ["Voices", "output"]


class Voices:
    """Names the party of each model event.

    The sample's own messages say which calls are its conversation. Others (a grader's, an auditor's) are
    apart, and named after their role or agent. Where several agents are at work, each has its name. Where
    several models take turns in the conversation, each speaks under its own.
    """

    def __init__(
        self,
        sample: Mapping[str, Any],
        events: Sequence[Mapping[str, Any]],
        attachments: Attachments,
        inputs: Inputs,
        model: str | None,
    ) -> None:
        self._key, self._begin = attachments.key, inputs.begin
        self._own = {self._key(message) for message in mappings(sample.get("messages"))}
        made = [event for event in events if event.get("event") == "model"]
        own = [event for event in made if self._taken(event)]
        # What such a call was given may begin with a prompt that the sample's messages lack.
        self._begins = {self._begin(event) for event in own}
        models = [string(event, "model") for event in own]
        self.model = model if model in models else next(filter(None, models), model)
        """The model of the sample's conversation: the evaluation's, unless only others took part."""
        self.main = self.model or "assistant"
        """The party of the sample's own conversation."""
        self._spans: dict[str, tuple[str | None, str | None]] = {}  # id: agent, parent
        for event in events:
            if event.get("event") == "span_begin" and (id := string(event, "id")):
                agent = string(event, "name") if event.get("type") == "agent" else None
                self._spans[id] = (agent, string(event, "parent_id"))
        self._several = len({self._agent(event) for event in made} - {None}) > 1
        self.told = bool(own) or any(self.of(event) == self.main for event in made)
        """Whether model events tell the sample's conversation."""

    def of(self, event: Mapping[str, Any]) -> str:
        """Name the party whose conversation a model event goes on with."""
        agent, model = self._agent(event), string(event, "model") or self.main
        if self._several and agent:
            return agent
        begin = self._begin(event)
        if not self._own or self._taken(event) or begin in self._begins:
            return self.main
        if begin and begin[0] in self._own:
            return self.main
        return string(event, "role") or agent or f"{model} (apart)"

    def speaker(self, voice: str, event: Mapping[str, Any]) -> str:
        """Name who made what a model event says: a second model may go on with the sample's conversation."""
        return (voice == self.main and string(event, "model")) or voice

    def _taken(self, event: Mapping[str, Any]) -> bool:
        """Whether what a model event made is among the sample's messages."""
        made = output(event)
        return bool(made) and self._key(made[0]) in self._own

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
