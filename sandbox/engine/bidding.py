"""Bids: every member is asked whether it wants the next turn, and one of those who do is drawn."""

from __future__ import annotations

from agents import wire
from sandbox.engine import thinking
from sandbox.engine.desk import Desk
from sandbox.engine.orders import pick_bidder
from sandbox.engine.step import Bidding
from sandbox.transcript.event import Event

__all__ = ["bid", "call", "draw", "think"]


def call(desk: Desk, deadline: float, now: float) -> Bidding:
    """Ask everybody who is here for the next turn."""
    turn, here = desk.state.turn + 1, desk.state.able()
    seconds = round(deadline - now, 3)
    for agent in here:
        news = desk.delta(agent)
        desk.ask(agent, wire.BidCall(turn, desk.state.seq, seconds, news), now)
    return Bidding(turn, deadline, set(here))


def think(
    desk: Desk, bidding: Bidding | None, agent: str, id: str, body: wire.ThinkRequest
) -> None:
    """An agent wants its model asked whether it wants the turn: once each."""
    if bidding is None or bidding.turn != body.turn or agent not in bidding.waiting:
        late = wire.Thought(body.turn, "", failed="no bids are asked for", over=True)
        desk.reply(agent, id, late)
    elif agent in bidding.asked:
        desk.reply(agent, id, wire.Thought(body.turn, "", failed="asked already"))
    else:
        bidding.asked.add(agent)
        bidding.thinking[agent] = thinking.ask(desk, agent, id, body, 1, "bid")


def bid(desk: Desk, bidding: Bidding | None, agent: str, id: str, body: wire.Bid) -> bool:
    """Take a bid in; whether it was the last that was waited for."""
    desk.reply(agent, id, wire.Ack())
    if bidding is None or bidding.turn != body.turn or agent not in bidding.waiting:
        return False
    bidding.waiting.discard(agent)
    bidding.bids[agent] = body.want
    return not bidding.waiting


def draw(desk: Desk, bidding: Bidding, seed: int) -> tuple[str | None, Event]:
    """Close the bids and draw; gives who has the turn (None: nobody wants it), and the event that says so."""
    for agent in bidding.waiting:
        desk.couriers[agent].forget()
    for under_way in bidding.thinking.values():
        thinking.cut(desk, under_way, "bids are closed")
    here = set(desk.state.able())
    bids = {agent: wants for agent, wants in sorted(bidding.bids.items()) if agent in here}
    drawn = pick_bidder(bids, seed, bidding.turn)
    data = {"turn": bidding.turn, "bids": bids, "drawn": drawn}
    return drawn, desk.record("turn.bid", "engine", data)
