"""The broker is killed: the gate lets its agents go, and everybody is back within two seconds."""

import asyncio
import os
import signal
import time

from agents import mqtt
from sandbox.bus.link import MqttBus
from sandbox.bus.notice import Linked, Unlinked
from sandbox.bus.seam import Delivery, LinkBack, LinkLost


async def back(guest) -> None:
    """Connect again as the guest in a box does: at once, then with a pause that doubles."""
    pause = 0.05
    while True:
        try:
            if await guest.connect(mqtt.connect(mqtt.Connect("x"))) == 0:
                return
        except (EOFError, OSError):
            pass
        await guest.close()
        await asyncio.sleep(pause)
        pause = min(2 * pause, 1.0)


async def test_agents_and_engine_are_back_within_two_seconds(house, broker):
    engine = MqttBus(broker.upstream, client="engine", subscriptions=["br/r/out/+"])
    ada = house.guest("ada")
    await back(ada)
    async with engine:
        happenings = engine.happenings()
        for _ in range(5):
            await ada.subscribe("br/r/in/ada")
            os.kill(broker.pid, signal.SIGKILL)
            start = time.monotonic()
            assert await ada.ended()
            await ada.close()
            ada = house.guest("ada")
            await back(ada)
            assert isinstance(await anext(happenings), LinkLost)
            assert isinstance(await anext(happenings), LinkBack)
            await ada.subscribe("br/r/in/ada")
            assert time.monotonic() - start < 2.0

            await ada.publish("br/r/out/ada", b"here again")
            assert await anext(happenings) == Delivery("br/r/out/ada", b"here again")
            await engine.publish("br/r/in/ada", b"welcome")
            assert await ada.hear() == [("br/r/in/ada", b"welcome")]
        await ada.close()
    assert broker.restarts == 5
    assert house.refused() == []
    ends = [n.why for n in house.notices if isinstance(n, Unlinked)][:5]
    assert ends == ["the broker closed it"] * 5
    clients = [n.client for n in house.notices if isinstance(n, Linked)]
    assert len(clients) == len(set(clients)) == 6


async def test_without_a_broker_a_connect_is_answered_at_once(house, broker):
    await broker.__aexit__(None, None, None)
    ada = house.guest("ada")
    start = time.monotonic()
    assert await ada.connect(mqtt.connect(mqtt.Connect("x"))) == 3
    assert await ada.ended()
    assert time.monotonic() - start < 0.5
    await ada.close()
    assert house.notices == []
