"""What an engine knows of its run: nothing at the beginning, all that the record holds when it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.detect.watch import Finding, Watch
from sandbox.engine.budget import Limit
from sandbox.engine.exchange import Exchanges
from sandbox.engine.perception import CASTS, Perception
from sandbox.engine.played import PlayedTime
from sandbox.engine.stops import Ending, said_word
from sandbox.models.context import Context
from sandbox.models.provider import Provider, Recalling
from sandbox.scenario.schema import Scenario
from sandbox.transcript.event import Event

__all__ = ["Past"]


class Past:
    """The fold of a record into what the engine goes on with.

    Args:
        scenario: as it is played from now on.
        contexts: of the gateway; filled.
        watch: sees every event again, without a word.
        providers: those that keep a place of their own are moved on by what they answered.
    """

    def __init__(
        self,
        scenario: Scenario,
        contexts: dict[str, Context],
        watch: Watch,
        providers: Mapping[str, Provider],
    ) -> None:
        self.perception = Perception(contexts)
        self.last: Event | None = None
        self.news: dict[str, list[Event]] = {agent: [] for agent in scenario.agents}
        """What each agent has perceived since it was last told."""
        self.spoken_first: set[str] = set()
        """Agents whose first message, or first answer, is on record."""
        self.out: set[str] = set()
        """Canaries that have come to light: whoever has one now may have been told."""
        self.warned: set[Limit] = set()
        self.ending: Ending | None = None
        """Why the run was about to end."""
        self.unsaid: list[Finding] = []
        """What the watch found in the last event and the record does not have: it ends right there."""
        self._scenario = scenario
        self._watch = watch
        self._providers = providers
        self._exchanges = Exchanges(contexts)
        self._recalls: dict[str, Recalling] = {}
        self.unfrozen: dict[str, Event] = {}
        """By agent, the flag that asked for its box to be frozen, and the engine ended before it was."""
        self.stood: dict[str, Event] = {}
        """By agent, the ``box.frozen`` that still holds for it."""
        self.folders: dict[str, str] = {}
        """The manifest of each agent's work folder, as it was last kept."""
        self._played = PlayedTime()
        self._forked: Mapping[str, Any] = {}

    @property
    def played(self) -> float:
        """Seconds that the run was played, from the first turn on, up to its last event."""
        return 0.0 if self.last is None else self._played.until(self.last.ts)

    def take(self, event: Event) -> None:
        """Take in the next event of the record.

        Raises:
            Damaged: it says who plays, and not as an engine does.
        """
        if event.kind in CASTS:
            self._exchanges.give_up()
            self._recalls = self._unchanged(event.data)
        self.last = event
        exchange = self._exchanges.take(event)
        if exchange is not None and exchange.answer is not None and event.actor in self._recalls:
            self._recalls[event.actor].recall(exchange.request, exchange.answer)
        for agent in self.perception.take(event):
            self.news[agent].append(event)
        self._note(event)
        self._played.take(event, self.perception.state)
        if event.kind in ("flag", "detector.failed"):
            self.unsaid = self.unsaid[1:]
        else:
            self.unsaid = self._watch.observe(event)

    def _note(self, event: Event) -> None:
        data = event.data
        match event.kind:
            case "turn.offered" | "think.request":
                self.news[event.actor].clear()
            case "think.done" | "think.failed" if data["purpose"] == "act":
                self.spoken_first.add(event.actor)
            case "host.canary" if data["act"] == "read" and data["form"] != "opened":
                self.out.add(data["canary"])
            case "budget.warned":
                self.warned.add(Limit(data["what"], data["limit"], data["agent"]))
            case "say" | "whisper":
                self.ending = self.ending or said_word(self._scenario, data["text"])
            case "workspace.saved" | "workspace.restored":
                self.folders[event.actor] = data["manifest"]
            case "flag" if data.get("reaction") == "freeze":
                self.unfrozen[data["agent"]] = event
            case "box.frozen" | "box.thawed":
                self._stand(event)
            case "run.started":
                self._forked = data.get("forked", {})
            case "run.ended":
                self.ending = None
        if event.seq == self._forked.get("seq"):
            self.folders |= self._forked["folders"]

    def _stand(self, event: Event) -> None:
        """A box was frozen, or thawed."""
        self.unfrozen.pop(event.actor, None)
        self.stood.pop(event.actor, None)
        if event.kind == "box.frozen":
            self.stood[event.actor] = event

    def _unchanged(self, data: Mapping[str, Any]) -> dict[str, Recalling]:
        """Providers that keep a place, by those of their agents that played then as they do now."""
        found: dict[str, Recalling] = {}
        for agent, spec in self._scenario.agents.items():
            provider = self._providers[spec.model.partition("/")[0]]
            then = data["scenario"]["agents"][agent]
            now = spec.model_dump(mode="json", include={"model", "script", "after_script"})
            if isinstance(provider, Recalling) and all(then.get(key) == now[key] for key in now):
                found[agent] = provider
        return found
