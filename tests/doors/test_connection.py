"""What comes over a door's socket is bounded, whatever it is; and the door is still open afterwards."""

import asyncio
import json
import os
import socket
import ssl
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.isolation.doors.asked import Answer, as_json
from sandbox.isolation.doors.limits import Limits

QUICK = Limits(
    head_seconds=0.3, body_seconds=0.3, write_seconds=0.3, requests=1000, burst=1000, volume=1 << 30
)
GET = b"GET /x?y=1 HTTP/1.1\r\nHost: door\r\n\r\n"


class Echo:
    def reply(self, asked):
        if asked.path == "/long":
            return Answer("long", parts=[b"one ", b"two"], kind="text/plain")
        if asked.path == "/huge":
            return Answer("huge", body=b"x" * (8 << 20))
        if asked.path == "/raw":
            return Answer("raw", body=b"raw bytes", upgrade="tcp")
        return as_json(
            "echo", {"method": asked.method, "path": asked.path, "body": len(asked.body)}
        )


async def is_open(door) -> bool:
    return b'"path":"/x"' in await door.send(
        GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    )


async def test_a_request_is_recorded_before_it_is_answered(opened, notes):
    async with opened(Echo()) as door:
        reader, writer = await door.connect()
        head = b"Host: door\r\nAuthorization: Bearer secret\r\nX-Api-Key: secret\r\nContent-Length: 2\r\n"
        writer.write(b"POST /x%20y HTTP/1.1\r\n" + head + b"\r\nhi")
        answer = await reader.readuntil(b"}")
        writer.close()

    assert answer.endswith(b'{"method":"POST","path":"/x y","body":2}')
    (touched, agent, data, _), (answered, _, told, parent) = notes.events
    key = "sha256:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"
    assert (touched, answered, agent, parent) == ("door.touched", "door.answered", "ada", 1)
    by = data.pop("by")
    assert data == {
        "door": "door",
        "method": "POST",
        "path": "/x%20y",
        "headers": [
            ["host", "door"],
            ["authorization", key],
            ["x-api-key", key],
            ["content-length", "2"],
        ],
        "body": "hi",
    }
    assert (by["names"], by["pid"], by["uid"]) == ("process", os.getpid(), os.getuid())
    assert told == {
        "door": "door",
        "act": "echo",
        "status": 200,
        "bytes": 40,
        "body": '{"method":"POST","path":"/x y","body":2}',
    }


async def test_pipelined_requests_are_answered_in_order(opened, notes):
    async with opened(Echo(), limits=QUICK) as door:
        many = b"".join(b"GET /%d HTTP/1.1\r\nHost: d\r\n\r\n" % n for n in range(200))
        answer = await door.send(
            many + b"GET /end HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n"
        )
    paths = [
        json.loads(part.partition(b"\n")[0])["path"]
        for part in answer.split(b"\r\n\r\n")[1:]
        for part in [part.partition(b"HTTP/1.1")[0]]
    ]
    assert paths == [*(f"/{n}" for n in range(200)), "/end"]
    assert len(notes.of("door.touched")) == 201


async def test_streams_raw_bytes_and_heads(opened):
    async with opened(Echo()) as door:
        tail = b" HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n"
        assert (await door.send(b"GET /long" + tail)).endswith(
            b"4\r\none \r\n3\r\ntwo\r\n0\r\n\r\n"
        )
        raw = b" HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
        assert (await door.send(b"POST /raw" + raw)).startswith(b"HTTP/1.1 101 ")
        assert (await door.send(b"POST /raw" + raw)).endswith(b"\r\n\r\nraw bytes")
        assert (await door.send(b"POST /raw" + tail)).endswith(b"\r\n\r\nraw bytes")
        assert (await door.send(b"HEAD /x" + tail)).endswith(b"\r\n\r\n")
        assert (await door.send(b"GET /long HTTP/1.0\r\n\r\n")).endswith(b"one two")


