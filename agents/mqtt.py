"""MQTT 3.1.1 as bytes in, packets out: no socket, no clock, the same on both sides of the gate.

It is our own because a guest has the standard library alone, and the one such codec that is
published (mqtt-codec) has had no release since 2019.

``Framer`` cuts a stream into packets, ``read_*`` take one apart, the other functions make one.
Whatever the bytes, the only error is ``MqttError``. What QoS 2 adds is framed and nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from agents.framing import Framer, MqttError, Packet, TooLarge, VersionError

__all__ = [
    "CONNACK",
    "CONNECT",
    "DISCONNECT",
    "PINGREQ",
    "PINGRESP",
    "PUBACK",
    "PUBLISH",
    "SUBACK",
    "SUBSCRIBE",
    "UNSUBACK",
    "UNSUBSCRIBE",
    "Connect",
    "Framer",
    "MqttError",
    "Packet",
    "Publish",
    "TooLarge",
    "VersionError",
    "Will",
    "connack",
    "connect",
    "disconnect",
    "pingreq",
    "pingresp",
    "puback",
    "publish",
    "read_connack",
    "read_connect",
    "read_id",
    "read_publish",
    "read_suback",
    "read_subscribe",
    "read_unsubscribe",
    "suback",
    "subscribe",
    "topic_of",
    "unsuback",
    "unsubscribe",
]

CONNECT: Final = 1
CONNACK: Final = 2
PUBLISH: Final = 3
PUBACK: Final = 4
SUBSCRIBE: Final = 8
SUBACK: Final = 9
UNSUBSCRIBE: Final = 10
UNSUBACK: Final = 11
PINGREQ: Final = 12
PINGRESP: Final = 13
DISCONNECT: Final = 14


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker publishes for a client that vanishes."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False


@dataclass(frozen=True, slots=True)
class Connect:
    """A client's first packet. ``keep_alive`` in seconds, 0 for none."""

    client: str
    user: str | None = None
    password: bytes | None = None
    clean: bool = True
    keep_alive: int = 60
    will: Will | None = None


