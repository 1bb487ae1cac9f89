"""The house's end of a control socket, with guests that do not keep to the protocol."""

import asyncio
import json
import os
import socket
import stat
from pathlib import Path

import pytest

from agents import control_frames as frames
from sandbox.errors import BoxError, ShimError
from sandbox.isolation import control
from sandbox.isolation.control import Control, printable

HELLO = {"kind": "hello", "pid": 7, "uid": 65532, "report": {"python": "3.11.2"}}


class Guest:
    """A guest by hand: sends what it is told and reads what it is sent."""

    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connected(cls, path: Path) -> "Guest":
        return cls(*await asyncio.open_unix_connection(path))

    def say(self, *messages: object) -> None:
        for message in messages:
            self.writer.write(message if isinstance(message, bytes) else frames.pack(message))

    async def hear(self) -> dict:
        size = frames.length(await self.reader.readexactly(frames.HEADER))
        return frames.unpack(await self.reader.readexactly(size))

    async def is_cut_off(self) -> bool:
        try:
            return await self.reader.read() == b""
        except ConnectionError:
            return True
        finally:
            self.writer.close()


@pytest.fixture
async def listening(runtime):
    house = Control(runtime / "control.sock")
    await house.listen()
    yield house, runtime / "control.sock"
    await house.close()


@pytest.fixture
async def pair(listening):
    house, path = listening
    guest = await Guest.connected(path)
    guest.say(HELLO)
    await house.hello()
    yield house, guest
    guest.writer.close()


async def test_a_guest_says_hello(listening):
    house, path = listening
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    guest = await Guest.connected(path)
    guest.say(HELLO)
    hello = await house.hello()
    assert (hello.pid, hello.uid, hello.report) == (7, os.geteuid(), {"python": "3.11.2"})
    assert not path.exists()
    guest.writer.close()
    await house.ended()


async def test_of_the_descriptors_that_come_with_a_hello_the_last_is_kept_and_no_other(listening):
    house, path = listening
    ours, theirs = os.pipe()
    before = open_descriptors()
    hello = frames.pack(HELLO)
    with socket.socket(socket.AF_UNIX) as guest:
        guest.connect(str(path))
        for byte in (hello[:2], hello[2:4]):
            socket.send_fds(guest, [byte], [ours])
        guest.sendall(hello[4:])
        await house.hello()
        kept = house.take_listener()
        assert os.fstat(kept).st_ino == os.fstat(ours).st_ino
        assert not os.get_inheritable(kept)
        assert house.take_listener() == -1
        os.close(kept)
    await house.close()
    assert len(open_descriptors()) <= len(before)
    os.close(ours)
    os.close(theirs)


async def test_a_descriptor_that_nobody_takes_is_closed(listening):
    house, path = listening
    reading, writing = os.pipe()
    with socket.socket(socket.AF_UNIX) as guest:
        guest.connect(str(path))
        socket.send_fds(guest, [frames.pack(HELLO)], [reading])
        await house.hello()
    os.close(reading)
    await house.close()
    with pytest.raises(BrokenPipeError):
        os.write(writing, b"x")  # nobody could read it
    os.close(writing)


def open_descriptors() -> list[Path]:
    return list(Path("/proc/self/fd").iterdir())


async def test_the_first_to_connect_is_the_guest(listening):
    house, path = listening
    first, second = await Guest.connected(path), await Guest.connected(path)
    assert await second.is_cut_off()
    first.say(HELLO)
    assert (await house.hello()).pid == 7
    with pytest.raises(FileNotFoundError):
        await Guest.connected(path)
    first.writer.close()


@pytest.mark.parametrize(
    ("first", "why"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "a frame of 1195725856 bytes; at most 1048576 are taken"),
        ({"kind": "hello", "pid": "7", "report": {}}, "the first message is no hello"),
        ({"kind": "hello", "pid": 7, "report": []}, "the first message is no hello"),
        ({"id": 1, "ok": True}, "the first message is no hello"),
        ([1], "a message is a JSON object, this is list"),
        (b"\0\0\0\x04nope", "no JSON: Expecting value: line 1 column 1 (char 0)"),
        (b"\0\0\xff\xff", "a message of 65535 bytes where at most 16384 were due"),
    ],
)
async def test_no_hello(first, why, listening):
    house, path = listening
    guest = await Guest.connected(path)
    guest.say(first if isinstance(first, bytes) else packed(first))
    with pytest.raises(ShimError) as caught:
        await house.hello()
    assert str(caught.value) == f"the shim broke the protocol: {why}"
    assert await guest.is_cut_off()


def packed(value: object) -> bytes:
    body = json.dumps(value).encode()
    return len(body).to_bytes(4, "big") + body


async def test_an_answer_with_its_bytes(pair):
    house, guest = pair
    asked = asyncio.create_task(house.ask("get", b"in", path="x", within=2_000_000))
    part, request = await guest.hear(), await guest.hear()
    assert (part, request) == (
        {"id": 1, "part": "aW4="},
        {"id": 1, "op": "get", "path": "x"},
    )
    guest.say(*frames.parts(1, b"y" * 1_500_000), {"id": 1, "ok": True, "n": 3})
    answer = await asked
    assert (answer.body, answer.integer("n")) == (b"y" * 1_500_000, 3)


