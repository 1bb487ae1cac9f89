"""A bus of one connection at a time, and the agent's real process at its other end."""

import itertools
import os
import select
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from agents import mqtt, wire

AGENTS = Path(__file__).resolve().parents[2] / "agents"
PATIENCE = 10.0


class Peer:
    """The other end of a Unix socket: plays broker and house, one step at a time."""

    def __init__(self, path):
        self.path = path
        self.seen = []  # the kinds of the packets that were not published messages
        self._count = itertools.count(1)
        self._link = None
        self._listen()

    def _listen(self):
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen(8)
        self._listener.settimeout(PATIENCE)

    def accept_silently(self):
        """Take the next connection and say nothing yet."""
        self.hang_up()
        self._link, _ = self._listener.accept()
        self._link.settimeout(PATIENCE)
        self._framer = mqtt.Framer(8 << 20)

    def accept(self, *, subscribed=True):
        """Let the next client in, and its subscription."""
        self.accept_silently()
        connect = mqtt.read_connect(self.packet())
        self._link.sendall(mqtt.connack(0))
        if not subscribed:
            return connect, None
        ident, filters = mqtt.read_subscribe(self.packet())
        self._link.sendall(mqtt.suback(ident, [0] * len(filters)))
        return connect, filters

    def packet(self):
        """The next packet, or None when the client has hung up."""
        while (packet := self._framer.next()) is None:
            data = self._link.recv(65536)
            if not data:
                return None
            self._framer.feed(data)
        return packet

    def arrived(self):
        """The packets that are there once the next bytes have been read."""
        self._framer.feed(self._link.recv(1 << 20))
        return list(iter(self._framer.next, None))

    def message(self):
        """The next published message: (topic, envelope), or None when the client has hung up."""
        while (packet := self.packet()) is not None:
            if packet.kind == mqtt.PUBLISH:
                publish = mqtt.read_publish(packet)
                return publish.topic, wire.decode(publish.payload)
            self.seen.append(packet.kind)
            if packet.kind == mqtt.PINGREQ:
                self._link.sendall(mqtt.pingresp())
        return None

    def expect(self, kind):
        """The next message, which must be of this kind: its envelope."""
        topic, envelope = self.message()
        assert topic == "br/run/out/ada"
        assert envelope.kind == kind, envelope
        return envelope

    def send(self, body, re=None, *, id=None):
        """Publish to the agent; returns the message's id."""
        id = id or f"h{next(self._count)}"
        payload = wire.encode(body, id=id, re=re)
        self._link.sendall(mqtt.publish("br/run/in/ada", payload))
        return id

    def send_raw(self, data):
        self._link.sendall(data)

    def hang_up(self):
        """Drop the connection, as a broker does that dies."""
        if self._link is not None:
            self._link.close()
            self._link = None

    def vanish(self):
        """Take the socket away as well."""
        self.hang_up()
        self._listener.close()
        self.path.unlink()

    def come_back(self):
        self._listen()

    def close(self):
        self.hang_up()
        self._listener.close()


@pytest.fixture
def bus(tmp_path):
    peer = Peer(tmp_path / "bus.sock")
    yield peer
    peer.close()


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def agent(bus, home):
    """The agent's process, as it is started in a box but for the box."""
    command = [sys.executable, "-I", "-S", AGENTS / "__main__.py"]
    given = {"--run": "run", "--agent": "ada", "--bus": bus.path, "--home": home}
    argv = [*command, *itertools.chain.from_iterable(given.items())]
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) as process:
        yield process
        if process.poll() is None:
            process.kill()


@pytest.fixture
def gone():
    """Whether a process ends within 5 s."""

    def look(pid):
        try:
            descriptor = os.pidfd_open(int(pid))
        except ProcessLookupError:
            return True
        ended, _, _ = select.select([descriptor], [], [], 5)
        os.close(descriptor)
        return bool(ended)

    return look
