"""One run as a state machine: inputs in, a Step out; no await, no clock, no Docker.

The shell around it (sandbox.engine.play, or sandbox.engine.offline without any bus) feeds it what
happens and does what its steps say, in this order: record the events, make them durable, then send
messages and ask models.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from agents import wire
from sandbox.detect.watch import Watch
from sandbox.engine import acting, affording, bidding, reacting, thinking
from sandbox.engine.closing import close
from sandbox.engine.desk import Desk, Seek, Total
from sandbox.engine.greeting import Greeting
from sandbox.engine.hold import Matches
from sandbox.engine.keeping import Keeping
from sandbox.engine.mending import mend
from sandbox.engine.operator import Answer, Hand
from sandbox.engine.operator_acts import Act, Stop
from sandbox.engine.orders import next_speaker
from sandbox.engine.past import Past
from sandbox.engine.quota import DirectLines
from sandbox.engine.state import State
from sandbox.engine.step import Bidding, Floor, Freeze, Frozen, Noted, Save, Step, Think
from sandbox.engine.stops import Ending, why_end
from sandbox.models.gateway import Gateway, Outcome
from sandbox.scenario.schema import Scenario
from sandbox.transcript.kinds import Kind

__all__ = ["Core"]

INTENTS: Final = 64
"""Actions in one turn; eight thinks with more than eight calls each have not been seen."""
LINK_SECONDS: Final = 60.0
"""How long a run waits for its bus before it ends."""


class Core:
    """The run of one scenario; with a ``past``, one that goes on."""

    def __init__(
        self,
        scenario: Scenario,
        gateway: Gateway,
        watch: Watch,
        *,
        boxed: bool = True,
        past: Past | None = None,
        keep_folders: bool = False,
    ) -> None:
        self._past = past or Past(scenario, gateway.contexts, watch, {})
        self._desk = Desk(scenario, gateway, watch, self._past, boxed=boxed)
        self._floor: Floor | None = None
        self._bidding: Bidding | None = None
        self._began = 0.0
        self._lost: float | None = None  # since when there is no bus
        self._lines = DirectLines(self._desk)
        self._keeping = Keeping(self._desk, on=keep_folders)
        self.hand = Hand(self._desk)
        """What the operator has done, for who asks how the run stands."""
        self._greeting = Greeting(self._desk)

    @property
    def scenario(self) -> Scenario:
        """What is played, with the limits that hold now."""
        return self._desk.scenario

    @property
    def state(self) -> State:
        """Where the run stands."""
        return self._desk.state

    @property
    def ended_because(self) -> str:
        """Why the run has ended, in a sentence; empty while it goes on."""
        ending = self._keeping.ending
        return "" if ending is None or self.state.ended is None else ending.detail

    def look_with(self, look: Matches) -> None:
        """Have the operator's patterns looked for by ``look``, which must have an end."""
        self._desk.holding.look = look

    def watch_with(self, seek: Seek, total: Total) -> None:
        """Record behind each event what ``seek`` finds in it, and in the last one what ``total`` tells then."""
        self._desk.seek, self._desk.watched = seek, total

    # inputs ----------------------------------------------------------------------------------

    def begin(self, started: Mapping[str, Any], now: float) -> Step:
        """The run starts, or goes on; ``started`` is the data of the event that says so."""
        self._began = now
        self._greeting.begin(now)
        if self._past.last is None:
            self._desk.record("run.started", "engine", started)
        else:
            resumed = self._desk.record("run.resumed", "engine", started)
            mend(self._desk, self.hand, self._past, resumed)
            here = {a.id for a in self.state.agents.values() if a.status != "gone"}
            self._keeping.busy |= here & self._past.folders.keys()  # until they are put back
            self._open(now)
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
                bidding.think(self._desk, self._bidding, agent, id, body)
            case wire.Intent():
                self._intent(agent, id, body, now)
            case wire.Result():
                self._result(agent, id, body)
            case wire.Hello():
                self._greeting.hello(agent, id, body, now)
                reacting.again(self._desk, self._keeping, self._past.stood, agent)
                self._open(now)
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
        if self.state.ended is None and self.state.agents[sender].status == "here":
            refused = self._lines.send(sender, to, text)
            if refused is not None:
                self.refuse(sender, refused, text, now)
        return self._desk.take()

    def answer(self, think: Think, result: Outcome, ms: float, now: float) -> Step:
        """A model has answered, or failed; ``ms`` is how long it took."""
        floor, asked = self._floor, self._bidding
        if floor is not None and floor.thinking is think:
            floor.thinking = None
            over = thinking.thought(self._desk, floor, think, result, ms)
            if over is not None:
                self._end_turn(over, now)
        elif asked is not None and asked.thinking.get(think.agent) is think:
            del asked.thinking[think.agent]
            thinking.done(self._desk, think, result, ms)
            reply = wire.Thought(think.turn, result.text, failed=result.error)
            self._desk.reply(think.agent, think.reply_to, reply)
        return self._desk.take()

    def retried(self, think: Think, data: Mapping[str, Any]) -> Step:
        """A model has failed in passing and is asked again; nothing changes but the record."""
        thinking.retried(self._desk, self._floor, self._bidding, think, data)
        return self._desk.take()

    def gone(
        self,
        agent: str,
        data: Mapping[str, Any],
        now: float,
        *,
        box: Mapping[str, Any] | None = None,
    ) -> Step:
        """An agent's box has ended (``box`` tells how), or its process never came up."""
        if self.state.ended is None and self.state.agents[agent].status != "gone":
            if box is not None:
                self._desk.record("box.ended", agent, box)
            self._desk.record("agent.died", agent, data, None, "all")
            self._departed(agent, "died", now)
        return self._desk.take()

    def kept(self, save: Save, noted: Sequence[Noted], now: float) -> Step:
        """An agent's box was looked at after its turn: what is to be recorded of it, if anything."""
        if self.state.ended is None:
            turn_waits = self._keeping.done(save, noted)
            reacting.again(self._desk, self._keeping, self._past.stood, save.agent)
            self._close(now)
            if turn_waits:
                self._next_turn(now)
        return self._desk.take()

    def react(self, now: float) -> Step | None:
        """What was flagged since the last call has its consequences; None if there are none."""
        if not self._desk.flagged:
            return None
        for what in reacting.due(self._desk, self._keeping):
            if isinstance(what, Ending):
                self._finish(what, now)
            else:
                self._interrupt(what, "frozen", now, tell=True)
        return self._desk.take()

    def froze(self, freeze: Freeze, done: Frozen, now: float) -> Step:
        """An agent's box stands still after a flag, or could not be made to."""
        turn_waits = self._keeping.frozen(freeze.agent)
        if self.state.ended is None:
            if reacting.frozen(self._desk, freeze, done):
                self._departed(freeze.agent, "died", now)
            self._interrupt(freeze.agent, "frozen", now)
            self._close(now)
            if turn_waits:
                self._next_turn(now)
            self._freed(now)
        return self._desk.take()

    def link_lost(self, why: str, now: float) -> Step:
        """The bus is gone: the turn's clock stands still until it is back."""
        self._lost = now if self._lost is None else self._lost
        return self.note("bus.lost", "engine", {"why": why})

    def link_back(self, now: float) -> Step:
        """The bus is back: both sides send again at once what was not answered."""
        if self.state.ended is not None:
            return self._desk.take()
        away = 0.0 if self._lost is None else now - self._lost
        self._lost = None
        self._desk.record("bus.back", "engine", {"seconds": round(away, 3)})
        self._desk.holding.shift(away)
        for waiting in (self._floor, self._bidding):
            if waiting is not None:
                waiting.deadline += away
        self._greeting.again(now)
        return self._desk.take()

    def stop(self, reason: str, now: float, author: str | None = None) -> Step:
        """The operator ends the run; ``author`` is who, where that is known."""
        if self.state.ended is None:
            by = {} if author is None else {"author": author}
            self._desk.record("operator.stop", "operator", {"reason": reason} | by)
            self._finish(Ending("stopped", reason), now)
        return self._desk.take()

    def operate(self, act: Act, author: str | None, now: float) -> tuple[Step, Answer]:
        """The operator's hand: what it does is recorded, and the author is told what came of it."""
        if self.state.ended is not None or self._keeping.ending is not None:
            return self._desk.take(), Answer(False, "the run is over")
        if isinstance(act, Stop):
            return self.stop(act.reason, now, author), Answer(True, "It ends.")
        answer = self.hand.act(act, author, now)
        self._freed(now)
        return self._desk.take(), answer

    def fail(self, detail: str, now: float) -> Step:
        """The house itself has failed: close the record as well as it can be."""
        if self.state.ended is None:
            self._keeping.give_up()
            self._finish(Ending("error", detail), now)
        return self._desk.take()

    def tick(self, now: float) -> Step:
        """Time has passed: deadlines, repeats, counted refusals."""
        if self.state.ended is not None:
            return self._desk.take()
        if self._keeping.late(now):
            self._close(now)
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
            self._draw(now)
        for late in self._greeting.late(now):
            self._departed(late, "died", now)
        self.hand.tick(now)
        self._freed(now)
        return self._desk.take()

    def due(self) -> float | None:
        """When ``tick`` is to be called at the latest."""
        times = [courier.due() for courier in self._desk.couriers.values()]
        if self._lost is not None and self._keeping.ending is None:
            return self._lost + LINK_SECONDS
        times += [self._desk.refusals.due(), self._greeting.by, self.hand.due(), self._keeping.due]
        times.append(self._floor.deadline if self._floor is not None else None)
        times.append(self._bidding.deadline if self._bidding is not None else None)
        return min((t for t in times if t is not None), default=None)

    # coming and going ------------------------------------------------------------------------

    def _open(self, now: float) -> None:
        """Begin with turn 1 once every agent has come or is gone."""
        if self._greeting.over():
            self._began = now - self._past.played
            self._next_turn(now)

    def _departed(self, agent: str, reason: str, now: float) -> None:
        self._desk.news[agent].clear()
        self._desk.couriers[agent].forget()
        if not self._interrupt(agent, reason, now):
            self._open(now)
            self._freed(now)
        self._keeping.depart(agent)

    def _interrupt(self, agent: str, reason: str, now: float, *, tell: bool = False) -> bool:
        """End an agent's turn, or wait for its bid no more; False if nothing was waited for."""
        asked = self._bidding
        if self._floor is not None and self._floor.agent == agent:
            self._end_turn(reason, now, tell=tell)
        elif asked is not None and agent in asked.waiting:
            asked.waiting.discard(agent)
            self._desk.couriers[agent].forget()
            if not asked.waiting:
                self._draw(now)
        else:
            return False
        return True

    # turns -----------------------------------------------------------------------------------

    def _freed(self, now: float) -> None:
        """Go on with the turn that the operator let wait, if it need not wait any more."""
        if self.hand.freed() and self._keeping.ending is None:
            self._began += self.hand.stood(now)
            self._next_turn(now)

    def _next_turn(self, now: float) -> None:
        if self.hand.stands(now):
            return
        ending = self._desk.ending or why_end(self.scenario, self.state, now - self._began)
        if ending is not None:
            self._finish(ending, now)
        elif self.scenario.order.kind == "volunteer":
            deadline = self._deadline(self.scenario.order.bid_seconds, now)
            self._bidding = bidding.call(self._desk, deadline, now)
        else:
            agent = next_speaker(self.scenario.order, self.state, self.scenario.seed)
            assert agent is not None, "why_end ends a run that nobody is left in"
            if self._keeping.holds(agent):
                return
            if self._can_pay(agent, now):
                self._offer(agent, self.state.turn + 1, now)

    def _can_pay(self, agent: str, now: float, drawn_in: int | None = None) -> bool:
        """Whether a budget leaves room for a turn; else the agent leaves, or the run ends.

        ``drawn_in`` is the turn that has begun with bids, and ends here if the winner cannot pay.
        """
        spent = affording.refuse(self._desk, agent, drawn_in)
        if spent is None:
            return True
        if isinstance(spent, Ending):
            self._finish(spent, now)
        else:
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
        floor, self._floor = self._floor, None
        assert floor is not None
        if floor.thinking is not None:
            thinking.cut(self._desk, floor.thinking, reason)
        self._desk.couriers[floor.agent].forget()
        data = {"turn": floor.turn, "agent": floor.agent, "reason": reason, "thinks": floor.thinks}
        ended = self._desk.record("turn.ended", floor.agent, data, parent=floor.seq)
        self._keeping.begin(floor, ended.seq)
        if tell:
            self._desk.tell(floor.agent, wire.TurnOver(floor.turn, reason))
        if reason != "stopped":
            self._next_turn(now)

    def _finish(self, ending: Ending, now: float) -> None:
        self._keeping.ending = self._keeping.ending or ending
        if ending.reason == "stopped":
            self._keeping.hurry(now)
        self._began += self.hand.stood(now)
        if self._floor is not None:
            self._end_turn("stopped", now, tell=True)
        asked, self._bidding = self._bidding, None
        for think in () if asked is None else asked.thinking.values():
            thinking.cut(self._desk, think, "stopped")
        self.hand.end()
        self._close(now)

    def _close(self, now: float) -> None:
        """Record the end once nothing is waited for."""
        ending = self._keeping.ending
        if ending is not None and not self._keeping.waits:
            close(self._desk, ending, now - self._began, now)

    # bids ------------------------------------------------------------------------------------

    def _bid(self, agent: str, id: str, body: wire.Bid, now: float) -> None:
        if bidding.bid(self._desk, self._bidding, agent, id, body):
            self._draw(now)

    def _draw(self, now: float) -> None:
        asked = self._bidding
        assert asked is not None
        if self._keeping.postpones(asked, now):
            return
        self._bidding = None
        drawn, event = bidding.draw(self._desk, asked, self.scenario.seed)
        if drawn is not None:
            if self._can_pay(drawn, now, asked.turn):
                self._offer(drawn, asked.turn, now)
            return
        silent = {"turn": asked.turn, "agent": None, "reason": "silence", "thinks": 0}
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
        elif not thinking.act(self._desk, floor, id, body):
            self._end_turn("thinks", now)

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
        if over is not None and over.left:
            self._departed(agent, over.reason, now)
        elif over is not None:
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
