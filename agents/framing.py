"""Cuts a stream of bytes into the packets of MQTT 3.1.1, and bounds what it holds meanwhile."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["Framer", "MqttError", "Packet", "TooLarge", "VersionError"]

_FLAGS: Final = {1: 0, 2: 0, 4: 0, 5: 0, 6: 2, 7: 0, 8: 2, 9: 0, 10: 2, 11: 0, 12: 0, 13: 0, 14: 0}
_HEADS: Final = frozenset(
    {kind << 4 | flags for kind, flags in _FLAGS.items()}
    | {0x30, 0x31}  # PUBLISH at QoS 0 is never a duplicate; QoS 3 does not exist
    | {0x30 | flags for flags in range(16) if flags >> 1 & 3 in (1, 2)}
)
"""Every first byte that the standard allows."""


class MqttError(ValueError):
    """Bytes that are not MQTT 3.1.1; the text says in what way."""


class TooLarge(MqttError):
    """A packet announces more bytes than the limit."""


class VersionError(MqttError):
    """A CONNECT of another version of MQTT."""


class Packet(NamedTuple):
    """One whole packet: its first byte, where its body starts, and all its bytes."""

    head: int
    start: int
    raw: bytes

    @property
    def kind(self) -> int:
        """The type of packet: ``CONNECT``, ``PUBLISH``, ..."""
        return self.head >> 4


class Framer:
    """Cuts a stream into packets: ``feed`` what arrived, call ``next`` until it has no more.

    It never holds more than one packet of at most ``limit`` bytes beyond what it was just fed.
    """

    __slots__ = ("_data", "_need", "_pos", "limit")

    def __init__(self, limit: int = 1 << 20) -> None:
        self.limit = limit
        self._data: bytes | bytearray = b""
        self._pos = 0
        self._need = 2

    @property
    def held(self) -> int:
        """Bytes that were fed and not yet given out."""
        return len(self._data) - self._pos

    def feed(self, data: bytes) -> None:
        """Take in the next bytes of the stream."""
        if not self._data:
            self._data = data
            return
        if isinstance(self._data, bytearray):
            del self._data[: self._pos]
        else:  # appending to a bytearray keeps a packet that comes byte by byte linear
            self._data = bytearray(memoryview(self._data)[self._pos :])
        self._pos = 0
        self._data += data

    def next(self) -> Packet | None:
        """Give out the next whole packet, or None until more is fed.

        Raises:
            TooLarge: the packet is longer than ``limit``; noticed before its body is held.
            MqttError: these bytes start no packet. Every later call raises the same.
        """
        data, pos = self._data, self._pos
        have = len(data) - pos
        if have < self._need:
            return None
        head = data[pos]
        if head not in _HEADS:
            raise MqttError(f"no packet starts with the byte 0x{head:02x}")
        length, start = data[pos + 1], 2
        if length > 127:
            length, start = _long_length(data, pos, have)
            if not start:
                self._need = have + 1
                return None
        total = start + length
        if total > self.limit:
            raise TooLarge(f"a packet of {total} bytes; the limit is {self.limit}")
        if have < total:
            self._need = total
            return None
        end = pos + total
        raw = bytes(data[pos:end])
        if end == len(data):
            self._data, self._pos = b"", 0
        else:
            self._pos = end
        self._need = 2
        return Packet(head, start, raw)


def _long_length(data: bytes | bytearray, pos: int, have: int) -> tuple[int, int]:
    """Read a length of two to four bytes, and where the body starts: 0 if bytes are missing."""
    length = data[pos + 1] & 127
    for at in range(2, 5):
        if at == have:
            return 0, 0
        byte = data[pos + at]
        length |= (byte & 127) << 7 * (at - 1)
        if byte < 128:
            return length, at + 1
    raise MqttError("a packet's length takes more than four bytes")
