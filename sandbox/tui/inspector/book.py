"""Everything a record tells of one agent: what its model was asked, what it did, its shell, its box."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.console.lines import Line
from sandbox.console.narrator import Narrator
from sandbox.engine.exchange import Exchange, Exchanges
from sandbox.engine.perception import CASTS, Perception
from sandbox.errors import BackroomsError
from sandbox.models.provider import Provider
from sandbox.transcript.event import Event
from sandbox.transcript.kinds import SPEECH
from sandbox.tui.inspector.box_facts import BoxFacts
from sandbox.tui.inspector.mirror import Mirror

__all__ = ["Asked", "Book"]

_DID: Final = frozenset(
    {
        "think.done",
        "think.failed",
        "think.retried",
        "think.refused",
        "think.filtered",
        "think.empty",
    }
    | {
        "action.intent",
        "action.refused",
        "action.result",
        "turn.offered",
        "turn.ended",
        "turn.lost",
    }
    | {"say", "whisper", "peer.message", "message.held", "room.opened", "room.invited"}
    | {"room.joined", "room.left", "agent.died", "agent.left", "context.trimmed", "gate.refused"}
)
_NAMES: Final = frozenset({"run.started", "run.resumed", "operator.limit"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One request to the agent's model, and what it was not sent since the one before."""

    exchange: Exchange
    hidden: int
    """Messages of others that it could not perceive."""
    trimmed: int
    """Turns of its own past that were left out of the request for want of room."""
    provider: Provider | None
    """Who was asked; None where this machine has no such provider."""

    @property
    def turn(self) -> int:
        """Of the run."""
        turn = self.exchange.asked.data["turn"]
        return turn if isinstance(turn, int) else 0

    @property
    def seq(self) -> int:
        """Of the event that asked."""
        return self.exchange.asked.seq


class Book:
    """Give it every event of a run, from the first one; it keeps what is the agent's.

    Args:
        agent: whose.
        runs: the folder of transcripts, for agents that answer from an earlier run.
    """

    def __init__(self, agent: str, runs: Path) -> None:
        self.agent = agent
        self.agents: Sequence[str] = ()
        """All agents of the run, in the order of the scenario."""
        self.asked: list[Asked] = []
        self.fault = ""
        """Why requests cannot be rendered, in a sentence; empty if they can."""
        self.model = ""
        self.box = BoxFacts(agent)
        self.taken = 0
        """Events so far."""
        self.over = False
        """Whether the run has ended by now."""
        self._runs = runs
        self._providers: dict[str, Provider] = {}
        self._perception = Perception(only=agent)
        self._exchanges = Exchanges(self._perception.contexts)
        self._narrator = Narrator()
        self._mirror = Mirror(agent)
        self._hidden = 0
        self._trimmed = 0

    def take(self, event: Event) -> tuple[list[Line], list[Line]]:
        """Move on by one event; gives lines for what the agent said and did, and for its shell."""
        self.taken += 1
        self.over = event.kind == "run.ended" or (self.over and event.kind != "run.resumed")
        if event.kind in CASTS:
            agents = event.data.get("agents")
            self.agents = list(agents) if isinstance(agents, dict) else ()
            spec = agents.get(self.agent) if isinstance(agents, dict) else None
            self.model = str(spec.get("model") or "") if isinstance(spec, dict) else ""
        if not self.fault:
            self._ask(event)
        self.box.take(event)
        shell = [
            Line(0, self.agent, "shell", row, seq=event.seq) for row in self._mirror.take(event)
        ]
        mine = event.actor == self.agent
        if not (mine or event.kind in _NAMES):
            return [], shell
        told = self._narrator.narrate(event)
        return (told if mine and event.kind in _DID else []), shell

    def at(self, seq: int) -> int:
        """The last request that was made up to an event; -1 if there is none."""
        return bisect_right([asked.seq for asked in self.asked], seq) - 1

    def _ask(self, event: Event) -> None:
        """Follow what its model is asked; where that cannot be, say why and go on without."""
        try:
            self._follow(event)
        except BackroomsError as error:
            self.fault = str(error)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # A record from elsewhere may be an event a line, and not what an engine writes in them.
            self.fault = f"the record is none of an engine's: {type(error).__name__} at {error}"

    def _follow(self, event: Event) -> None:
        if event.kind in CASTS:
            if "imported" in event.data:
                self.fault = "this run was imported: what its models were sent stands in no record"
                return
            self._cast(event)
        done = self._exchanges.take(event)
        if done is not None and event.actor == self.agent:
            name = self._perception.contexts[self.agent].member.provider
            provider = self._providers.get(name)
            self.asked.append(Asked(done, self._hidden, self._trimmed, provider))
            self._hidden = 0
        viewers = self._perception.take(event)
        if event.kind in SPEECH and event.actor != self.agent and self.agent not in viewers:
            self._hidden += 1
        elif event.kind == "context.trimmed" and event.actor == self.agent:
            self._trimmed = int(event.data["start"])

    def _cast(self, event: Event) -> None:
        # Heavy: the makers' own libraries; nobody opens an inspector at once.
        from sandbox.engine.started import scenario_of
        from sandbox.models.registry import make_providers

        self._exchanges.give_up()
        scenario = scenario_of(event.data)
        self._providers |= make_providers(scenario, keys=lambda provider: None, root=self._runs)
