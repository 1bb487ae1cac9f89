"""An agent that means harm: it is told on, the rest of the house does not notice."""

import asyncio
import random
import time
import tracemalloc

from agents import mqtt
from sandbox.bus.link import MqttBus
from sandbox.bus.notice import Refused, Unlinked

MALFORMED = {
    "no packet": b"\x00\x00",
    "reserved flags": b"\x83\x02\x00\x01",
    "a second connect": mqtt.connect(mqtt.Connect("x")),
    "endless length": b"\x30\xff\xff\xff\xff\x7f",
    "topic beyond the end": b"\x30\x04\x00\x09ab",
    "subscribe without filter": b"\x82\x02\x00\x01",
    "subscribe at qos 3": b"\x82\x06\x00\x01\x00\x01a\x03",
    "subscribe without id": b"\x82\x06\x00\x00\x00\x01a\x00",
    "half of a surrogate pair": b"\x82\x08\x00\x01\x00\x03\xed\xa0\x80\x00",
    "a broker's packet": mqtt.connack(0),
    "a ping with a body": b"\xc0\x01x",
    "an ack without id": b"\x40\x02\x00\x00",
    "the handshake of qos 2": b"\x50\x02\x00\x01",
}


async def test_bytes_that_are_no_mqtt_end_the_connection(house):
    async with house.guest("witness") as witness:
        for data in MALFORMED.values():
            async with house.guest("ada") as ada:
                ada.writer.write(data)
                assert await ada.ended(), data
            await witness.settle()
        await house.gate.close("ada")
    assert {refused.what for refused in house.refused()} == {"malformed"}
    assert sum(refused.count for refused in house.refused()) == len(MALFORMED)


async def test_what_came_before_malformed_bytes_still_passes(house):
    async with house.guest("witness") as witness, house.guest("ada") as ada:
        await witness.subscribe("br/r/out/ada")
        ada.writer.write(mqtt.publish("br/r/out/ada", b"last words") + b"\x00\x00")
        assert await ada.ended()
        assert await witness.hear() == [("br/r/out/ada", b"last words")]


async def test_another_version_of_mqtt_is_refused_with_its_code(house):
    ada = house.guest("ada")
    hello = mqtt.connect(mqtt.Connect("x")).replace(b"MQTT\x04", b"MQTT\x05")
    assert await ada.connect(hello) == 1
    assert await ada.ended()
    await ada.close()
    assert [refused.what for refused in house.refused()] == ["version"]


async def test_a_message_of_2_mb_ends_the_connection_before_it_is_held(house):
    async with house.guest("witness") as witness:
        async with house.guest("ada") as ada:
            ada.writer.write(mqtt.publish("br/r/out/ada", bytes(2_000_000)))
            assert await ada.ended()
        await witness.settle()
    text = "a packet of 2000018 bytes; the limit is 1048576"
    assert house.refused() == [Refused("ada", "size", sample=text)]
    assert [n.why for n in house.notices if isinstance(n, Unlinked) and n.agent == "ada"] == [text]


async def test_qos_2_ends_the_connection(house):
    async with house.guest("ada") as ada:
        await ada.publish("br/r/out/ada", b"x", qos=2, id=1)
        assert await ada.ended()
    assert house.refused() == [
        Refused("ada", "qos", topic="br/r/out/ada", sample="it published at QoS 2")
    ]


async def test_too_many_filters_are_refused(house):
    async with house.guest("witness") as witness:
        filters = [f"br/r/in/{n}" for n in range(100)]
        codes = await witness.subscribe(*filters[:50]) + await witness.subscribe(*filters[50:])
        assert codes == (0,) * 64 + (0x80,) * 36


async def test_a_subscription_of_a_thousand_filters_ends_the_connection(house):
    async with house.guest("ada") as ada:
        ada.writer.write(mqtt.subscribe(1, [("a", 0)] * 1000))
        assert await ada.ended()
    assert [refused.what for refused in house.refused()] == ["subscribe"]


async def test_a_silent_connection_gives_its_place_free(house, monkeypatch):
    monkeypatch.setattr("sandbox.bus.crossing._GREET_SECONDS", 0.05)
    ada = house.guest("ada")
    await ada.dial()
    assert await ada.ended()
    await ada.close()
    assert house.refused() == [Refused("ada", "silent", sample="it sent no CONNECT within 0.05 s")]


async def test_an_agent_that_does_not_read_is_cut_off(house, broker, until):
    engine = MqttBus(broker.upstream, client="engine", subscriptions=())
    async with engine, house.guest("witness") as witness, house.guest("ada") as ada:
        await ada.subscribe("br/r/in/ada")
        ada.writer.transport.pause_reading()
        for _ in range(40):
            await engine.publish("br/r/in/ada", bytes(500_000))
        await until(lambda: not house.gate.links("ada"))
        await witness.settle()
    assert house.refused() == [Refused("ada", "slow", sample="it did not read what was sent to it")]


async def test_a_flood_is_throttled_and_the_others_do_not_notice(house):
    """10,000 messages a second for two seconds, or as many of them as the gate takes."""
    async with house.guest("witness") as witness, house.guest("ada") as ada:
        await witness.subscribe("br/r/in/witness")
        packet = mqtt.publish("br/r/out/ada", bytes(200))
        tracemalloc.start()
        end = time.monotonic() + 2.0

        async def flood() -> None:
            while time.monotonic() < end:
                ada.writer.write(packet * 100)
                await ada.writer.drain()
                await asyncio.sleep(0.01)

        flooding = asyncio.create_task(flood(), name="flood")
        trips = []
        while time.monotonic() < end:
            start = time.monotonic()
            await witness.publish("br/r/in/witness", b"are you there")
            await witness.hear()
            trips.append(time.monotonic() - start)
            await asyncio.sleep(0.02)
        flooding.cancel()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        ada.writer.transport.abort()
    trips.sort()
    assert trips[-1] < 0.1
    assert peak < 4 << 20
    rates = [refused for refused in house.refused() if refused.what == "rate"]
    assert 1 <= len(rates) <= 4
    assert rates[0] == Refused("ada", "rate", sample="over 200 messages or 4194304 bytes a second")


async def test_refusals_of_a_flood_are_one_notice_a_second(house):
    async with house.guest("ada") as ada:
        for n in range(300):
            await ada.publish("br/r/out/bo", b"%d" % n)
        await ada.settle()
        await house.gate.close("ada")
    assert house.refused() == [
        Refused("ada", "publish", topic="br/r/out/bo", sample="0"),
        Refused("ada", "publish", topic="br/r/out/bo", count=299, sample="1"),
    ]


async def test_random_bytes_never_reach_the_loop_as_an_exception(house):
    async with house.guest("witness") as witness:
        for seed in range(8):
            ada = house.guest("ada")
            await ada.dial()
            head = mqtt.connect(mqtt.Connect("x")) if seed % 2 else b""
            ada.writer.write(head + random.Random(seed).randbytes(4096))
            ada.writer.write_eof()
            assert await ada.ended()
            await ada.close()
        await witness.settle()
