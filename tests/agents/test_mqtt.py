"""The codec: what it makes is what the standard says, and it takes apart what it made."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import mqtt
from agents.mqtt import Connect, Framer, MqttError, Packet, Publish, TooLarge, VersionError, Will

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
topics = st.text(st.characters(exclude_characters="\0+#", exclude_categories=["Cs"]), min_size=1)
ids = st.integers(1, 65_535)
qos = st.integers(0, 2)
wills = st.builds(Will, texts, st.binary(max_size=20), qos, st.booleans())
connects = st.builds(
    Connect,
    texts,
    user=texts,
    password=st.none() | st.binary(max_size=20),
    clean=st.booleans(),
    keep_alive=st.integers(0, 65_535),
    will=st.none() | wills,
) | st.builds(Connect, texts)


def one(data: bytes) -> Packet:
    framer = Framer(1 << 28)
    framer.feed(data)
    packet = framer.next()
    assert packet is not None
    assert packet.raw == data
    assert framer.next() is None
    assert framer.held == 0
    return packet


@given(connects)
def test_connect(packet):
    assert mqtt.read_connect(one(mqtt.connect(packet))) == packet


@given(topics, st.binary(max_size=300), st.integers(1, 2), ids, st.booleans(), st.booleans())
def test_publish(topic, payload, qos, id, retain, dup):
    data = mqtt.publish(topic, payload, qos=qos, id=id, retain=retain, dup=dup)
    assert mqtt.read_publish(one(data)) == Publish(topic, payload, qos, retain, dup, id)
    assert mqtt.topic_of(one(data)) == topic.encode()


@given(topics, st.binary(max_size=300), st.booleans())
def test_publish_at_qos_0(topic, payload, retain):
    data = mqtt.publish(topic, payload, retain=retain)
    assert mqtt.read_publish(one(data)) == Publish(topic, payload, retain=retain)


@given(ids, st.lists(st.tuples(texts, qos), min_size=1, max_size=5))
def test_subscribe(id, filters):
    assert mqtt.read_subscribe(one(mqtt.subscribe(id, filters))) == (id, filters)


@given(ids, st.lists(st.sampled_from([0, 1, 2, 0x80]), min_size=1, max_size=5).map(tuple))
def test_suback(id, codes):
    assert mqtt.read_suback(one(mqtt.suback(id, codes))) == (id, codes)


@given(ids, st.lists(texts, min_size=1, max_size=5))
def test_unsubscribe(id, filters):
    assert mqtt.read_unsubscribe(one(mqtt.unsubscribe(id, filters))) == (id, filters)


@given(ids, st.sampled_from([mqtt.puback, mqtt.unsuback]))
def test_acknowledgements(id, make):
    assert mqtt.read_id(one(make(id))) == id


@pytest.mark.parametrize("present", [False, True])
@pytest.mark.parametrize("code", [0, 5])
def test_connack(code, present):
    assert mqtt.read_connack(one(mqtt.connack(code, present=present))) == (present, code)


@pytest.mark.parametrize("make", [mqtt.pingreq, mqtt.pingresp, mqtt.disconnect])
def test_packets_without_a_body(make):
    assert len(one(make()).raw) == 2


@pytest.mark.parametrize("length", [0, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152])
def test_every_length_of_the_length(length):
    if length >= 3:
        data = mqtt.publish("a", bytes(length - 3))
        assert mqtt.read_publish(one(data)) == Publish("a", bytes(length - 3))


def test_the_bytes_are_those_of_the_standard():
    will = Will("w", b"bye", qos=1, retain=True)
    hello = Connect("ada", "u", b"p", clean=True, keep_alive=10, will=will)
    assert mqtt.connect(hello) == bytes.fromhex(
        "101d 00044d515454 04 ee 000a 0003616461 000177 0003627965 000175 000170"
    )
    assert mqtt.publish("a/b", b"hi", qos=1, id=10) == bytes.fromhex("3209 0003612f62 000a 6869")
    assert mqtt.subscribe(10, [("a/b", 1), ("c/d", 2)]) == bytes.fromhex(
        "820e 000a 0003612f62 01 0003632f64 02"
    )


@pytest.mark.parametrize(
    ("read", "data"),
    [
        (mqtt.read_connect, b"\x10\x00"),
        (mqtt.read_connect, b"\x10\x08\x00\x04MQTT\x04\x02"),
        (mqtt.read_connect, mqtt.connect(Connect("x"))[:9] + b"\x03\x00\x3c\x00\x01x"),
        (mqtt.read_connect, b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x01xx"),
        (mqtt.read_connack, b"\x20\x03\x00\x00\x00"),
        (mqtt.read_publish, b"\x30\x02\x00\x00"),
        (mqtt.read_publish, b"\x30\x03\x00\x01+"),
        (mqtt.read_publish, b"\x30\x04\x00\x02\xed\xa0"),
        (mqtt.read_publish, b"\x30\x03\x00\x01\x00"),
        (mqtt.read_publish, b"\x32\x03\x00\x01a"),
        (mqtt.read_publish, b"\x32\x05\x00\x01a\x00\x00"),
        (mqtt.topic_of, b"\x30\x01\x00"),
        (mqtt.topic_of, b"\x32\x03\x00\x01a"),
        (mqtt.read_id, b"\x40\x03\x00\x01x"),
        (mqtt.read_subscribe, b"\x82\x02\x00\x01"),
        (mqtt.read_subscribe, b"\x82\x05\x00\x01\x00\x01a"),
        (mqtt.read_suback, b"\x90\x03\x00\x01\x03"),
        (mqtt.read_unsubscribe, b"\xa2\x02\x00\x01"),
    ],
)
def test_what_is_malformed(read, data):
    with pytest.raises(MqttError):
        read(one(data))


@pytest.mark.parametrize(("name", "level"), [("MQTT", 5), ("MQIsdp", 3), ("HTTP", 4)])
def test_another_version_is_told_apart(name, level):
    body = len(name).to_bytes(2, "big") + name.encode() + bytes((level, 2, 0, 60, 0, 0))
    with pytest.raises(VersionError) as caught:
        mqtt.read_connect(one(bytes((0x10, len(body))) + body))
    assert str(caught.value) == (
        f"protocol {name.encode()!r} level {level}; only MQTT 3.1.1 is spoken here"
    )


@pytest.mark.parametrize(
    "make",
    [
        lambda: mqtt.publish("a" * 65_536, b""),
        lambda: mqtt.publish("\ud800", b""),
        lambda: mqtt.connect(Connect("x", password=bytes(65_536))),
    ],
)
def test_what_cannot_be_written_is_an_error_of_the_codec(make):
    with pytest.raises(MqttError):
        make()


def test_a_packet_beyond_the_limit_is_noticed_by_its_head():
    framer = Framer(100)
    framer.feed(b"\x30\xff\x01")
    with pytest.raises(TooLarge) as caught:
        framer.next()
    assert str(caught.value) == "a packet of 258 bytes; the limit is 100"
