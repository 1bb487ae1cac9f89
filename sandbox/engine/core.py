"""One run as a state machine: inputs in, a Step out; no await, no clock, no Docker.

The shell around it (sandbox.engine.play, or sandbox.engine.offline without any bus) feeds it what
happens and does what its steps say, in this order: record the events, make them durable, then send
messages and ask models.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from agents import wire
from sandbox.detect.watch import Watch
from sandbox.engine import acting, budget, thinking
from sandbox.engine.desk import Desk
from sandbox.engine.orders import next_speaker, pick_bidder
from sandbox.engine.state import State
from sandbox.engine.step import Bidding, Floor, Step, Think
from sandbox.engine.stops import Ending, why_end
from sandbox.models.gateway import Gateway, Outcome
from sandbox.scenario.schema import Scenario
from sandbox.transcript.kinds import Kind

__all__ = ["HELLO_SECONDS", "Core"]

INTENTS: Final = 64
"""Actions in one turn; eight thinks with more than eight calls each have not been seen."""
PEER_MESSAGES: Final = 32
PEER_CHARACTERS: Final = 16_384
"""What one agent may say on direct lines while one turn lasts: whoever hears it pays for reading it."""
LINK_SECONDS: Final = 60.0
"""How long a run waits for its bus before it ends."""
HELLO_EVERY: Final = 1.0
"""Seconds between repeats that an agent can cause by saying hello again."""
HELLO_SECONDS: Final = 60.0
"""How long an agent's process may take to its hello; the slowest tier seen needs 8 s for 20 at once."""


