"""Whatever a link loses, doubles or reorders, every turn ends and everything is done once."""

import heapq
import itertools
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.courier import Courier
from agents.mind import Abandon, Mind, Run, Send
from agents.tools.outcome import Outcome
from agents.wire import Ack, Offer, Thought, TurnOver, Verdict, decode, encode

TOOL_SECONDS = 0.4
INSTANT = 0.01
LIMIT = 20_000.0
"""Simulated seconds; every turn ends long before, or never."""


class House:
    """The other side by the book: each id once, answers repeated, an offer repeated until heard."""

    def __init__(self, turns, deadlines=()):
        self.turns = turns  # per turn its thoughts, each a list of tool names; [] is plain text
        self.deadlines = dict(deadlines)  # turn -> seconds after its offer
        self.turn = 0
        self.intents = []
        self.results = []
        self.out = []
        self._answers = {}
        self._count = itertools.count(1)
        self._offer = None
        self._next_turn(0.0)

    @property
    def done(self):
        return self.turn > len(self.turns)

    def due(self):
        return min((at for at, *_ in (self._offer, self._deadline) if at is not None), default=None)

    def tick(self, now):
        if self._offer[0] is not None and now >= self._offer[0]:
            self.out.append(self._offer[1])
            self._offer = (now + 2.0, self._offer[1])
        if self._deadline[0] is not None and now >= self._deadline[0]:
            self._tell(TurnOver(self.turn, "deadline"))
            self._next_turn(now)

    def receive(self, payload, now):
        message = decode(payload)
        if message.re is not None and message.re == self._offer_id:
            self._offer = (None, b"")
        if message.kind == "ack":
            return
        if message.id not in self._answers:
            self._answers[message.id] = self._answer(message, now)
        self.out.append(self._answers[message.id])

    def _answer(self, message, now):
        body, re = message.body, message.id
        mine = body["turn"] == self.turn
        if message.kind == "think.request":
            if not mine:
                return self._write(Thought(body["turn"], "", over=True), re)
            tools = self._thoughts.pop(0)
            self._left = len(tools) or 1
            calls = [{"id": f"c{n}", "tool": tool, "args": {}} for n, tool in enumerate(tools)]
            return self._write(Thought(self.turn, "" if tools else "words", calls), re)
        if message.kind == "action.intent":
            if not mine:
                return self._write(
                    Verdict(body["turn"], body["call"], allowed=False, over=True), re
                )
            self.intents.append((self.turn, body["tool"]))
            runs = body["tool"] == "shell"
            over = not runs and self._settle(now)
            return self._write(Verdict(body["turn"], body["call"], True, run=runs, over=over), re)
        assert message.kind == "action.result"
        if mine:
            self.results.append((self.turn, body["output"]))
        return self._write(Ack(over=not mine or self._settle(now)), re)

    def _settle(self, now):
        """One call is settled: whether that was the last of the turn."""
        self._left -= 1
        if self._left or self._thoughts:
            return False
        self._next_turn(now)
        return True

    def _next_turn(self, now):
        self.turn += 1
        self._offer_id = f"offer-{self.turn}"
        self._offer = self._deadline = (None, b"")
        if self.done:
            return
        self._thoughts = [list(tools) for tools in self.turns[self.turn - 1]]
        body = Offer(turn=self.turn, upto=self.turn, room="hall", seconds=60.0, thinks=8)
        self._offer = (now, encode(body, id=self._offer_id))
        if self.turn in self.deadlines:
            self._deadline = (now + self.deadlines[self.turn], b"")

    def _tell(self, body):
        self.out.append(self._write(body, None))

    def _write(self, body, re):
        return encode(body, id=f"h{next(self._count)}", re=re)


