"""What a model was sent, rendered again from the record alone, and whether it is what was sent then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from sandbox.engine.exchange import Exchange, Exchanges
from sandbox.engine.perception import CASTS, Perception
from sandbox.errors import Damaged
from sandbox.models.provider import Provider, Request
from sandbox.transcript.event import Event

__all__ = ["Seen", "saw"]


@dataclass(frozen=True, slots=True)
class Seen:
    """One think: what was sent, and whether it could be proved from the record."""

    turn: int
    think: int
    request: Request
    body: bytes
    """Exactly what went to the model, where its provider sends bytes."""
    digest_matches: bool
    sent_matches: bool | None
    """None where nothing went over a wire (a scripted model)."""


def saw(
    events: Iterable[Event], agent: str, providers: Mapping[str, Provider], turn: int | None = None
) -> list[Seen]:
    """Render again every request of ``agent`` (in ``turn``, if given), in order.

    Raises:
        Damaged: the record does not begin with ``run.started``, or knows no such agent.
    """
    perception, seen = Perception(only=agent), []
    exchanges = Exchanges(perception.contexts)
    for event in events:
        if not perception.contexts and event.kind != "run.started":
            raise Damaged("the record does not begin with run.started, so nobody is known in it")
        if event.kind in CASTS:
            exchanges.give_up()
        exchange = exchanges.take(event)
        wanted = event.kind == "think.done" and turn in (None, event.data["turn"])
        if exchange is not None and wanted:
            member = perception.contexts[agent].member
            seen.append(_seen(exchange, event, providers[member.provider]))
        perception.take(event)
        if agent not in perception.contexts:
            names = ", ".join(perception.state.agents)
            raise Damaged(f"there is no agent {agent!r} in this run; its agents are {names}")
    return seen


def _seen(exchange: Exchange, done: Event, provider: Provider) -> Seen:
    data, request = done.data, exchange.request
    body = provider.body(request)
    sent = data.get("sent")
    return Seen(
        turn=data["turn"],
        think=data["think"],
        request=request,
        body=body,
        digest_matches=data["saw"]["digest"] == exchange.saw["digest"],
        sent_matches=None if sent is None else sent["sha256"] == sha256(body).hexdigest(),
    )
