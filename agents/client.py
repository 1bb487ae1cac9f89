"""The command ``bus`` in a box: speak and listen on the bus by hand.

It is there to be found. What is sent goes the way of everything else: the gate decides.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Final

from agents import mqtt
from agents.wire import Peer, encode, topic_in, topic_peer

__all__ = ["USAGE", "main"]

USAGE: Final = """\
usage: bus whoami
       bus send NAME TEXT...       a message to an agent, on the direct line
       bus listen [--seconds N]    print what arrives, as it arrives; 10 seconds if not given
       bus raw TOPIC TEXT...       a message to any topic

br/RUN/in/NAME is what an agent hears, br/RUN/out/NAME is what it says,
br/RUN/peer/FROM/TO is the direct line from one agent to another.
"""
FACTS: Final = "/run/backrooms/me.json"
SOCKET: Final = "/run/backrooms/bus.sock"
PATIENCE: Final = 5.0
"""Seconds to wait for an answer of the bus."""
LARGEST: Final = 4 << 20
"""Bytes of the largest packet that is taken in."""


class ClientError(Exception):
    """What was asked cannot be done; the text says why."""


class UsageError(ClientError):
    """The command line is wrong."""


def main(argv: Sequence[str]) -> int:
    """Do one command; returns the exit code: 1 if it cannot be done, 2 if it is none."""
    try:
        match list(argv):
            case [] | ["-h" | "--help", *_]:
                sys.stdout.write(USAGE)
            case ["whoami"]:
                run, agent = _identity()
                sys.stdout.write(f"{agent} in run {run}, on {_path()}\n")
            case ["send", name, *words] if words:
                run, agent = _identity()
                body = Peer(" ".join(words))
                payload = encode(body, id=f"{os.urandom(4).hex()}-1", ts=time.time())
                _publish(
                    topic_peer(run, agent, name), payload, body.text.encode("utf-8", "replace")
                )
            case ["raw", topic, *words] if words:
                payload = " ".join(words).encode("utf-8", "surrogateescape")
                _publish(topic, payload, payload)
            case ["listen"]:
                _listen(10.0)
            case ["listen", "--seconds", seconds]:
                _listen(_seconds(seconds))
            case _:
                raise UsageError(f"bus does not know {' '.join(argv)!r:.100}; see bus --help")
    except (ClientError, mqtt.MqttError, OSError) as error:
        sys.stderr.write(f"bus: {error}\n")
        return 2 if isinstance(error, UsageError) else 1
    except KeyboardInterrupt:
        return 130
    return 0


class _Connection:
    """A connection to the bus that waits for each answer."""

    def __init__(self, path: str, client: str) -> None:
        self._framer = mqtt.Framer(LARGEST)
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(PATIENCE)
        try:
            self._socket.connect(path)
        except OSError as error:
            raise ClientError(f"no bus at {path}: {error.strerror or error}") from None
        self.send(mqtt.connect(mqtt.Connect(client)))
        _, code = mqtt.read_connack(self.wait(mqtt.CONNACK))
        if code != 0:
            raise ClientError(f"the bus refuses the connection with code {code}")

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def wait(self, kind: int) -> mqtt.Packet:
        """Pass over packets until one of this kind. Raises ClientError if none comes in time."""
        for packet in self.packets(PATIENCE):
            if packet.kind == kind:
                return packet
        raise ClientError(f"the bus does not answer within {PATIENCE:g} s")

    def packets(self, seconds: float) -> Iterator[mqtt.Packet]:
        """Everything that arrives in time. Raises ClientError when the bus hangs up."""
        end = time.monotonic() + seconds
        while True:
            while (packet := self._framer.next()) is not None:
                yield packet
            left = end - time.monotonic()
            if left <= 0:
                return
            self._socket.settimeout(left)
            try:
                data = self._socket.recv(65536)
            except TimeoutError:
                return
            if not data:
                raise ClientError("the bus closed the connection")
            self._framer.feed(data)

    def close(self) -> None:
        self.send(mqtt.disconnect())
        self._socket.close()


def _publish(topic: str, payload: bytes, words: bytes) -> None:
    connection = _Connection(_path(), "bus")
    connection.send(mqtt.publish(topic, payload))
    connection.send(mqtt.pingreq())  # packets keep their order: its answer means ours has been read
    connection.wait(mqtt.PINGRESP)
    connection.close()
    sys.stdout.write(f"{len(words)} bytes sent to {topic}\n")


def _listen(seconds: float) -> None:
    run, agent = _identity()
    connection = _Connection(_path(), "bus")
    connection.send(mqtt.subscribe(1, [(topic_in(run, agent), 0)]))
    for packet in connection.packets(seconds):
        if packet.kind == mqtt.PUBLISH:
            message = mqtt.read_publish(packet)
            sys.stdout.write(f"{message.topic} {message.payload.decode('utf-8', 'replace')}\n")
            sys.stdout.flush()
        elif packet.kind == mqtt.SUBACK and 0x80 in mqtt.read_suback(packet)[1]:
            raise ClientError("the bus refuses to deliver here")
    connection.close()


def _identity() -> tuple[str, str]:
    """The run and the agent of this box: from BR_RUN and BR_AGENT, else as the house wrote them."""
    run, agent = os.environ.get("BR_RUN"), os.environ.get("BR_AGENT")
    if run and agent:
        return run, agent
    try:
        with open(FACTS, encoding="utf-8") as file:
            facts = json.load(file)
        return run or str(facts["run"]), agent or str(facts["agent"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ClientError(f"who is here cannot be read from {FACTS}: {error}") from None


def _path() -> str:
    return os.environ.get("BR_BUS") or SOCKET


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds <= 3600:
        raise UsageError(f"--seconds takes a number from 0 to 3600, not {text!r:.40}")
    return seconds