class Guest:
    """A mind, its courier and hands that take a while."""

    def __init__(self):
        self.mind = Mind()
        self.courier = Courier("g")
        self.runs = []
        self._work = None

    def due(self):
        times = [self.courier.due(), self._work and self._work[0]]
        return min((at for at in times if at is not None), default=None)

    def tick(self, now):
        self.courier.repeat(now)
        if self._work is not None and now >= self._work[0]:
            (_, run), self._work = self._work, None
            self._do(self.mind.ran(run, Outcome(ok=True, output=run.call)), now)

    def receive(self, payload, now):
        arrival = self.courier.receive(payload, now)
        if arrival is not None:
            self._do(self.mind.receive(*arrival), now)

    def _do(self, actions, now):
        for action in actions:
            match action:
                case Send():
                    self.courier.post(action.body, now=now, re=action.re)
                case Run():
                    assert self._work is None
                    self.runs.append((action.turn, action.call))
                    self._work = (now + TOOL_SECONDS, action)
                case Abandon():
                    self.courier.forget()
                    self._work = None


def play(house, guest, fates):
    """Run both over a link that treats each message as the next of ``fates`` says: its delays."""
    fates, order, now, wire = iter(fates), itertools.count(), 0.0, []

    def ship(payloads, receiver):
        for payload in payloads:
            for delay in next(fates, (INSTANT,)):
                heapq.heappush(wire, (now + delay, next(order), receiver, payload))

    while not (house.done and guest.mind.idle and not wire):
        times = [wire[0][0] if wire else None, house.due(), guest.due()]
        now = max(now, min(at for at in times if at is not None))
        assert now < LIMIT, "a turn does not end"
        while wire and wire[0][0] <= now:
            _, _, receiver, payload = heapq.heappop(wire)
            receiver.receive(payload, now)
        house.tick(now)
        guest.tick(now)
        ship(guest.courier.take(), house)
        out, house.out = house.out, []
        ship(out, guest)


delays = st.sampled_from([INSTANT, 0.3, 1.2, 3.0, 9.0, 40.0])
fates = st.lists(st.lists(delays, max_size=2).map(tuple), max_size=60)
thought = st.lists(st.sampled_from(["say", "shell", "whisper"]), max_size=3)
turn = st.lists(thought, min_size=1, max_size=3).map(lambda ts: [*filter(None, ts[:-1]), ts[-1]])
turns = st.lists(turn, min_size=1, max_size=4)


def expected(turns):
    """What a perfect link would make of it: (turn, tool) of each intent."""
    return [
        (number, tool)
        for number, thoughts in enumerate(turns, 1)
        for tools in thoughts
        for tool in (tools or ["say"])
    ]


@settings(max_examples=200, deadline=None)
@given(turns, fates)
def test_each_intent_is_made_once_and_each_turn_ends(turns, fates):
    house, guest = House(turns), Guest()
    play(house, guest, fates)
    assert house.intents == expected(turns)
    shells = [number for number, tool in expected(turns) if tool == "shell"]
    assert [number for number, _ in guest.runs] == shells
    assert house.results == guest.runs


@settings(max_examples=200, deadline=None)
@given(turns, fates, st.dictionaries(st.integers(1, 4), st.floats(0.05, 20.0, allow_nan=False)))
def test_turns_that_are_ended_from_outside_leave_nothing_over(turns, fates, deadlines):
    house, guest = House(turns, deadlines), Guest()
    play(house, guest, fates)
    assert set(house.intents) <= set(expected(turns))
    assert [turn for turn, _ in house.intents] == sorted(turn for turn, _ in house.intents)
    assert len(guest.runs) <= sum(tool == "shell" for _, tool in expected(turns))
    assert guest.mind.idle


def test_the_messages_of_a_turn_on_a_perfect_link():
    house, guest = House([[["shell"], []]]), Guest()
    seen = []
    house_receive, guest_receive = house.receive, guest.receive
    house.receive = lambda p, now: (seen.append(json.loads(p)["kind"]), house_receive(p, now))
    guest.receive = lambda p, now: (seen.append(json.loads(p)["kind"]), guest_receive(p, now))
    play(house, guest, [])
    assert seen == [
        "turn.offer", "think.request", "thought",
        "action.intent", "action.verdict", "action.result", "ack",
        "think.request", "thought", "action.intent", "action.verdict",
    ]  # fmt: skip
