"""Many connections over one stream of bytes: how a box without a network and without a shared folder talks.

Inside, ``agents.relay`` opens a channel for each connection to one of its sockets; outside, the house
carries each channel to the socket of the same name. A frame is a kind (1 byte), a channel (4 bytes),
a number (4 bytes), all big-endian; of DATA the number is the length of what follows. Nothing here
does any input or output. Both ends count what they may send: what the other has not yet passed on
waits at the sender, so that neither holds more than ``WINDOW`` bytes of a channel.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

__all__ = [
    "FRAME",
    "MOST",
    "WINDOW",
    "Closed",
    "Data",
    "Event",
    "Freeze",
    "Mux",
    "MuxError",
    "Opened",
    "Room",
]

MOST: Final = 16
"""Channels open at a time; one more is a fault."""
WINDOW: Final = 256 << 10
"""Cost of what may be under way in one direction of one channel."""
OVERHEAD: Final = 256
"""What a frame costs beside its bytes: whoever sends single bytes has soon used up the window."""
FRAME: Final = 32 << 10
"""Bytes of DATA in one frame."""
PIECE: Final = 64 << 10
UNREAD: Final = 2 * MOST * WINDOW
"""Bytes that may wait for the other end; honest ends never come that far."""

_OPEN, _DATA, _CREDIT, _CLOSE, _FREEZE = 1, 2, 3, 4, 5
_HEADER: Final = struct.Struct(">BII")


class MuxError(ValueError):
    """What came is not of this protocol, or the other end does not read; the stream is of no more use."""


class Opened(NamedTuple):
    """The box wants to be connected to a door."""

    channel: int
    door: str


class Data(NamedTuple):
    """Bytes of a channel; once they and all before them have been passed on, say so by ``Mux.passed_on``."""

    channel: int
    data: bytes


class Closed(NamedTuple):
    """The other end has closed a channel; nothing more comes of it or is taken for it."""

    channel: int


class Room(NamedTuple):
    """The other end has passed on what it was sent: there is ``Mux.room`` again."""

    channel: int


class Freeze(NamedTuple):
    """The house wants everything in the box to stop where it is, or to go on."""

    frozen: bool


Event: TypeAlias = Opened | Data | Closed | Room | Freeze


class _Channel:
    """What this end may still send and take, and who has closed."""

    __slots__ = ("closed", "credit", "grant", "held", "owed")

    def __init__(self) -> None:
        self.credit = WINDOW
        self.grant = WINDOW
        self.held = 0
        self.owed = 0
        self.closed = False


class Mux:
    """One end: ``feed`` what arrived, write what ``take`` gives.

    Args:
        doors: what channels may lead to; a frame names one by its place here, so both ends have the same.
        inside: this is the box's end, which opens channels and is frozen; the other is the house's.
    """

    def __init__(self, doors: Sequence[str], *, inside: bool) -> None:
        self._doors = tuple(doors)
        self._inside = inside
        self._in = bytearray()
        self._out = bytearray()
        self._channels: dict[int, _Channel] = {}
        self._last = 0

    @property
    def open_channels(self) -> int:
        """Channels that are not closed at both ends; at most ``MOST``."""
        return len(self._channels)

    @property
    def waiting(self) -> bool:
        """Whether ``take`` has something to give."""
        return bool(self._out)

    def take(self) -> bytes:
        """Give out what is to be sent to the other end, in pieces of at most ``PIECE`` bytes."""
        piece = bytes(self._out[:PIECE])
        del self._out[:PIECE]
        return piece

    def open(self, door: str) -> int:
        """Open a channel to a door; the inside does, while there are fewer than ``MOST``."""
        assert self._inside
        assert len(self._channels) < MOST
        self._last += 1
        self._channels[self._last] = _Channel()
        self._send(_OPEN, self._last, self._doors.index(door))
        return self._last

    def room(self, channel: int) -> int:
        """How many bytes ``send`` takes now; 0 for a channel that is closed."""
        found = self._channels.get(channel)
        if found is None or found.closed:
            return 0
        return max(0, min(FRAME, found.credit - OVERHEAD))

    def send(self, channel: int, data: bytes) -> None:
        """Send bytes, no more than there is ``room`` for."""
        assert 0 < len(data) <= self.room(channel)
        self._channels[channel].credit -= len(data) + OVERHEAD
        self._send(_DATA, channel, len(data), data)

    def passed_on(self, channel: int) -> None:
        """Say that every ``Data`` of a channel so far has left this end's hands: the other may send more."""
        found = self._channels.get(channel)
        if found is None or found.closed:
            return
        found.owed += found.held
        found.held = 0
        if found.owed >= WINDOW // 2:
            self._send(_CREDIT, channel, found.owed)
            found.grant += found.owed
            found.owed = 0

    def close(self, channel: int) -> None:
        """Close a channel that may be closed already; what was sent before still arrives."""
        found = self._channels.get(channel)
        if found is not None and not found.closed:
            found.closed = True
            self._send(_CLOSE, channel, 0)

    def freeze(self, *, frozen: bool) -> None:
        """Ask the box to stop everything in it, or to let it go on; the house does."""
        assert not self._inside
        self._send(_FREEZE, 0, int(frozen))

    def feed(self, data: bytes) -> list[Event]:
        """Take in what arrived. Raises MuxError; what came before the fault is then lost, too."""
        if len(self._out) > UNREAD:
            raise MuxError(f"the other end does not read: {len(self._out)} bytes wait for it")
        self._in += data
        events: list[Event] = []
        at = 0
        while len(self._in) - at >= _HEADER.size:
            kind, channel, number = _HEADER.unpack_from(self._in, at)
            if kind == _DATA:
                if not 0 < number <= FRAME:
                    raise MuxError(f"a frame of {number} bytes; from 1 to {FRAME} are taken")
                end = at + _HEADER.size + number
                if len(self._in) < end:
                    break
                event = self._data(channel, bytes(self._in[at + _HEADER.size : end]))
                at = end
            else:
                event = self._control(kind, channel, number)
                at += _HEADER.size
            if event is not None:
                events.append(event)
        del self._in[:at]
        return events

    def _data(self, channel: int, data: bytes) -> Event | None:
        found = self._known(channel)
        found.held += len(data) + OVERHEAD
        found.grant -= len(data) + OVERHEAD
        if found.grant < 0:
            raise MuxError(f"more on channel {channel} than was allowed")
        return None if found.closed else Data(channel, data)

    def _control(self, kind: int, channel: int, number: int) -> Event | None:
        if kind == _OPEN and not self._inside:
            if channel != self._last + 1 or number >= len(self._doors):
                raise MuxError(f"channel {channel} cannot be opened to door {number}")
            if len(self._channels) >= MOST:
                raise MuxError(f"more than {MOST} channels")
            self._last = channel
            self._channels[channel] = _Channel()
            return Opened(channel, self._doors[number])
        if kind == _CREDIT:
            found = self._known(channel)
            found.credit += number
            if number == 0 or found.credit > WINDOW:
                raise MuxError(f"channel {channel} passes on more than it was sent")
            return Room(channel)
        if kind == _CLOSE:
            found = self._known(channel)
            self.close(channel)
            del self._channels[channel]
            return Closed(channel)
        if kind == _FREEZE and self._inside:
            return Freeze(bool(number))
        raise MuxError(f"a frame of kind {kind}")

    def _known(self, channel: int) -> _Channel:
        found = self._channels.get(channel)
        if found is None:
            raise MuxError(f"there is no channel {channel}")
        return found

    def _send(self, kind: int, channel: int, number: int, data: bytes = b"") -> None:
        if len(self._out) <= UNREAD:  # else this end is done for, as the next ``feed`` says
            self._out += _HEADER.pack(kind, channel, number) + data
