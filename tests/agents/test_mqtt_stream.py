"""The codec as a stream: however bytes are cut, and whatever they are."""

import contextlib
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from agents import mqtt
from agents.mqtt import Framer, MqttError, Packet

LIMIT = 300
READERS = [
    mqtt.read_connect,
    mqtt.read_connack,
    mqtt.read_publish,
    mqtt.topic_of,
    mqtt.read_id,
    mqtt.read_subscribe,
    mqtt.read_suback,
    mqtt.read_unsubscribe,
]

some_packets = st.lists(
    st.one_of(
        st.binary(max_size=250).map(lambda payload: mqtt.publish("a/b", payload)),
        st.integers(1, 65_535).map(mqtt.puback),
        st.just(mqtt.pingreq()),
        st.just(mqtt.subscribe(1, [("a", 0)])),
        st.just(mqtt.connect(mqtt.Connect("x" * 150))),
    ),
    max_size=8,
)
streams = st.builds(lambda packets, tail: b"".join(packets) + tail, some_packets, st.binary())


def read_all(chunks: list[bytes]) -> tuple[list[Packet], str]:
    """Give every packet, and the error that ended the stream or nothing."""
    framer, packets = Framer(LIMIT), []
    try:
        for chunk in chunks:
            framer.feed(chunk)
            while (packet := framer.next()) is not None:
                packets.append(packet)
            assert framer.held <= LIMIT
    except MqttError as error:
        return packets, str(error)
    return packets, ""


@given(streams, st.lists(st.integers(0, 600)))
def test_any_cut_of_the_bytes_gives_the_same_packets(stream, cuts):
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    chunks = [stream[a:b] for a, b in pairwise(edges)]
    assert read_all(chunks) == read_all([stream])


@given(streams)
def test_one_byte_at_a_time_gives_the_same_packets(stream):
    assert read_all([stream[n : n + 1] for n in range(len(stream))]) == read_all([stream])


@given(some_packets)
def test_packets_come_out_as_they_went_in(packets):
    assert [packet.raw for packet in read_all([b"".join(packets)])[0]] == packets


@given(st.binary(max_size=600))
def test_arbitrary_bytes_raise_nothing_but_the_codecs_error(stream):
    packets, _ = read_all([stream])
    for packet in packets:
        for read in READERS:
            try:
                read(packet)
            except MqttError:
                continue


@given(st.sampled_from(READERS), st.integers(0, 255), st.binary())
def test_arbitrary_bodies_raise_nothing_but_the_codecs_error(read, head, body):
    with contextlib.suppress(MqttError):
        read(Packet(head, 0, body))


def test_after_an_error_every_call_raises_it_again():
    framer = Framer(LIMIT)
    framer.feed(b"\x00\x00")
    errors = []
    for _ in range(2):
        try:
            framer.next()
        except MqttError as error:
            errors.append(str(error))
    assert errors == ["no packet starts with the byte 0x00"] * 2


def test_a_packet_that_comes_byte_by_byte_costs_linear_time():
    framer = Framer(1 << 20)
    data = mqtt.publish("a", bytes(1_000_000))
    for n in range(0, len(data), 100):
        framer.feed(data[n : n + 100])
        packet = framer.next()
    assert packet is not None
    assert packet.raw == data
