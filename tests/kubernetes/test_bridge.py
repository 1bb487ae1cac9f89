"""The house's end of a relay: what is carried, and what becomes of a relay that is hostile."""

import asyncio
import os
import socket
import sys
from pathlib import Path

import pytest

import agents
from agents import mux
from sandbox.errors import BoxError
from sandbox.isolation.kubernetes.bridge import Bridge

DOORS = ("bus.sock", "control.sock")
RELAY = str(Path(agents.__file__).with_name("relay.py"))


class Pipe:
    """A stream to a test that plays the relay."""

    def __init__(self):
        self.to_house = asyncio.Queue()
        self.to_box = asyncio.Queue(maxsize=4)
        self.last_words = ""

    async def read(self):
        return await self.to_house.get()

    async def write(self, data):
        await self.to_box.put(data)

    async def close(self):
        self.to_house.put_nowait(b"")


class Program:
    """A stream to the real relay, as a process of this machine."""

    def __init__(self, process):
        self.process = process
        self.last_words = ""

    @classmethod
    async def start(cls, folder):
        command = [
            sys.executable,
            "-I",
            "-S",
            RELAY,
            "--sockets",
            str(folder),
            "--doors",
            ",".join(DOORS),
        ]
        pipe = asyncio.subprocess.PIPE
        return cls(await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe))

    async def read(self):
        return await self.process.stdout.read(65536)

    async def write(self, data):
        self.process.stdin.write(data)
        await self.process.stdin.drain()

    async def close(self):
        self.process.stdin.close()
        await self.process.wait()


@pytest.fixture
def house(short):
    folder = short / "house"
    folder.mkdir()
    return folder


@pytest.fixture
async def pipe(house):
    """A bridge at work, and the stream to it."""
    stream = Pipe()
    serving = asyncio.create_task(Bridge(stream, house, DOORS).serve())
    yield stream, serving
    await stream.close()
    await asyncio.wait([serving])
    serving.cancelled() or serving.exception()


@pytest.fixture
async def relay(house, short):
    """The real relay and a bridge to it; the box's folder."""
    inside = short / "inside"
    inside.mkdir()
    program = await Program.start(inside)
    serving = asyncio.create_task(Bridge(program, house, DOORS).serve())
    while not (inside / "control.sock").exists():  # noqa: ASYNC110 - another process makes it
        await asyncio.sleep(0)
    yield inside, serving
    serving.cancel()
    await asyncio.wait([serving])


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (b"Traceback (most recent call last):", "a frame of kind 84"),
        (b"\xff" * 100_000, "a frame of kind 255"),
        (b"\2\0\0\0\1\xff\xff\xff\xff", "a frame of 4294967295 bytes; from 1 to 32768 are taken"),
    ],
)
async def test_a_relay_that_breaks_the_protocol_ends_its_own_stream(pipe, sent, why):
    stream, serving = pipe
    stream.to_house.put_nowait(sent)
    with pytest.raises(BoxError) as caught:
        await serving
    assert str(caught.value) == f"the relay in the box broke the protocol: {why}"


async def test_a_thousand_channels_are_not_opened(pipe):
    stream, serving = pipe
    box = mux.Mux(DOORS, inside=True)
    for _ in range(mux.MOST):
        box.open("bus.sock")
    stream.to_house.put_nowait(box.take() + b"\1\0\0\0\x11\0\0\0\0")
    with pytest.raises(BoxError, match="more than 16 channels"):
        await serving


async def test_a_socket_that_is_not_there_closes_the_channel(pipe):
    stream, _ = pipe
    box = mux.Mux(DOORS, inside=True)
    channel = box.open("bus.sock")
    stream.to_house.put_nowait(box.take())
    assert box.feed(await stream.to_box.get()) == [mux.Closed(channel)]


async def test_who_does_not_read_gets_no_more_than_the_window(pipe, house):
    stream, _ = pipe
    taken = 0

    async def flood(_, writer):
        nonlocal taken
        while not writer.is_closing():
            writer.write(bytes(4096))
            taken += 4096
            await writer.drain()

    async with await asyncio.start_unix_server(flood, house / "bus.sock"):
        box = mux.Mux(DOORS, inside=True)
        channel = box.open("bus.sock")
        stream.to_house.put_nowait(box.take())
        got = 0
        while got < mux.WINDOW - mux.FRAME:  # then the house stops by itself
            for event in box.feed(await stream.to_box.get()):
                got += len(event.data)
        assert got <= mux.WINDOW
        assert stream.to_box.empty()
        box.passed_on(channel)
        stream.to_house.put_nowait(box.take())
        assert len(await stream.to_box.get()) > 0


async def test_megabytes_both_ways_through_the_real_relay(relay, house):
    inside, _ = relay
    words = os.urandom(3 << 20)

    async def echo(reader, writer):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def ask(number):
        reader, writer = await asyncio.open_unix_connection(inside / "bus.sock")
        writer.write(words[number:])
        back = await reader.readexactly(len(words) - number)
        writer.close()
        await writer.wait_closed()
        return back == words[number:]

    async with await asyncio.start_unix_server(echo, house / "bus.sock"):
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(ask(number)) for number in range(4)]
        assert all(task.result() for task in asked)


async def test_a_thousand_connections_inside_wait_for_each_other(relay, house):
    inside, serving = relay
    now, most = set(), 0

    async def gate(reader, writer):
        nonlocal most
        now.add(writer)
        most = max(most, len(now))
        await reader.read(1)
        now.discard(writer)
        writer.close()

    links = []
    async with await asyncio.start_unix_server(gate, house / "bus.sock"):
        for _ in range(1000):
            link = socket.socket(socket.AF_UNIX)
            link.setblocking(False)
            links.append(link)
            if link.connect_ex(str(inside / "bus.sock")) != 0:
                break
            await asyncio.sleep(0.001)
        assert len(links) <= mux.MOST + 10  # the rest of them is the kernel's queue
        assert not serving.done()
        for link in links:
            link.close()
    assert most <= mux.MOST


async def test_the_second_control_connection_finds_nothing(relay, house):
    inside, _ = relay
    async with await asyncio.start_unix_server(lambda r, w: None, house / "control.sock"):
        _, writer = await asyncio.open_unix_connection(inside / "control.sock")
        while (inside / "control.sock").exists():  # noqa: ASYNC110 - another process removes it
            await asyncio.sleep(0)
        with pytest.raises(FileNotFoundError):
            await asyncio.open_unix_connection(inside / "control.sock")
        writer.close()


async def test_a_house_that_hangs_up_ends_the_relay(house, short):
    inside = short / "inside"
    inside.mkdir()
    program = await Program.start(inside)
    await program.close()
    assert program.process.returncode == 0