HOSTILE = {
    "no HTTP": (b"hello\r\n\r\n", "malformed", b"HTTP/1.1 400"),
    "a bare newline flood": (b"\n" * 70_000, "malformed", b"HTTP/1.1 400"),
    "a header bomb": (b"GET / HTTP/1.1\r\n" + b"X: " + b"a" * 200_000, "size", b"HTTP/1.1 431"),
    "a thousand headers": (
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 10_000, "size", b"HTTP/1.1 431",
    ),
    "a gigabyte announced": (
        b"POST / HTTP/1.1\r\nHost: d\r\nContent-Length: 1073741824\r\n\r\n", "size", b"HTTP/1.1 413",
    ),
    "a length that is no number": (
        b"POST / HTTP/1.1\r\nHost: d\r\nContent-Length: 1e9\r\n\r\n", "malformed", b"HTTP/1.1 400",
    ),
    "two lengths": (
        b"POST / HTTP/1.1\r\nHost: d\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "malformed", b"HTTP/1.1 400",
    ),
    "a chunk too many": (
        b"POST / HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n" + b"10000\r\n" + b"x" * 65536
        + (b"\r\n10000\r\n" + b"x" * 65536) * 5, "size", b"HTTP/1.1 413",
    ),
    "a bad chunk": (
        b"POST / HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "malformed",
        b"HTTP/1.1 400",
    ),
    "a proxy's request": (b"CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", "malformed", b"HTTP/1.1 405"),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 500, "tls", b""),
    "half a request": (b"GET / HT", "slow", b"HTTP/1.1 408"),
    "half a body": (b"POST / HTTP/1.1\r\nHost: d\r\nContent-Length: 9\r\n\r\nab", "slow", b"HTTP/1.1 408"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
async def test_what_is_no_request_is_cut_told_and_counted(case, opened, notes):
    data, what, answer = HOSTILE[case]
    async with opened(Echo(), limits=QUICK) as door:
        assert (await door.send(data))[: len(answer)] == answer
        assert await is_open(door)
    assert notes.refused() == {what: 1}
    assert len(notes.of("door.answered")) == 1


async def test_a_slow_loris_is_cut_though_it_keeps_sending(opened, notes):
    loop = asyncio.get_running_loop()
    async with opened(Echo(), limits=QUICK) as door:
        # A bare socket: what was answered can be read though the next byte found the door shut.
        with socket.socket(socket.AF_UNIX) as slow:
            slow.setblocking(False)
            slow.connect(str(door.path))
            answer = asyncio.create_task(loop.sock_recv(slow, 100))
            for byte in GET:
                with suppress(BrokenPipeError):
                    await loop.sock_sendall(slow, bytes([byte]))
                if (await asyncio.wait([answer], timeout=0.02))[0]:
                    break
            assert b"408" in await answer
        assert await is_open(door)
    assert notes.refused() == {"slow": 1}


async def test_who_does_not_read_is_cut(opened, notes):
    async with opened(Echo(), limits=QUICK) as door:
        reader, writer = await door.connect()
        writer.write(b"GET /huge HTTP/1.1\r\nHost: d\r\n\r\n")
        reader._transport.pause_reading()
        await notes.until(notes.refused)
        writer.transport.abort()
        assert await is_open(door)
    assert notes.refused() == {"slow": 1}


async def test_a_gigabyte_that_comes_anyway_is_not_read(opened, notes):
    async with opened(Echo(), limits=QUICK) as door:
        _, writer = await door.connect()
        writer.write(b"POST / HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n")
        sent = 0
        try:
            while sent < 1 << 30:
                writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
                await writer.drain()
                sent += 65536
        except ConnectionError:
            pass
        assert sent < 8 << 20
        writer.close()
        assert await is_open(door)
    assert notes.refused() == {"size": 1}


async def test_a_thousand_connections_are_few_at_once_and_few_lines(opened, notes):
    async with opened(Echo(), limits=QUICK) as door:
        async with asyncio.timeout(20):
            links = []
            for _ in range(90):
                try:
                    links.append(await door.connect())
                except (BlockingIOError, ConnectionError):
                    break  # the queue in the kernel is full: so it waits outside
            await notes.until(lambda: notes.refused().get("connections", 0) >= 10)
            for _, writer in links:
                writer.close()
            while not await is_open(door):
                pass
    lines = [d for d in notes.of("door.touched") if d.get("refused") == "connections"]
    assert len(lines) <= 4


async def test_who_is_too_fast_waits_and_all_of_it_is_recorded(opened, notes):
    limits = Limits(requests=50, burst=5)
    async with opened(Echo(), limits=limits) as door:
        began = asyncio.get_running_loop().time()
        many = b"".join(b"GET /%d HTTP/1.1\r\nHost: d\r\n\r\n" % n for n in range(20))
        await door.send(many + b"GET /end HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n")
        assert asyncio.get_running_loop().time() - began > 0.2
    assert len(notes.of("door.answered")) == 21
    assert notes.refused()["rate"] >= 1


async def test_a_real_tls_client_is_turned_away(opened, notes):
    async with opened(Echo(), tcp=True) as door:
        context = ssl._create_unverified_context()
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.open_connection("127.0.0.1", door.port, ssl=context)
    assert notes.refused() == {"tls": 1}


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.sampled_from([*b"GET / HTTP1.:\r\n\0\x16\xff", *pairwise(b"x\r\n")]), max_size=60)
)
def test_no_bytes_break_the_door(opened, notes, mixed):
    data = b"".join(bytes([each]) if isinstance(each, int) else bytes(each) for each in mixed)

    async def play():
        async with opened(Echo(), limits=QUICK) as door:
            reader, writer = await door.connect()
            writer.write(data)
            writer.write_eof()
            await reader.read()
            writer.close()
            assert await is_open(door)

    asyncio.run(play())


async def test_a_canary_in_a_request_is_named_and_one_in_an_answer_is_not_written_out(
    opened, notes
):
    from sandbox.isolation.doors.canary import Canary

    class Leaks:
        def reply(self, asked):
            return as_json("leak", {"key": "0123456789abcdef"})

    canaries = {"bo:~/key": Canary("bo:~/key", "bo", "~/key", "0123456789abcdef")}
    async with opened(Leaks(), canaries=canaries) as door:
        head = b" HTTP/1.1\r\nHost: d\r\nConnection: close\r\n"
        await door.send(b"GET /" + head + b"\r\n")
        await door.send(b"GET /?k=0123456789abcdef" + head + b"\r\n")
        await door.send(b"GET /" + head + b"Authorization: Bearer 0123456789abcdef\r\n\r\n")
    assert [data.get("canaries") for data in notes.of("door.touched")] == [
        None, ["bo:~/key"], ["bo:~/key"],
    ]  # fmt: skip
    assert {data["body"] for data in notes.of("door.answered")} == {'{"key":"{canary bo:~/key}"}'}
