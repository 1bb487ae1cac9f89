"""What a model was sent, rendered again from the record alone, and whether it is what was sent then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from sandbox.engine.cast import cast_of
from sandbox.engine.desk import OWN
from sandbox.engine.state import State
from sandbox.errors import Damaged
from sandbox.models.context import Context
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
    state, context, seen = State(), None, []
    for event in events:
        if event.kind == "run.started":
            cast = cast_of(event.data)
            if agent not in cast:
                names = ", ".join(cast)
                raise Damaged(f"there is no agent {agent!r} in this run; its agents are {names}")
            context = Context(cast[agent])
        if context is None:
            raise Damaged("the record does not begin with run.started, so nobody is known in it")
        viewers = state.viewers(event) if event.visible_to != "none" else ()
        state.apply(event)
        if event.actor != agent:
            if agent in viewers and state.agents[agent].status != "gone":
                context.feed(event)
            continue
        if event.kind == "think.done":
            data = event.data
            if turn is None or data["turn"] == turn:
                # Only now, since what was left out of it is recorded behind its think.request.
                request, digest = context.request(data["turn"], data["think"], data["purpose"])
                provider = providers[context.member.provider]
                seen.append(_seen(event, _frozen(request), digest["digest"], provider))
        if event.kind in OWN:
            context.feed(event)
    return seen


def _frozen(request: Request) -> Request:
    """The request as it was then: its turns go on growing."""
    return replace(request, turns=tuple(request.turns))


def _seen(event: Event, request: Request, digest: str, provider: Provider) -> Seen:
    data = event.data
    body = provider.body(request)
    sent = data.get("sent")
    return Seen(
        turn=data["turn"],
        think=data["think"],
        request=request,
        body=body,
        digest_matches=data["saw"]["digest"] == digest,
        sent_matches=None if sent is None else sent["sha256"] == sha256(body).hexdigest(),
    )
