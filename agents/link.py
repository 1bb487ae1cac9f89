"""The agent's end of the bus: one connection over the box's Unix socket that comes back by itself.

Nothing here blocks. The loop waits for ``descriptor``, calls ``read``, ``write`` and ``tick``; what
is published while the link is down, or full, is dropped, since agents.courier repeats what matters.
"""

from __future__ import annotations

import socket
from typing import Final, NamedTuple

from agents import mqtt

__all__ = ["Link", "Reading"]

KEEP_ALIVE: Final = 30.0
"""Seconds after which a broker may give up a silent client; we ping at half of it."""
PATIENCE: Final = 10.0
"""Seconds until a greeting or a ping that nobody answers counts as a lost link."""
FIRST_WAIT: Final = 0.02
"""Seconds until the first attempt to reconnect; doubles up to LAST_WAIT."""
LAST_WAIT: Final = 1.0
LARGEST: Final = 4 << 20
"""Bytes of the largest packet that is taken in, and of what may wait to be sent."""
CHUNK: Final = 64 << 10


class Reading(NamedTuple):
    """What one ``read`` brought: whether the link has just come up, and the payloads in order."""

    up: bool
    payloads: list[bytes]


class Link:
    """A connection to the bus, subscribed to one topic at QoS 0. All times are monotonic seconds."""

    def __init__(self, path: str, topic: str, client: str) -> None:
        self._path = path
        self._topic = topic
        self._client = client
        self._socket: socket.socket | None = None
        self._framer = mqtt.Framer(LARGEST)
        self._out = bytearray()
        self._up = False
        self._wait = FIRST_WAIT
        self._due = 0.0  # when to connect, to ping, or to give up
        self._expecting = False  # the broker owes us a packet

    @property
    def up(self) -> bool:
        """Whether messages pass in both directions."""
        return self._up

    @property
    def descriptor(self) -> int | None:
        """What to wait on for reading; None while there is no connection."""
        return None if self._socket is None else self._socket.fileno()

    @property
    def sending(self) -> bool:
        """Whether to wait for writing as well."""
        return bool(self._out)

    def due(self) -> float:
        """When ``tick`` has something to do."""
        return self._due

    def tick(self, now: float) -> None:
        """Connect, ping, or give up on a silent broker, whichever is due."""
        if now < self._due:
            return
        if self._socket is None:
            self._connect(now)
        elif self._expecting:
            self._lost(now)
        else:
            self._send(mqtt.pingreq(), now)
            self._expect(now)

    def read(self, now: float) -> Reading:
        """Take in what has arrived."""
        came_up, payloads = False, list[bytes]()
        if self._socket is None:
            return Reading(came_up, payloads)
        try:
            data = self._socket.recv(CHUNK)
        except BlockingIOError:
            return Reading(came_up, payloads)
        except OSError:
            data = b""
        if not data:
            self._lost(now)
            return Reading(came_up, payloads)
        self._framer.feed(data)
        try:
            while (packet := self._framer.next()) is not None:
                if packet.kind == mqtt.PUBLISH:
                    payloads.append(mqtt.read_publish(packet).payload)
                elif self._greet(packet, now):
                    came_up = True
        except mqtt.MqttError:
            self._lost(now)
        return Reading(came_up and self._up, payloads)

    def write(self, now: float) -> None:
        """Send what had to wait."""
        if self._socket is None or not self._out:
            return
        try:
            del self._out[: self._socket.send(self._out)]
        except BlockingIOError:
            return
        except OSError:
            self._lost(now)

    def publish(self, topic: str, payload: bytes, now: float) -> bool:
        """Send one message now or soon; False if it was dropped."""
        if not self._up or len(self._out) + len(payload) > LARGEST:
            return False
        self._send(mqtt.publish(topic, payload), now)
        return self._up

    def close(self) -> None:
        """Say good-bye as far as the socket takes it, and let go."""
        if self._socket is not None:
            self._send(mqtt.disconnect(), self._due)
        if self._socket is not None:
            self._socket.close()
        self._socket, self._up = None, False

    def _connect(self, now: float) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.setblocking(False)
        try:
            self._socket.connect(self._path)
        except OSError:  # no such socket, nobody behind it, or (BlockingIOError) too many before us
            self._lost(now)
            return
        self._send(mqtt.connect(mqtt.Connect(self._client, keep_alive=int(KEEP_ALIVE))), now)
        self._expect(now)

    def _greet(self, packet: mqtt.Packet, now: float) -> bool:
        """Go one step further with the broker; True when the link has just come up."""
        self._expecting = False
        self._due = now + KEEP_ALIVE / 2
        if packet.kind == mqtt.CONNACK:
            if mqtt.read_connack(packet)[1] != 0:
                self._lost(now)
                return False
            self._send(mqtt.subscribe(1, [(self._topic, 0)]), now)
            self._expect(now)
        elif packet.kind == mqtt.SUBACK:
            if 0x80 in mqtt.read_suback(packet)[1]:
                self._lost(now)
                return False
            self._up = True
            self._wait = FIRST_WAIT
            return True
        return False

    def _send(self, data: bytes, now: float) -> None:
        self._out += data
        self.write(now)

    def _expect(self, now: float) -> None:
        if self._socket is not None:
            self._expecting = True
            self._due = now + PATIENCE

    def _lost(self, now: float) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket, self._up, self._expecting = None, False, False
        self._framer = mqtt.Framer(LARGEST)
        self._out.clear()
        self._due = now + self._wait
        self._wait = min(self._wait * 2, LAST_WAIT)