@dataclass(frozen=True, slots=True)
class Publish:
    """One message. ``id`` is 0 at QoS 0."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False
    dup: bool = False
    id: int = 0


# making packets ------------------------------------------------------------------------------


def _packet(head: int, body: bytes) -> bytes:
    length = len(body)
    if length < 128:
        return bytes((head, length)) + body
    if length > 268_435_455:
        raise MqttError(f"a body of {length} bytes; MQTT ends at 268435455")
    out = bytearray((head,))
    while length > 127:
        out.append(length & 127 | 128)
        length >>= 7
    out.append(length)
    return bytes(out) + body


def _short(number: int) -> bytes:
    return number.to_bytes(2, "big")


def _text(text: str | bytes) -> bytes:
    try:
        raw = text.encode() if isinstance(text, str) else text
    except UnicodeEncodeError:
        raise MqttError(f"the text {text[:80]!r} has no UTF-8") from None
    if len(raw) > 65_535:
        raise MqttError(f"a text of {len(raw)} bytes; MQTT ends at 65535")
    return _short(len(raw)) + raw


def connect(packet: Connect) -> bytes:
    """Make a CONNECT of MQTT 3.1.1."""
    flags, will, tail = 2 if packet.clean else 0, b"", b""
    if packet.will is not None:
        flags |= 4 | packet.will.qos << 3 | packet.will.retain << 5
        will = _text(packet.will.topic) + _text(packet.will.payload)
    if packet.user is not None:
        flags |= 128
        tail = _text(packet.user)
    if packet.password is not None:
        flags |= 64
        tail += _text(packet.password)
    head = b"\x00\x04MQTT\x04" + bytes((flags,)) + _short(packet.keep_alive)
    return _packet(0x10, head + _text(packet.client) + will + tail)


def connack(code: int, *, present: bool = False) -> bytes:
    """Make a CONNACK: 0 accepted, 1 version, 2 client id, 3 unavailable, 5 not allowed."""
    return bytes((0x20, 2, present, code))


def publish(
    topic: str,
    payload: bytes,
    *,
    qos: int = 0,
    id: int = 0,
    retain: bool = False,
    dup: bool = False,
) -> bytes:
    """Make a PUBLISH."""
    body = _text(topic) + _short(id) + payload if qos else _text(topic) + payload
    return _packet(0x30 | dup << 3 | qos << 1 | retain, body)


def puback(id: int) -> bytes:
    """Make a PUBACK."""
    return b"\x40\x02" + _short(id)


def subscribe(id: int, filters: Iterable[tuple[str, int]]) -> bytes:
    """Make a SUBSCRIBE to filters, each with its highest QoS."""
    return _packet(0x82, _short(id) + b"".join(_text(f) + bytes((qos,)) for f, qos in filters))


def suback(id: int, codes: Sequence[int]) -> bytes:
    """Make a SUBACK: one code for each filter, the granted QoS or 0x80 for refused."""
    return _packet(0x90, _short(id) + bytes(codes))


def unsubscribe(id: int, filters: Iterable[str]) -> bytes:
    """Make an UNSUBSCRIBE."""
    return _packet(0xA2, _short(id) + b"".join(map(_text, filters)))


def unsuback(id: int) -> bytes:
    """Make an UNSUBACK."""
    return b"\xb0\x02" + _short(id)


def pingreq() -> bytes:
    """Make a PINGREQ."""
    return b"\xc0\x00"


def pingresp() -> bytes:
    """Make a PINGRESP."""
    return b"\xd0\x00"


def disconnect() -> bytes:
    """Make a DISCONNECT."""
    return b"\xe0\x00"


# taking packets apart ------------------------------------------------------------------------


def _binary(raw: bytes, at: int) -> tuple[bytes, int]:
    start = at + 2
    end = start + int.from_bytes(raw[at:start], "big")
    if start > len(raw) or end > len(raw):
        raise MqttError("a field runs over the end of its packet")
    return raw[start:end], end


def _string(raw: bytes, at: int) -> tuple[str, int]:
    data, end = _binary(raw, at)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise MqttError("a text is no UTF-8") from None
    if "\0" in text:
        raise MqttError("a text holds a NUL")
    return text, end


def _id(raw: bytes, at: int) -> int:
    number = int.from_bytes(raw[at : at + 2], "big")
    if len(raw) < at + 2 or not number:
        raise MqttError("a packet that must carry an id has none")
    return number


def read_connect(packet: Packet) -> Connect:
    """Take a CONNECT apart.

    Raises:
        VersionError: it speaks another version than 3.1.1.
        MqttError: it is malformed.
    """
    raw = packet.raw
    name, at = _binary(raw, packet.start)
    if len(raw) < at + 4:
        raise MqttError("a CONNECT ends within its head")
    if name != b"MQTT" or raw[at] != 4:
        raise VersionError(
            f"protocol {name[:16]!r} level {raw[at]}; only MQTT 3.1.1 is spoken here"
        )
    flags, keep_alive = raw[at + 1], int.from_bytes(raw[at + 2 : at + 4], "big")
    qos = flags >> 3 & 3
    if flags & 1 or qos == 3 or (not flags & 4 and flags & 0x38) or flags & 0xC0 == 0x40:
        raise MqttError(f"a CONNECT with impossible flags 0x{flags:02x}")
    client, at = _string(raw, at + 4)
    will = user = password = None
    if flags & 4:
        topic, at = _string(raw, at)
        payload, at = _binary(raw, at)
        will = Will(topic, payload, qos, bool(flags & 0x20))
    if flags & 128:
        user, at = _string(raw, at)
    if flags & 64:
        password, at = _binary(raw, at)
    if at != len(raw):
        raise MqttError("a CONNECT has bytes after its end")
    return Connect(client, user, password, bool(flags & 2), keep_alive, will)


def read_connack(packet: Packet) -> tuple[bool, int]:
    """Take a CONNACK apart: whether a session was present, and the return code."""
    if len(packet.raw) != 4 or packet.raw[2] > 1:
        raise MqttError("a CONNACK is not of its four bytes")
    return bool(packet.raw[2]), packet.raw[3]


def topic_of(packet: Packet) -> bytes:
    """Give the topic of a PUBLISH as it stands there, and check that the packet is whole."""
    raw = packet.raw
    start = packet.start + 2
    end = start + int.from_bytes(raw[packet.start : start], "big")
    if start > len(raw) or end > len(raw):
        raise MqttError("a field runs over the end of its packet")
    if packet.head & 6:
        _id(raw, end)
    return raw[start:end]


def read_publish(packet: Packet) -> Publish:
    """Take a PUBLISH apart."""
    head, raw = packet.head, packet.raw
    topic, at = _string(raw, packet.start)
    if not topic or "+" in topic or "#" in topic:
        raise MqttError(f"a message to the topic {topic[:80]!r}")
    qos, id = head >> 1 & 3, 0
    if qos:
        id = _id(raw, at)
        at += 2
    return Publish(topic, raw[at:], qos, bool(head & 1), bool(head & 8), id)


def read_id(packet: Packet) -> int:
    """Take apart a packet that is its id alone: PUBACK, UNSUBACK."""
    if len(packet.raw) != packet.start + 2:
        raise MqttError("an acknowledgement is not of its two bytes")
    return _id(packet.raw, packet.start)


def read_subscribe(packet: Packet) -> tuple[int, list[tuple[str, int]]]:
    """Take a SUBSCRIBE apart: its id, and each filter with its QoS."""
    raw, filters = packet.raw, []
    id, at = _id(raw, packet.start), packet.start + 2
    while at < len(raw):
        text, at = _string(raw, at)
        if at == len(raw) or raw[at] > 2:
            raise MqttError("a SUBSCRIBE holds a filter without a possible QoS")
        filters.append((text, raw[at]))
        at += 1
    if not filters:
        raise MqttError("a SUBSCRIBE without a filter")
    return id, filters


def read_suback(packet: Packet) -> tuple[int, tuple[int, ...]]:
    """Take a SUBACK apart: its id, and one code for each filter."""
    raw = packet.raw
    id, codes = _id(raw, packet.start), tuple(raw[packet.start + 2 :])
    if not codes or not {0, 1, 2, 0x80}.issuperset(codes):
        raise MqttError("a SUBACK with codes that do not exist")
    return id, codes


def read_unsubscribe(packet: Packet) -> tuple[int, list[str]]:
    """Take an UNSUBSCRIBE apart: its id and its filters."""
    raw, filters = packet.raw, []
    id, at = _id(raw, packet.start), packet.start + 2
    while at < len(raw):
        text, at = _string(raw, at)
        filters.append(text)
    if not filters:
        raise MqttError("an UNSUBSCRIBE without a filter")
    return id, filters
