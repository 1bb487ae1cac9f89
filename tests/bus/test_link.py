"""The real link where it differs from the double: first connect, refusals, leaving half way."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from agents import mqtt
from sandbox.bus.link import MqttBus
from sandbox.bus.seam import Delivery
from sandbox.bus.upstream import Upstream
from sandbox.errors import BrokerError


@asynccontextmanager
async def listening(*answers):
    """A broker that answers what it is told to, in turn; ``heard`` is all that was said to it."""
    heard = asyncio.get_running_loop().create_future()

    async def serve(reader, writer):
        said = b""
        for answer in answers:
            said += await reader.read(200)
            writer.write(answer)
        said += await reader.read()
        writer.close()
        await writer.wait_closed()
        heard.set_result(said)

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield Upstream("127.0.0.1", server.sockets[0].getsockname()[1]), heard
        await heard


async def fails(upstream, *subscriptions):
    with pytest.raises(BrokerError) as caught:
        async with MqttBus(upstream, client="engine", subscriptions=subscriptions):
            pass
    return str(caught.value)


async def test_a_broker_that_does_not_know_us_is_said_to_be_so(broker):
    stranger = replace(broker.upstream, password="wrong")
    assert await fails(stranger) in [
        f"The broker at {stranger.address} cannot be used: [code:{code}."
        " Check that it runs and lets this user in."
        for code in ("134] Bad user name or password", "135] Not authorized")
    ]


async def test_where_nobody_listens_the_address_is_named(broker):
    await broker.__aexit__(None, None, None)
    assert await fails(broker.upstream) == (
        f"The broker at {broker.upstream.address} cannot be used: [Errno 111] Connection refused."
        " Check that it runs and lets this user in."
    )


async def test_a_subscription_that_is_refused_is_named():
    async with listening(mqtt.connack(0), mqtt.suback(1, [0, 0x80])) as (upstream, heard):
        assert await fails(upstream, "a", "b") == (
            f"The broker at {upstream.address} refused the subscription 'b'. Let this user read it."
        )
        assert (await heard).endswith(mqtt.disconnect())


async def test_left_in_the_middle_of_a_greeting_it_hangs_up():
    async with listening() as (upstream, heard):
        bus = MqttBus(upstream, client="engine", subscriptions=["a"])
        task = asyncio.create_task(bus.__aenter__())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await task
        assert (await heard).endswith(mqtt.disconnect())


async def test_two_links_of_one_name_do_not_throw_each_other_off(broker):
    one, other = (MqttBus(broker.upstream, client="engine", subscriptions=["a"]) for _ in range(2))
    async with one, other:
        await one.publish("a", b"x")
        assert await anext(one.happenings()) == Delivery("a", b"x")
        assert await anext(other.happenings()) == Delivery("a", b"x")
