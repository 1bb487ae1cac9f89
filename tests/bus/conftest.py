"""Brokers and agents for the tests of the bus: real ones, on private ports."""

import asyncio
import contextlib
import itertools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Self

import pytest

from agents import mqtt
from sandbox.bus.broker import EmbeddedBroker
from sandbox.bus.gate import Gate
from sandbox.bus.notice import Notice, Refused
from sandbox.bus.recipe import Program, find_mosquitto, find_nats
from sandbox.bus.rights import Rights
from sandbox.ids import AgentId

BROKERS = [
    pytest.param(find_nats, id="nats", marks=pytest.mark.needs("nats")),
    pytest.param(find_mosquitto, id="mosquitto", marks=pytest.mark.needs("mosquitto")),
]


@pytest.fixture(params=BROKERS)
async def broker(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[EmbeddedBroker]:
    find: Callable[[], Program] = request.param
    async with EmbeddedBroker(tmp_path / "broker", program=find()) as running:
        yield running


@pytest.fixture(autouse=True)
def quiet_loop(caplog: pytest.LogCaptureFixture):
    """Fail where asyncio reports an exception that nobody handled."""
    yield
    errors = [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]
    assert errors == []


@pytest.fixture
def until() -> Callable[[Callable[[], object]], Awaitable[None]]:
    """Let the loop run until something is so; for what cannot be waited for otherwise."""

    async def wait(is_so: Callable[[], object]) -> None:
        async with asyncio.timeout(5):
            while not is_so():  # noqa: ASYNC110
                await asyncio.sleep(0.001)

    return wait


class Guest:
    """A client on an agent's socket that says exactly the bytes it is told to."""

    def __init__(self, path: Path, client: str = "anyone") -> None:
        self.path = path
        self.client = client
        self.framer = mqtt.Framer(1 << 26)
        self.ids = itertools.count(1)
        self.messages: list[tuple[str, bytes]] = []

    async def __aenter__(self) -> Self:
        assert await self.connect(mqtt.connect(mqtt.Connect(self.client))) == 0
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def connect(self, hello: bytes) -> int:
        """Send a CONNECT and give the code of its CONNACK."""
        await self.dial()
        self.writer.write(hello)
        packet = await self.read()
        assert packet.kind == mqtt.CONNACK
        return mqtt.read_connack(packet)[1]

    async def dial(self) -> None:
        self.reader, self.writer = await asyncio.open_unix_connection(self.path)

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()

    async def read(self, seconds: float = 5.0) -> mqtt.Packet:
        """Give the next packet. Raises EOFError at the end, TimeoutError if nothing comes."""
        async with asyncio.timeout(seconds):
            while (packet := self.framer.next()) is None:
                try:
                    data = await self.reader.read(65536)
                except ConnectionError:
                    data = b""
                if not data:
                    raise EOFError
                self.framer.feed(data)
        return packet

    async def until(self, kind: int) -> mqtt.Packet:
        """Give the next packet of this kind; messages that come before it are kept."""
        while (packet := await self.read()).kind != kind:
            assert packet.kind == mqtt.PUBLISH
            message = mqtt.read_publish(packet)
            self.messages.append((message.topic, message.payload))
        return packet

    async def subscribe(self, *filters: str, qos: int = 0) -> tuple[int, ...]:
        self.writer.write(mqtt.subscribe(next(self.ids), [(f, qos) for f in filters]))
        return mqtt.read_suback(await self.until(mqtt.SUBACK))[1]

    async def publish(self, topic: str, payload: bytes, **more: int) -> None:
        self.writer.write(mqtt.publish(topic, payload, **more))
        await self.writer.drain()

    async def hear(self, count: int = 1) -> list[tuple[str, bytes]]:
        """Give the next messages."""
        while len(self.messages) < count:
            message = mqtt.read_publish(await self.read())
            self.messages.append((message.topic, message.payload))
        heard, self.messages = self.messages[:count], self.messages[count:]
        return heard

    async def settle(self) -> list[tuple[str, bytes]]:
        """Go once to the broker and back, and give what came before the answer."""
        self.writer.write(mqtt.pingreq())
        await self.until(mqtt.PINGRESP)
        heard, self.messages = self.messages, []
        return heard

    async def ended(self) -> bool:
        """Wait until the gate closes the connection."""
        try:
            while True:
                await self.read()
        except EOFError:
            return True


class House:
    """A gate over a broker, with what it told and a witness who may hear and say everything."""

    def __init__(self, gate: Gate, folder: Path, notices: list[Notice]) -> None:
        self.gate = gate
        self.folder = folder
        self.notices = notices

    async def open(self, agent: str, rights: Rights) -> Path:
        """Open the gate for an agent and give the path of its socket."""
        folder = self.folder / agent
        folder.mkdir(mode=0o700)
        await self.gate.open(AgentId(agent), folder, rights, owner_uid=None)
        return folder / "bus.sock"

    def guest(self, agent: str) -> Guest:
        return Guest(self.folder / agent / "bus.sock")

    def refused(self) -> list[Refused]:
        return [notice for notice in self.notices if isinstance(notice, Refused)]


@pytest.fixture
async def house(broker: EmbeddedBroker, tmp_path: Path) -> AsyncIterator[House]:
    notices: list[Notice] = []
    async with Gate(broker.upstream, notices=notices.append) as gate:
        house = House(gate, tmp_path, notices)
        await house.open("ada", ADA)
        await house.open("witness", Rights(publish=("br/r/#",), subscribe=("br/r/#",)))
        yield house


ADA = Rights(publish=("br/r/out/ada", "br/r/peer/ada/+"), subscribe=("br/r/in/ada",))