class Core:
    """The run of one scenario."""

    def __init__(
        self, scenario: Scenario, gateway: Gateway, watch: Watch, *, boxed: bool = True
    ) -> None:
        self.scenario = scenario
        self._desk = Desk(scenario, gateway, watch, boxed=boxed)
        self._floor: Floor | None = None
        self._bidding: Bidding | None = None
        self._began = 0.0
        self._hello_by: float | None = None
        self._lost: float | None = None  # since when there is no bus
        self._lines: dict[str, tuple[int, int, int]] = {}  # sender -> turn, messages, characters
        self._greeted: dict[str, float] = {}
        self._ended_because = ""

    @property
    def state(self) -> State:
        """Where the run stands."""
        return self._desk.state

    @property
    def ended_because(self) -> str:
        """Why the run has ended, in a sentence; empty while it goes on."""
        return self._ended_because

    # inputs ----------------------------------------------------------------------------------

    def begin(self, started: Mapping[str, Any], now: float) -> Step:
        """The run starts; ``started`` is the data of its first event."""
        self._began = now
        self._hello_by = now + HELLO_SECONDS
        self._desk.record("run.started", "engine", started)
        return self._desk.take()

    def note(
        self, kind: Kind, actor: str, data: Mapping[str, Any], parent: int | None = None
    ) -> Step:
        """Something outside happened that is only to be recorded (box, gate, bus, door)."""
        if self.state.ended is None:
            self._desk.record(kind, actor, data, parent=parent)
        return self._desk.take()

    def message(self, agent: str, id: str, re: str | None, body: wire.Body, now: float) -> Step:
        """An agent's process says something on the bus."""
        courier = self._desk.couriers[agent]
        if self.state.ended is not None or self.state.agents[agent].status == "gone":
            return self._desk.take()
        if isinstance(body, wire.Ack):
            courier.heard(re, ack=True, now=now)
            return self._desk.take()
        new, repeat = courier.admit(id)
        if not new:
            if repeat is not None:
                self._desk.step.messages.append(repeat)
            return self._desk.take()
        courier.heard(re)
        match body:
            case wire.ThinkRequest(purpose="act"):
                self._act_think(agent, id, body, now)
            case wire.ThinkRequest():
                self._bid_think(agent, id, body)
            case wire.Intent():
                self._intent(agent, id, body, now)
            case wire.Result():
                self._result(agent, id, body)
            case wire.Hello():
                self._hello(agent, id, body, now)
            case wire.Bid():
                self._bid(agent, id, body, now)
            case _:
                self.refuse(agent, f"{body.KIND!r} is no message of an agent", "", now)
        return self._desk.take()

    def refuse(self, agent: str, why: str, sample: str, now: float) -> None:
        """A message of an agent could not be taken; it is on record within a second."""
        self._desk.refusals.note(agent, why, sample, now)

    def peer(self, sender: str, to: str, text: str, now: float) -> Step:
        """A message came on the direct line between two agents."""
        target = self.state.agents.get(to)
        if self.state.ended is not None:
            return self._desk.take()
        if self.state.agents[sender].status != "here":
            return self._desk.take()
        if target is None or target.status == "gone" or to == sender:
            self.refuse(sender, "no direct line there", text, now)
        elif not self._may_send(sender, text):
            self.refuse(sender, "too many words on direct lines in one turn", text, now)
        else:
            data = {"to": to, "text": text}
            self._desk.record("peer.message", sender, data, None, (sender, to))
        return self._desk.take()

    def _may_send(self, sender: str, text: str) -> bool:
        turn, count, characters = self._lines.get(sender, (0, 0, 0))
        if turn != self.state.turn:
            turn, count, characters = self.state.turn, 0, 0
        count, characters = count + 1, characters + len(text)
        if count > PEER_MESSAGES or characters > PEER_CHARACTERS:
            return False
        self._lines[sender] = (turn, count, characters)
        return True

    def answer(self, think: Think, result: Outcome, ms: float, now: float) -> Step:
        """A model has answered, or failed; ``ms`` is how long it took."""
        floor, bidding = self._floor, self._bidding
        if floor is not None and floor.thinking is think:
            floor.thinking = None
            over = thinking.thought(self._desk, floor, think, result, ms)
            if over is not None:
                self._end_turn(over, now)
        elif bidding is not None and bidding.thinking.get(think.agent) is think:
            del bidding.thinking[think.agent]
            thinking.done(self._desk, think, result, ms)
            reply = wire.Thought(think.turn, result.text, failed=result.error)
            self._desk.reply(think.agent, think.reply_to, reply)
        return self._desk.take()

    def retried(self, think: Think, data: Mapping[str, Any]) -> Step:
        """A model has failed in passing and is asked again; nothing changes but the record."""
        if self._under_way(think):
            head = {"turn": think.turn, "think": think.number, "purpose": think.purpose}
            self._desk.record("think.retried", think.agent, head | dict(data), parent=think.seq)
        return self._desk.take()

    def _under_way(self, think: Think) -> bool:
        floor, bidding = self._floor, self._bidding
        if floor is not None and floor.thinking is think:
            return True
        return bidding is not None and bidding.thinking.get(think.agent) is think

    def gone(self, agent: str, data: Mapping[str, Any], now: float) -> Step:
        """An agent's box has ended, or its process never came up."""
        if self.state.ended is None and self.state.agents[agent].status != "gone":
            self._desk.record("agent.died", agent, data, None, "all")
            self._departed(agent, "died", now)
        return self._desk.take()

    def link_lost(self, why: str, now: float) -> Step:
        """The bus is gone: the turn's clock stands still until it is back."""
        if self._lost is None:
            self._lost = now
        return self.note("bus.lost", "engine", {"why": why})

    def link_back(self, now: float) -> Step:
        """The bus is back: both sides send again at once what was not answered."""
        if self.state.ended is not None:
            return self._desk.take()
        away = 0.0 if self._lost is None else now - self._lost
        self._lost = None
        self._greeted.clear()
        self._desk.record("bus.back", "engine", {"seconds": round(away, 3)})
        for waiting in (self._floor, self._bidding):
            if waiting is not None:
                waiting.deadline += away
        for agent in self.state.present():
            self._desk.tell(agent, self._welcome(agent))
            message = self._desk.couriers[agent].repeat(now, all_of_them=True)
            if message is not None:
                self._desk.step.messages.append(message)
        return self._desk.take()

    def stop(self, reason: str, now: float) -> Step:
        """The operator ends the run."""
        if self.state.ended is None:
            self._desk.record("operator.stop", "operator", {"reason": reason})
            self._finish(Ending("stopped", reason), now)
        return self._desk.take()

    def fail(self, detail: str, now: float) -> Step:
        """The house itself has failed: close the record as well as it can be."""
        if self.state.ended is None:
            self._finish(Ending("error", detail), now)
        return self._desk.take()

    def tick(self, now: float) -> Step:
        """Time has passed: deadlines, repeats, counted refusals."""
        if self.state.ended is not None:
            return self._desk.take()
        for courier in self._desk.couriers.values():
            message = courier.repeat(now)
            if message is not None:
                self._desk.step.messages.append(message)
        self._desk.write_refusals(now)
        if self._lost is not None:
            if now - self._lost >= LINK_SECONDS:
                self._finish(Ending("error", f"the bus was gone for {LINK_SECONDS:g} s"), now)
            return self._desk.take()
        if self._floor is not None and now >= self._floor.deadline:
            self._end_turn("deadline", now, tell=True)
        elif self._bidding is not None and now >= self._bidding.deadline:
            self._draw(self._bidding, now)
        if self._hello_by is not None and now >= self._hello_by:
            for late in [a.id for a in self.state.agents.values() if a.status == "expected"]:
                data = {"reason": f"no hello within {HELLO_SECONDS:g} s", "code": None}
                self._desk.record("agent.died", late, data, None, "all")
                self._departed(late, "died", now)
        return self._desk.take()

    def due(self) -> float | None:
        """When ``tick`` is to be called at the latest."""
        times = [courier.due() for courier in self._desk.couriers.values()]
        if self._lost is not None:
            return self._lost + LINK_SECONDS
        times += [self._desk.refusals.due(), self._hello_by]
        times.append(self._floor.deadline if self._floor is not None else None)
        times.append(self._bidding.deadline if self._bidding is not None else None)
        return min((t for t in times if t is not None), default=None)

    # coming and going ------------------------------------------------------------------------

    def _hello(self, agent: str, id: str, body: wire.Hello, now: float) -> None:
        state = self.state.agents[agent]
        if state.status == "expected":
            member = self._desk.gateway.contexts[agent].member
            data: dict[str, Any] = {"model": member.model, "family": member.family}
            data |= {"python": body.python, "pid": body.pid}
            self._desk.record("agent.joined", agent, data)
        elif now - self._greeted.get(agent, 0.0) >= HELLO_EVERY:
            # It was cut off, and may have missed what we said meanwhile.
            self._greeted[agent] = now
            missed = self._desk.couriers[agent].repeat(now, all_of_them=True)
            if missed is not None:
                self._desk.step.messages.append(missed)
        self._desk.reply(agent, id, self._welcome(agent))
        self._open(now)

    def _welcome(self, agent: str) -> wire.Welcome:
        tools: list[str] = list(self.scenario.agents[agent].tools)
        return wire.Welcome(agent, self.state.agents[agent].room, tools)

    def _open(self, now: float) -> None:
        """Begin with turn 1 once every agent has come or is gone."""
        expected = any(a.status == "expected" for a in self.state.agents.values())
        if self._hello_by is not None and not expected:
            self._hello_by = None
            self._began = now
            self._next_turn(now)

    def _departed(self, agent: str, reason: str, now: float) -> None:
        self._desk.step.departed.append(agent)
        self._desk.couriers[agent].forget()
        self._desk.news[agent].clear()
        bidding = self._bidding
        if self._floor is not None and self._floor.agent == agent:
            self._end_turn(reason, now)
        elif bidding is not None and agent in bidding.waiting:
            bidding.waiting.discard(agent)
            self._close_bids(bidding, now)
        else:
            self._open(now)

    # turns -----------------------------------------------------------------------------------

    def _next_turn(self, now: float) -> None:
        ending = self._desk.ending or why_end(self.scenario, self.state, now - self._began)
        if ending is not None:
            self._finish(ending, now)
        elif self.scenario.order.kind == "volunteer":
            self._call_bids(now)
        else:
            agent = next_speaker(self.scenario.order, self.state, self.scenario.seed)
            assert agent is not None, "why_end ends a run that nobody is left in"
            if self._can_pay(agent, now):
                self._offer(agent, self.state.turn + 1, now)

    def _can_pay(self, agent: str, now: float, drawn_in: int | None = None) -> bool:
        """Whether a budget leaves room for a turn; else the agent leaves, or the run ends.

        ``drawn_in`` is the turn that has begun with bids, and ends here if the winner cannot pay.
        """
        desk = self._desk
        if not desk.budgets:
            return True
        context = desk.gateway.contexts[agent]
        coming = budget.estimate(self.state, agent, context.sent_bytes, context.member.price)
        limit = budget.used_up(desk.budgets, self.state, agent, coming)
        if limit is None:
            return True
        data = budget.told(self.state, limit)
        event = desk.record("budget.spent", "engine", data)
        if drawn_in is not None:
            lost = {"turn": drawn_in, "agent": agent, "reason": "budget", "thinks": 0}
            desk.record("turn.ended", "engine", lost, parent=event.seq)
        if limit.agent is None:
            self._finish(Ending(limit.what, data["detail"]), now)
        else:
            desk.record("agent.left", agent, {"reason": "its budget is spent"}, None, "all")
            self._departed(agent, "left", now)
            self._next_turn(now)
        return False

    def _deadline(self, seconds: float, now: float) -> float:
        """A deadline that is never behind the run's own."""
        limit = self.scenario.limits.seconds
        return now + seconds if limit is None else min(now + seconds, self._began + limit)

    def _offer(self, agent: str, turn: int, now: float) -> None:
        limits = self.scenario.limits
        data = {"turn": turn, "agent": agent, "upto": self.state.seq}
        event = self._desk.record("turn.offered", agent, data)
        deadline = self._deadline(limits.turn_seconds, now)
        self._floor = Floor(turn, agent, deadline, event.seq)
        room, news = self.state.agents[agent].room, self._desk.delta(agent)
        offer = wire.Offer(turn, event.seq, room, round(deadline - now, 3), limits.thinks, news)
        self._desk.ask(agent, offer, now)

    def _end_turn(self, reason: str, now: float, *, tell: bool = False) -> None:
        floor = self._floor
        assert floor is not None
        self._floor = None
        if floor.thinking is not None:
            thinking.cut(self._desk, floor.thinking, reason)
        self._desk.couriers[floor.agent].forget()
        data = {"turn": floor.turn, "agent": floor.agent, "reason": reason, "thinks": floor.thinks}
        self._desk.record("turn.ended", floor.agent, data, parent=floor.seq)
        if tell:
            self._desk.tell(floor.agent, wire.TurnOver(floor.turn, reason))
        if reason != "stopped":
            self._next_turn(now)

    def _finish(self, ending: Ending, now: float) -> None:
        if self._floor is not None:
            self._end_turn("stopped", now, tell=True)
        if self._bidding is not None:
            for think in self._bidding.thinking.values():
                thinking.cut(self._desk, think, "stopped")
        self._bidding = None
        self._desk.write_refusals(now, all_of_them=True)
        for agent in self.state.present():
            self._desk.couriers[agent].forget()
            self._desk.tell(agent, wire.Stop(ending.reason))
        data: dict[str, Any] = {"reason": ending.reason, "detail": ending.detail}
        data |= {"turns": self.state.turn, "seconds": round(now - self._began, 3)}
        self._ended_because = ending.detail
        self._desk.record("run.ended", "engine", data | {"totals": asdict(self.state.totals)})
        self._desk.step.ended = True

    # bids ------------------------------------------------------------------------------------

    def _call_bids(self, now: float) -> None:
        turn = self.state.turn + 1
        here = self.state.present()
        deadline = self._deadline(self.scenario.order.bid_seconds, now)
        self._bidding = Bidding(turn, deadline, set(here))
        seconds = round(deadline - now, 3)
        for agent in here:
            news = self._desk.delta(agent)
            self._desk.ask(agent, wire.BidCall(turn, self.state.seq, seconds, news), now)

    def _bid_think(self, agent: str, id: str, body: wire.ThinkRequest) -> None:
        bidding = self._bidding
        if bidding is None or bidding.turn != body.turn or agent not in bidding.waiting:
            late = wire.Thought(body.turn, "", failed="no bids are asked for", over=True)
            self._desk.reply(agent, id, late)
        elif agent in bidding.asked:
            self._desk.reply(agent, id, wire.Thought(body.turn, "", failed="asked already"))
        else:
            bidding.asked.add(agent)
            bidding.thinking[agent] = thinking.ask(self._desk, agent, id, body, 1, "bid")

    def _bid(self, agent: str, id: str, body: wire.Bid, now: float) -> None:
        self._desk.reply(agent, id, wire.Ack())
        bidding = self._bidding
        if bidding is not None and bidding.turn == body.turn and agent in bidding.waiting:
            bidding.waiting.discard(agent)
            bidding.bids[agent] = body.want
            self._close_bids(bidding, now)

    def _close_bids(self, bidding: Bidding, now: float) -> None:
        if not bidding.waiting:
            self._draw(bidding, now)

    def _draw(self, bidding: Bidding, now: float) -> None:
        self._bidding = None
        for agent in bidding.waiting:
            self._desk.couriers[agent].forget()
        for think in bidding.thinking.values():
            thinking.cut(self._desk, think, "bids are closed")
        here = set(self.state.present())
        bids = {agent: wants for agent, wants in sorted(bidding.bids.items()) if agent in here}
        drawn = pick_bidder(bids, self.scenario.seed, bidding.turn)
        data = {"turn": bidding.turn, "bids": bids, "drawn": drawn}
        event = self._desk.record("turn.bid", "engine", data)
        if drawn is not None:
            if self._can_pay(drawn, now, bidding.turn):
                self._offer(drawn, bidding.turn, now)
            return
        silent = {"turn": bidding.turn, "agent": None, "reason": "silence", "thinks": 0}
        self._desk.record("turn.ended", "engine", silent, parent=event.seq)
        self._next_turn(now)

    # the agent that has the floor ------------------------------------------------------------

    def _floor_of(self, agent: str, turn: int) -> Floor | None:
        floor = self._floor
        return floor if floor is not None and floor.agent == agent and floor.turn == turn else None

    def _act_think(self, agent: str, id: str, body: wire.ThinkRequest, now: float) -> None:
        floor = self._floor_of(agent, body.turn)
        if floor is None:
            self._out_of_turn(agent, "a think out of turn", body, now)
            late = wire.Thought(body.turn, "", failed="it is not your turn", over=True)
            self._desk.reply(agent, id, late)
        elif floor.thinking is not None or floor.running is not None:
            self._desk.reply(agent, id, wire.Thought(body.turn, "", failed="one thing at a time"))
        elif floor.thinks >= self.scenario.limits.thinks:
            self._desk.reply(agent, id, wire.Thought(body.turn, "", over=True))
            self._end_turn("thinks", now)
        else:
            floor.thinks += 1
            floor.calls = {}
            floor.thinking = thinking.ask(self._desk, agent, id, body, floor.thinks, "act")

    def _intent(self, agent: str, id: str, body: wire.Intent, now: float) -> None:
        floor = self._floor_of(agent, body.turn)
        if floor is None or floor.thinking is not None or floor.running is not None:
            self._out_of_turn(agent, "an action out of turn", body, now)
            text = "it is not your turn" if floor is None else "one thing at a time"
            verdict = wire.Verdict(body.turn, body.call, False, output=text, over=floor is None)
            self._desk.reply(agent, id, verdict)
            return
        floor.intents += 1
        if floor.intents > INTENTS:
            text = f"that was the last of {INTENTS} actions in one turn"
            verdict = wire.Verdict(floor.turn, body.call, False, output=text, over=True)
            self._desk.reply(agent, id, verdict)
            self._end_turn("actions", now)
            return
        over = acting.intend(self._desk, floor, id, body)
        if over is None:
            return
        if over.left:
            self._departed(agent, over.reason, now)
        else:
            self._end_turn(over.reason, now)

    def _result(self, agent: str, id: str, body: wire.Result) -> None:
        floor = self._floor_of(agent, body.turn)
        if floor is None:
            self._desk.reply(agent, id, wire.Ack(over=True))
        else:
            acting.result(self._desk, floor, id, body)

    def _out_of_turn(self, agent: str, why: str, body: wire.Body, now: float) -> None:
        """Put it on record, unless it is the straggler of a turn that has just ended."""
        if getattr(body, "turn", 0) >= self.state.turn or self.state.last_speaker != agent:
            self.refuse(agent, why, str(body), now)