async def test_answers_come_in_any_order(pair):
    house, guest = pair
    first, second = (asyncio.create_task(house.ask(op)) for op in ("a", "b"))
    assert [(await guest.hear())["op"] for _ in range(2)] == ["a", "b"]
    guest.say({"id": 2, "ok": True, "n": 2}, {"id": 1, "ok": True, "n": 1})
    assert [(await task).integer("n") for task in (first, second)] == [1, 2]


@pytest.mark.parametrize(
    ("messages", "why"),
    [
        ([{"id": 1, "error": "no\x1b[31m\nway"}], "no\ufffd[31m / way"),
        ([{"id": 1, "error": 5}], "refused without a reason"),
        ([{"id": 1}], "refused without a reason"),
        (
            [{"id": 9, "ok": True}],
            "the shim broke the protocol: an answer to 9, which was not asked",
        ),
        (
            [{"id": True, "ok": True}],
            "the shim broke the protocol: an answer to True, which was not asked",
        ),
        (
            [{"id": 1, "part": "eHh4"}, {"id": 1, "part": "eHh4"}],
            "the shim broke the protocol: an answer of more than the 5 bytes asked for",
        ),
        (
            [{"id": 1, "part": ""}, {"id": 1, "part": ""}],
            "the shim broke the protocol: 2 parts for at most 5 bytes",
        ),
        (
            [{"id": 1, "part": "\xe4"}],
            "the shim broke the protocol: no base64: string argument should contain only ASCII characters",
        ),
        ([{"id": 1, "part": 1}], "the shim broke the protocol: a part is a text, this is int"),
    ],
)
async def test_answers_that_are_none(messages, why, pair):
    house, guest = pair
    asked = asyncio.create_task(house.ask("get", within=5))
    await guest.hear()
    guest.say(*messages)
    with pytest.raises(ShimError) as caught:
        await asked
    assert str(caught.value) == f"get: {why}"


@pytest.mark.parametrize("value", [None, "1", 1.5, True, -1, 11, 1 << 70, [1]])
def test_numbers_are_checked(value):
    answer = control.Answer({"n": value}, b"")
    with pytest.raises(ShimError, match="not a number up to 10"):
        answer.integer("n", most=10)


@pytest.mark.parametrize("value", [None, "1", True, -0.5, 1e10, float("inf"), float("nan")])
def test_durations_are_checked(value):
    with pytest.raises(ShimError, match="not a duration in seconds"):
        control.Answer({"s": value}, b"").seconds("s")


async def test_a_shim_that_never_answers(pair, monkeypatch):
    monkeypatch.setattr(control, "GRACE", 0.05)
    house, guest = pair
    with pytest.raises(ShimError) as caught:
        await house.ask("stats")
    assert str(caught.value) == "stats: the shim did not answer within 0.05 s"
    # What comes too late is dropped, and the link lives on.
    guest.say({"id": 1, "ok": True})
    asked = asyncio.create_task(house.ask("stats", takes=5))
    assert [(await guest.hear())["id"] for _ in range(2)] == [1, 2]
    guest.say({"id": 2, "ok": True})
    assert (await asked).body == b""


async def test_a_second_answer_is_none(pair):
    """Else a guest could keep the house busy for ever with answers that nobody waits for."""
    house, guest = pair
    asked = asyncio.create_task(house.ask("stats"))
    await guest.hear()
    guest.say({"id": 1, "ok": True})
    await asked
    guest.say({"id": 1, "ok": True})
    assert await guest.is_cut_off()
    with pytest.raises(ShimError) as caught:
        await house.ask("stats")
    assert str(caught.value) == (
        "stats: the shim broke the protocol: an answer to 1, which was not asked"
    )


async def test_a_guest_that_does_not_read(pair, monkeypatch):
    monkeypatch.setattr(control, "GRACE", 0.05)
    house, _ = pair
    with pytest.raises(ShimError, match=r"^put: the shim did not answer"):
        await house.ask("put", b"x" * (8 << 20), path="x")


async def test_a_guest_that_hangs_up(pair):
    house, guest = pair
    asked = asyncio.create_task(house.ask("stats"))
    await guest.hear()
    guest.writer.close()
    for waiting in (asked, house.ask("stats")):
        with pytest.raises(ShimError, match=r"^stats: the guest has hung up$"):
            await waiting
    await house.ended()


async def test_a_request_that_fits_no_frame(pair):
    house, _ = pair
    with pytest.raises(ShimError, match=r"^exec: a message of \d+ bytes; a frame holds 1048576$"):
        await house.ask("exec", argv=["x" * (1 << 20)])


async def test_a_path_that_no_socket_can_have(runtime):
    path = runtime / ("x" * 100) / "control.sock"
    with pytest.raises(BoxError, match=r"is longer than 103 bytes\. Use a shorter runtime folder"):
        await Control(path).listen()


async def test_closing_before_anything(runtime):
    house = Control(runtime / "control.sock")
    await house.close()
    with pytest.raises(ShimError, match=r"^get: the box was stopped$"):
        await house.ask("get")


def test_a_guests_words_obey_nothing():
    assert printable("a\x1b]0;x\x07\r\nb\u202e\tc") == "a\ufffd]0;x\ufffd\ufffd / b\ufffd\ufffdc"
