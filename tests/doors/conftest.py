"""A door on a real socket, with a TCP port before it for clients that know nothing else, and its record in a list."""

import asyncio
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agents.forward import Forward
from sandbox.isolation.doors.asked import at_once
from sandbox.isolation.doors.models import Models, Served
from sandbox.isolation.doors.threshold import Threshold

NOW = 1_790_000_000.0


class Behind:
    """Models that say what they are told to, and a purse."""

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)
        self.asked = []
        self.why = None

    async def ask(self, model, request):
        self.asked.append((model, request))
        return self.outcomes.pop(0)

    def spent(self, agent, model, sent_bytes):
        assert sent_bytes > 0
        return self.why


class Notes:
    """The record: a list."""

    def __init__(self):
        self.events = []
        self._more = asyncio.Event()

    async def durable(self, kind, agent, data, parent):
        self._add(kind, agent, data, parent)
        return len(self.events)

    def soon(self, kind, agent, data):
        self._add(kind, agent, data, None)

    def _add(self, *event):
        self.events.append(event)
        self._more.set()

    async def until(self, holds):
        """Wait for events until something holds."""
        async with asyncio.timeout(20):
            while not holds():
                self._more.clear()
                await self._more.wait()

    def of(self, kind):
        return [data for each, _, data, _ in self.events if each == kind]

    def refused(self):
        return {
            what: sum(d["count"] for d in self.of("door.touched") if d.get("refused") == what)
            for what in {d["refused"] for d in self.of("door.touched") if "refused" in d}
        }


class Opened:
    """A door that is open: its socket, and a port of this machine that leads there."""

    def __init__(self, path, port, notes, threshold):
        self.path = path
        self.port = port
        self.notes = notes
        self.threshold = threshold
        self.url = f"http://127.0.0.1:{port}"

    async def connect(self):
        return await asyncio.open_unix_connection(self.path)

    async def send(self, data: bytes) -> bytes:
        """Send raw bytes on a connection of their own, and read until it is closed."""
        reader, writer = await self.connect()
        writer.write(data)
        answer = b""
        try:
            await writer.drain()
            while block := await reader.read(65536):
                answer += block
        except ConnectionError:
            pass  # it was cut: what had come is the answer
        writer.close()
        return answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def folder():
    """Short, as the path of a socket must be."""
    path = Path(tempfile.mkdtemp(prefix="br-", dir="/tmp"))
    yield path
    shutil.rmtree(path)


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def opened(folder, notes):
    """Opens a door (an object with ``reply``, or a Reply) while the body runs."""

    @asynccontextmanager
    async def open_door(door, *, tcp=False, canaries=None, limits=None) -> AsyncIterator[Opened]:
        reply = at_once(door) if not asyncio.iscoroutinefunction(door) else door
        port = free_port() if tcp else None
        threshold = Threshold(
            "ada",
            "door",
            reply,
            record=notes,
            canaries={} if canaries is None else canaries,
            port=port,
            limits=limits,
        )
        threshold.listen(folder, None)
        if port is not None:
            Forward({port: str(folder / "door.sock")}).start()
        task = asyncio.create_task(threshold.serve())
        try:
            yield Opened(folder / "door.sock", port, notes, threshold)
        finally:
            task.cancel()
            await asyncio.wait([task])
            assert task.cancelled(), task.exception()

    return open_door


@pytest.fixture
def behind_of():
    """The double of what is behind the door ``models``."""
    return Behind


@pytest.fixture
def models():
    """Makes the door ``models`` before such a double: two models, of Mistral's and of Anthropic's name."""

    def make(behind):
        large = Served(
            "mistral/mistral-large", "door/mistral/mistral-large", 500, {"base_url": "http://x"}
        )
        haiku = Served("anthropic/claude-haiku", "door/anthropic/claude-haiku", 500, {})
        served = {"mistral-large": large, large.model: large, "claude-haiku": haiku}
        return Models("ada", served, behind, lambda: NOW).reply

    return make
