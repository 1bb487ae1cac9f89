"""What every Bus does: the conformance suite of the seam, over the double and the real one."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.bus.broker import EmbeddedBroker
from sandbox.bus.link import MqttBus
from sandbox.bus.memory import MemoryBroker, MemoryBus
from sandbox.bus.recipe import find_mosquitto, find_nats
from sandbox.bus.seam import Bus, Delivery, Happening, LinkBack, LinkLost
from sandbox.errors import LinkDown


@dataclass
class Wire:
    """Makes buses that hear each other, and breaks and mends what is between them."""

    make: Callable[..., Bus]
    drop: Callable[[], None]
    restore: Callable[[], None]


class MemoryWire(Wire):
    def __init__(self) -> None:
        broker = MemoryBroker()
        super().__init__(
            lambda *subscriptions: MemoryBus(broker, subscriptions=subscriptions),
            broker.drop,
            broker.restore,
        )


def mqtt_wire(broker: EmbeddedBroker) -> Wire:
    def make(*subscriptions: str) -> MqttBus:
        return MqttBus(broker.upstream, client="engine", subscriptions=subscriptions)

    return Wire(make, lambda: kill(broker), lambda: None)  # the broker comes back by itself


def kill(broker: EmbeddedBroker) -> None:
    os.kill(broker.pid, signal.SIGKILL)


@pytest.fixture(
    params=[
        "memory",
        pytest.param("nats", marks=pytest.mark.needs("nats")),
        pytest.param("mosquitto", marks=pytest.mark.needs("mosquitto")),
    ]
)
async def wire(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Wire]:
    if request.param == "memory":
        yield MemoryWire()
        return
    program = find_nats() if request.param == "nats" else find_mosquitto()
    async with EmbeddedBroker(tmp_path / "broker", program=program) as broker:
        yield mqtt_wire(broker)


class Ear:
    """Hears a bus's happenings one by one."""

    def __init__(self, bus: Bus) -> None:
        self.happenings = bus.happenings()

    async def next(self) -> Happening:
        async with asyncio.timeout(5):
            return await anext(self.happenings)

    async def until(self, kind: type[Happening]) -> Happening:
        while not isinstance(happening := await self.next(), kind):
            pass
        return happening


async def test_a_message_reaches_who_subscribed_and_no_one_else(wire):
    async with wire.make() as engine, wire.make("a/+") as near, wire.make("b/#") as far:
        await engine.publish("a/one", b"1")
        await engine.publish("b", b"2")
        await engine.publish("b/two/three", b"3")
        await engine.publish("c", b"4")
        await engine.publish("a/end", b"")
        await engine.publish("b/end", b"")
        ear, other = Ear(near), Ear(far)
        assert [await ear.next() for _ in range(2)] == [
            Delivery("a/one", b"1"),
            Delivery("a/end", b""),
        ]
        assert [await other.next() for _ in range(3)] == [
            Delivery("b", b"2"),
            Delivery("b/two/three", b"3"),
            Delivery("b/end", b""),
        ]


async def test_a_bus_hears_itself_where_it_subscribed(wire):
    async with wire.make("a") as bus:
        await bus.publish("a", b"x")
        assert await Ear(bus).next() == Delivery("a", b"x")


async def test_order_is_kept_and_nothing_is_discarded_for_a_slow_consumer(wire):
    payloads = [b"%d" % n + bytes(1000) for n in range(10_000)]
    async with wire.make() as engine, wire.make("a") as slow:
        for payload in payloads:
            await engine.publish("a", payload)
        ear = Ear(slow)
        assert [(await ear.next()).payload for _ in payloads] == payloads


async def test_a_large_message_passes_whole(wire):
    payload = bytes(range(256)) * 8192
    async with wire.make() as engine, wire.make("a") as other:
        await engine.publish("a", payload)
        assert await Ear(other).next() == Delivery("a", payload)


async def test_a_payload_beyond_what_the_bus_carries_is_refused_here(wire):
    async with wire.make("a") as bus:
        with pytest.raises(ValueError, match="4193281 bytes for 'a'; the bus carries 4193280"):
            await bus.publish("a", bytes(4_193_281))
        await bus.publish("a", bytes(4_193_280))
        assert await Ear(bus).next() == Delivery("a", bytes(4_193_280))


async def test_a_slow_consumer_of_large_messages_loses_none(wire):
    async with wire.make() as engine, wire.make("a") as slow:
        for n in range(60):
            await engine.publish("a", bytes([n]) * 1_000_000)
        ear = Ear(slow)
        assert [(await ear.next()).payload[0] for n in range(60)] == list(range(60))


async def test_a_retained_message_waits_for_who_comes_later(wire):
    async with wire.make() as engine:
        await engine.publish("br/_runs/one", b"here", retain=True)
        await engine.publish("br/_runs/two", b"here", retain=True)
        await engine.publish("br/_runs/two", b"", retain=True)
        async with wire.make("br/_runs/+", "end") as late:
            await engine.publish("end", b"")
            ear = Ear(late)
            assert [await ear.next(), await ear.next()] == [
                Delivery("br/_runs/one", b"here"),
                Delivery("end", b""),
            ]


async def test_a_broken_link_is_told_and_comes_back_with_its_subscriptions(wire):
    async with wire.make("a") as bus:
        ear = Ear(bus)
        wire.drop()
        assert isinstance(await ear.next(), LinkLost)
        with pytest.raises(LinkDown):
            await bus.publish("a", b"lost")
        wire.restore()
        back = await ear.next()
        assert isinstance(back, LinkBack)
        assert 0 <= back.seconds < 2
        await bus.publish("a", b"again")
        assert await ear.next() == Delivery("a", b"again")


async def publish_for_ever(bus):
    while True:
        await bus.publish("a", bytes(100_000))
        await asyncio.sleep(0)


async def test_a_publish_meets_a_broken_link_at_once(wire):
    """Whatever happens to the link in the middle of it: an answer, and soon."""
    async with wire.make("a") as bus:
        ear = Ear(bus)
        wire.drop()
        with pytest.raises(LinkDown):
            async with asyncio.timeout(1):
                await publish_for_ever(bus)
        wire.restore()
        await ear.until(LinkBack)


async def test_a_bus_that_was_left_says_nothing_more(wire):
    async with wire.make("a") as bus:
        await bus.publish("a", b"x")
        ear = Ear(bus)
        assert await ear.next() == Delivery("a", b"x")
    with pytest.raises(StopAsyncIteration):
        await ear.next()
    with pytest.raises(LinkDown):
        await bus.publish("a", b"y")


async def test_leaving_by_an_error_lets_the_error_through(wire):
    with pytest.raises(ZeroDivisionError):
        async with wire.make("a"):
            raise ZeroDivisionError
