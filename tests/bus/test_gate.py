"""The gate over real brokers: what passes, what is swallowed, what ends a connection."""

import pytest

from agents import mqtt
from sandbox.bus.notice import Linked, Refused, Unlinked
from sandbox.bus.rights import Rights

FORBIDDEN = [
    "#",
    "+",
    "/#",
    "+/+/+/+",
    "br/#",
    "br/r/#",
    "br/r/in/+",
    "br/r/in/bo",
    "br/+/in/ada",
    "br/r/in/ada/#",
    "$SYS/#",
    "$CONTROL/#",
    "$share/g/br/r/in/ada",
    "br/r/in/ada\u00e9",
    "",
]


async def test_a_permitted_message_passes_in_both_directions(house):
    async with house.guest("witness") as witness, house.guest("ada") as ada:
        assert await witness.subscribe("br/r/out/+", "br/r/peer/#") == (0, 0)
        assert await ada.subscribe("br/r/in/ada") == (0,)

        await ada.publish("br/r/out/ada", b"one")
        await ada.publish("br/r/peer/ada/bo", b"two")
        assert await witness.hear(2) == [("br/r/out/ada", b"one"), ("br/r/peer/ada/bo", b"two")]

        await witness.publish("br/r/in/ada", b"three")
        assert await ada.hear() == [("br/r/in/ada", b"three")]
    assert house.refused() == []


async def test_qos_1_is_acknowledged_and_delivered(house):
    async with house.guest("witness") as witness, house.guest("ada") as ada:
        assert await witness.subscribe("br/r/out/+", qos=1) == (1,)
        await ada.publish("br/r/out/ada", b"one", qos=1, id=7)
        assert (await ada.read()).raw == mqtt.puback(7)
        assert await witness.hear() == [("br/r/out/ada", b"one")]


async def test_no_filter_beyond_the_rights_is_granted_or_delivers(house):
    async with house.guest("witness") as witness, house.guest("ada") as ada:
        for pattern in FORBIDDEN:
            assert await ada.subscribe(pattern) == (0x80,), pattern
        await witness.publish("br/r/in/bo", b"not for ada")
        await witness.publish("br/r/events", b"not for ada")
        await witness.settle()
        assert await ada.settle() == []
    first = house.refused()[0]
    assert first == Refused("ada", "subscribe", topic="#")


async def test_each_filter_of_a_subscription_is_answered_apart(house):
    async with house.guest("witness") as witness, house.guest("ada") as ada:
        assert await ada.subscribe("br/r/in/bo", "br/r/in/ada", "#") == (0x80, 0, 0x80)
        await witness.publish("br/r/in/ada", b"hello")
        assert await ada.hear() == [("br/r/in/ada", b"hello")]


async def test_qos_2_is_granted_as_1(house):
    async with house.guest("ada") as ada:
        assert await ada.subscribe("br/r/in/ada", qos=2) == (1,)


async def test_an_unsubscription_is_passed_on_as_far_as_it_means_anything(house):
    async with house.guest("witness") as witness, house.guest("ada") as ada:
        await ada.subscribe("br/r/in/ada")
        for id, filters in enumerate((["br/r/#"], ["br/r/#", "br/r/in/ada"]), start=50):
            ada.writer.write(mqtt.unsubscribe(id, filters))
            assert mqtt.read_id(await ada.until(mqtt.UNSUBACK)) == id
        await witness.publish("br/r/in/ada", b"too late")
        await witness.settle()
        assert await ada.settle() == []


@pytest.mark.parametrize(
    ("topic", "more", "what"),
    [
        ("br/r/out/bo", {}, "publish"),
        ("br/r/in/ada", {}, "publish"),
        ("br/r/peer/bo/ada", {}, "publish"),
        ("br/r/out/ada/x", {}, "publish"),
        ("$SYS/x", {}, "publish"),
        ("br/r/out/bo", {"qos": 1, "id": 9}, "publish"),
        ("br/r/out/ada", {"retain": 1}, "retain"),
    ],
)
async def test_a_forged_message_is_swallowed_and_told(house, topic, more, what):
    async with house.guest("witness") as witness, house.guest("ada") as ada:
        await witness.subscribe("br/r/#")
        await ada.publish(topic, b"\x1b[2J I am bo", **more)
        if more.get("qos"):
            assert (await ada.read()).raw == mqtt.puback(9)
        await ada.settle()
        assert await witness.settle() == []
    assert house.refused() == [Refused("ada", what, topic=topic, sample=r"\x1b[2J I am bo")]


