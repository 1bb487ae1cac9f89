"""The agent's end of the bus, with time in the test's hand."""

import select

import pytest

from agents import mqtt
from agents.link import LARGEST, Link, Reading
from agents.wire import Peer, encode

NOTHING = Reading(False, [])


@pytest.fixture
def link(bus):
    link = Link(str(bus.path), "br/run/in/ada", "ada")
    yield link
    link.close()


def read(link, now):
    """What the next bytes bring."""
    select.select([link.descriptor], [], [], 5)
    return link.read(now)


@pytest.fixture
def up(link, bus):
    """A link that stands since moment 0."""
    link.tick(0.0)
    bus.accept_silently()
    bus.send_raw(mqtt.connack(0))
    assert read(link, 0.0) == NOTHING
    bus.send_raw(mqtt.suback(1, [0]))
    assert read(link, 0.0) == Reading(True, [])
    assert link.up
    return link


def test_it_connects_and_subscribes(up, bus):
    assert mqtt.read_connect(bus.packet()) == mqtt.Connect("ada", keep_alive=30)
    assert mqtt.read_subscribe(bus.packet()) == (1, [("br/run/in/ada", 0)])


def test_payloads_arrive_in_order_however_they_are_cut(up, bus):
    a, b = encode(Peer("a"), id="1"), encode(Peer("b" * 300), id="2")
    data = mqtt.publish("br/run/in/ada", a) + mqtt.publish("br/run/in/ada", b)
    bus.send_raw(data[:-5])
    assert read(up, 1.0) == Reading(False, [a])
    bus.send_raw(data[-5:])
    assert read(up, 1.0) == Reading(False, [b])
    assert up.read(1.0) == NOTHING


def test_what_is_published_while_it_is_down_is_dropped(link):
    assert not link.publish("br/run/out/ada", b"x", 0.0)
    link.tick(0.0)
    assert not link.publish("br/run/out/ada", b"x", 0.0)


def test_it_tries_again_ever_more_seldom(link, bus):
    bus.vanish()
    moments = []
    for _ in range(9):
        moments.append(round(link.due(), 2))
        link.tick(link.due())
        assert link.descriptor is None
    assert moments == [0.0, 0.02, 0.06, 0.14, 0.3, 0.62, 1.26, 2.26, 3.26]
    bus.come_back()


def test_after_a_loss_it_is_back_at_once(up, bus):
    bus.hang_up()
    assert read(up, 5.0) == NOTHING
    assert not up.up
    assert up.due() == 5.02
    up.tick(5.02)
    bus.accept_silently()
    assert bus.packet().kind == mqtt.CONNECT


def test_a_silent_link_is_pinged_and_then_given_up(up, bus):
    assert up.due() == 15.0
    up.tick(15.0)
    assert [bus.packet().kind for _ in range(3)] == [mqtt.CONNECT, mqtt.SUBSCRIBE, mqtt.PINGREQ]
    assert up.due() == 25.0
    up.tick(25.0)
    assert not up.up
    assert bus.packet() is None


def test_an_answered_ping_keeps_it(up, bus):
    up.tick(15.0)
    bus.send_raw(mqtt.pingresp())
    assert read(up, 15.5) == NOTHING
    assert up.up
    assert up.due() == 30.5


@pytest.mark.parametrize(
    "answer", [mqtt.connack(5), mqtt.connack(0) + mqtt.suback(1, [0x80]), b"\xff\x00"]
)
def test_a_refusal_is_a_lost_link(link, bus, answer):
    link.tick(0.0)
    bus.accept_silently()
    bus.send_raw(answer)
    assert read(link, 0.0) == NOTHING
    assert (link.up, link.descriptor) == (False, None)


def test_a_reader_that_is_slow_bounds_what_waits(up, bus):
    payload = bytes(1 << 20)
    sent = 0
    while up.publish("br/run/out/ada", payload, 1.0):
        sent += 1
        assert sent < 32
    assert up.sending
    assert len(up._out) <= LARGEST + 100
    assert [bus.packet().kind for _ in range(2)] == [mqtt.CONNECT, mqtt.SUBSCRIBE]
    arrived = 0
    while arrived < sent:
        up.write(1.0)
        arrived += len(bus.arrived())
    assert not up.sending


def test_what_waited_on_a_lost_link_is_not_sent_on_the_next_one(up, bus):
    while not up.sending:
        assert up.publish("br/run/out/ada", bytes(1 << 20), 1.0)
    bus.hang_up()
    up.write(1.0)
    assert not up.up
    up.tick(up.due())
    bus.accept_silently()
    assert bus.packet().kind == mqtt.CONNECT
