"""The gateway asks a model: again where a failure may pass, and says what it hears on the way."""

import asyncio

import pytest

from sandbox.clock import ManualClock
from sandbox.engine.cast import CastMember
from sandbox.errors import KeyRefused, Overloaded, RateLimited
from sandbox.models.gateway import Gateway, Retrying
from sandbox.models.memory import CannedProvider


def a_member(**more):
    facts = {
        "agent": "ada", "model": "canned/m", "family": "m", "mode": "tools", "tools": (),
        "home": "lobby", "system": "You are ada.", "names": (), "first": None, "max_tokens": 100,
        "temperature": None, "seed": 1, "options": {},
    }  # fmt: skip
    return CastMember(**facts | more)


class Asking:
    """A gateway with one agent, and what was heard while it was asked."""

    def __init__(self, *answers, at_once=8):
        self.clock = ManualClock()
        self.provider = CannedProvider(answers)
        self.gateway = Gateway(
            {"ada": a_member()}, {"canned": self.provider},
            clock=self.clock, jitter=lambda: 0.5, at_once=at_once,
        )  # fmt: skip
        self.words = []
        self.retries = []

    async def ask(self):
        request, _ = self.gateway.request("ada", 1, 1, "act")
        task = asyncio.create_task(
            self.gateway.ask(request, words=self.words.append, retrying=self.retries.append)
        )
        while not task.done():
            await asyncio.sleep(0)
            self.clock.advance(1.0)
        return task.result()


async def test_an_overloaded_maker_is_asked_again_and_each_attempt_is_told():
    asking = Asking(Overloaded("busy"), RateLimited("slow down", retry_after=3.0), "Hello.")
    outcome = await asking.ask()

    assert (outcome.text, outcome.error) == ("Hello.", None)
    assert asking.retries == [
        Retrying(1, "busy", "Overloaded", 0.25),
        Retrying(2, "slow down", "RateLimited", 3.5),
    ]
    assert asking.words == [None, None, "Hello."]


async def test_what_will_not_pass_is_an_outcome_at_once():
    asking = Asking(KeyRefused("the key is not let in"))
    outcome = await asking.ask()

    assert (outcome.error, outcome.error_kind) == ("the key is not let in", "KeyRefused")
    assert (len(asking.provider.asked), asking.retries) == (1, [])


async def test_after_five_attempts_the_last_failure_is_the_outcome():
    asking = Asking(*[Overloaded(f"busy {n}") for n in range(1, 9)])
    outcome = await asking.ask()

    assert (outcome.error, outcome.error_kind) == ("busy 5", "Overloaded")
    assert len(asking.provider.asked) == 5


async def test_a_stream_that_ends_without_a_reason_is_a_failure_that_may_pass():
    class Cut(CannedProvider):
        async def stream(self, request):
            async for part in super().stream(request):
                if type(part).__name__ == "Done" and len(self.asked) == 1:
                    return
                yield part

    asking = Asking()
    asking.provider = Cut(["Hel", "Hello."])
    asking.gateway._providers = {"canned": asking.provider}
    outcome = await asking.ask()

    assert outcome.text == "Hello."
    assert [r.error_kind for r in asking.retries] == ["CutShort"]
    assert asking.words == ["Hel", None, "Hello."]


async def test_so_many_calls_are_under_way_at_once_and_no_more():
    under_way, most = 0, 0

    class Slow(CannedProvider):
        async def stream(self, request):
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            for _ in range(5):
                await asyncio.sleep(0)
            async for part in super().stream(request):
                yield part
            under_way -= 1

    asking = Asking(at_once=2)
    asking.gateway._providers = {"canned": Slow(["x"] * 6)}
    async with asyncio.TaskGroup() as tasks:
        for _ in range(6):
            tasks.create_task(asking.ask())
    assert most == 2


@pytest.mark.parametrize("room", [None, 3000])
async def test_a_context_that_would_not_fit_is_trimmed_to_half(room):
    from sandbox.models.context import Context
    from sandbox.transcript.event import Event

    context = Context(a_member(context_bytes=room))
    trims, seq = [], 0
    for turn in range(1, 60):
        seq += 1
        context.feed(Event(seq, "say", "bo", {"text": f"{turn}: " + "x" * 100}, "lobby", "room"))
        seq += 1
        context.feed(Event(seq, "think.request", "ada", {"purpose": "act"}))
        trimmed = context.trim()
        if trimmed is not None:
            seq += 1
            context.feed(Event(seq, "context.trimmed", "ada", trimmed))
            trims.append(trimmed)
        request, _ = context.request(turn, 1, "act")
        sent = sum(len(t.text) for t in request.turns)
        assert room is None or sent <= room
        assert request.turns[0].role == "user"
        seq += 1
        context.feed(
            Event(seq, "think.done", "ada", {"purpose": "act", "text": "y" * 50, "calls": []})
        )

    assert len(context.turns) == 118
    assert (trims == []) if room is None else 3 <= len(trims) <= 12