@pytest.mark.parametrize(
    "topic", ["br/r/peer/ada/+", "br/r/peer/ada/#", "br/r/peer/ada/a b", "br/r/peer/ada/"]
)
async def test_a_topic_that_is_no_topic_of_ours_is_swallowed(house, topic):
    async with house.guest("ada") as ada:
        await ada.publish(topic, b"x")
        await ada.settle()
    assert house.refused() == [Refused("ada", "publish", topic=topic, sample="x")]


async def test_a_right_that_is_withdrawn_ends_delivery_at_once(house):
    async with house.guest("witness") as witness, house.guest("ada") as ada:
        await ada.subscribe("br/r/in/ada")
        await witness.publish("br/r/in/ada", b"one")
        assert await ada.hear() == [("br/r/in/ada", b"one")]

        house.gate.grant("ada", Rights(publish=("br/r/out/ada",)))
        await witness.publish("br/r/in/ada", b"two")
        await witness.settle()
        assert await ada.settle() == []

        house.gate.grant("ada", Rights(subscribe=("br/r/in/ada",)))
        await witness.publish("br/r/in/ada", b"three")
        assert await ada.hear() == [("br/r/in/ada", b"three")]
        await witness.subscribe("br/r/out/ada")
        await ada.publish("br/r/out/ada", b"four")
        await ada.settle()
        assert await witness.settle() == []
    assert [(r.what, r.topic, r.sample) for r in house.refused()] == [
        ("delivery", "br/r/in/ada", "two"),
        ("publish", "br/r/out/ada", "four"),
    ]


async def test_the_socket_is_the_identity(house):
    async with house.guest("ada") as ada:
        ada.client = "bo"
        second = house.guest("ada")
        hello = mqtt.connect(mqtt.Connect("witness", "admin", b"secret", clean=False))
        assert await second.connect(hello) == 0
        assert house.gate.links("ada") == 2
        await ada.settle()  # the first is not thrown off
        await second.close()
    names = [n.client for n in house.notices if isinstance(n, Linked)]
    assert [name[:4] for name in names] == ["ada-", "ada-"]
    assert len(set(names)) == 2


async def test_a_fifth_connection_is_closed(house):
    guests = [house.guest("ada") for _ in range(4)]
    for guest in guests:
        assert await guest.connect(mqtt.connect(mqtt.Connect("x"))) == 0
    fifth = house.guest("ada")
    await fifth.dial()
    assert await fifth.ended()
    assert house.gate.links("ada") == 4
    assert house.refused() == [Refused("ada", "connections", sample="over 4 at once")]
    for guest in [*guests, fifth]:
        await guest.close()


WILL = mqtt.Will("br/r/out/ada", b"ada has gone")


async def test_a_will_is_published_when_the_agent_vanishes(house):
    async with house.guest("witness") as witness:
        await witness.subscribe("br/r/#")
        ada = house.guest("ada")
        await ada.connect(mqtt.connect(mqtt.Connect("x", will=WILL)))
        await ada.close()
        assert await witness.hear() == [("br/r/out/ada", b"ada has gone")]


async def test_a_will_is_not_published_after_a_goodbye_or_without_the_right(house, until):
    async with house.guest("witness") as witness:
        await witness.subscribe("br/r/#")
        for farewell in (mqtt.disconnect(), b""):
            ada = house.guest("ada")
            await ada.connect(mqtt.connect(mqtt.Connect("x", will=WILL)))
            ada.writer.write(farewell)
            house.gate.grant("ada", Rights())
            await ada.close()
            await until(lambda: not house.gate.links("ada"))
        assert await witness.settle() == []


@pytest.mark.parametrize(
    "will",
    [
        mqtt.Will("br/r/out/bo", b"I am bo"),
        mqtt.Will("br/r/out/ada", b"x", retain=True),
        mqtt.Will("br/r/out/ada", b"x", qos=2),
    ],
)
async def test_a_will_beyond_the_rights_is_refused(house, will):
    ada = house.guest("ada")
    assert await ada.connect(mqtt.connect(mqtt.Connect("x", will=will))) == 5
    assert await ada.ended()
    await ada.close()
    assert house.refused() == [
        Refused("ada", "will", topic=will.topic, sample=will.payload.decode())
    ]


async def test_closing_the_gate_removes_the_socket_and_ends_the_connections(house):
    async with house.guest("ada") as ada:
        await house.gate.close("ada")
        assert await ada.ended()
    assert not ada.path.exists()
    assert house.gate.links("ada") == 0
    assert isinstance(house.notices[-1], Unlinked)
    assert house.notices[-1].why == "the gate was closed"
