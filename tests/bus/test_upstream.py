"""A broker by URL: what is understood, what is refused, and what is said of one that is not there."""

import asyncio
import socket
from contextlib import asynccontextmanager

import pytest

from sandbox.bus.upstream import Upstream, external, probe
from sandbox.errors import BrokerError, UsageError

NO_HOST = "that cannot be: between its dots stand 1 to 63 characters."
FORM = "Write mqtt://user:password@host:port, or mqtts:// for TLS."


@pytest.mark.parametrize(
    ("url", "upstream"),
    [
        ("mqtt://localhost", Upstream("localhost", 1883)),
        ("mqtts://bus.lab/", Upstream("bus.lab", 8883, tls=True)),
        ("mqtt://10.0.0.1:99", Upstream("10.0.0.1", 99)),
        ("mqtt://[::1]:99", Upstream("::1", 99)),
        ("mqtt://ann@h", Upstream("h", 1883, "ann")),
        ("mqtt://ann:p%40s%2Fs@h:1", Upstream("h", 1, "ann", "p@s/s")),
    ],
)
def test_a_url_is_understood(url, upstream):
    assert external(url) == upstream


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("localhost:1883", "The bus's URL has the scheme 'localhost'."),
        ("http://h", "The bus's URL has the scheme 'http'."),
        ("mqtt://", "The bus's URL 'mqtt://' names no host."),
        ("mqtt://ann:secret@", "The bus's URL '' names no host."),
        ("mqtt://ann:secret@h/x", "The bus's URL 'h/x' goes on after the port."),
        (
            "mqtt://h:0x",
            "The bus's URL cannot be read.",
        ),
        ("mqtt://u:secret@a..b", f"The bus's URL 'a..b' has a host {NO_HOST}"),
        (f"mqtt://{'a' * 64}", f"The bus's URL 'mqtt://{'a' * 64}' has a host {NO_HOST}"),
        ("mqtt://secret\udcff@h", "The bus's URL is not UTF-8."),
        ("mqtt://:secret@h", "The bus's URL has a password without a user."),
    ],
)
def test_another_url_is_refused_without_showing_the_password(url, text):
    with pytest.raises(UsageError) as caught:
        external(url)
    assert str(caught.value) == f"{text} {FORM}"


@pytest.mark.parametrize("upstream", [external("mqtts://u:p@h"), external("mqtt://u:p@[::1]:7")])
def test_an_address_shows_no_credentials(upstream):
    assert upstream.address in ("mqtts://h:8883", "mqtt://[::1]:7")


@asynccontextmanager
async def listening(answer: bytes, *, close: bool):
    served = asyncio.Event()

    async def serve(reader, writer):
        await reader.read(100)
        writer.write(answer)
        if not close:
            await reader.read()
        writer.close()
        await writer.wait_closed()
        served.set()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield Upstream("127.0.0.1", server.sockets[0].getsockname()[1])
        await served.wait()


@pytest.mark.parametrize(
    ("answer", "close", "text"),
    [
        (b"", True, "What listens at {} is no MQTT broker: it closed the connection."),
        (
            b"HTTP/1.1 400 Bad Request\r\n",
            True,
            "What listens at {} is no MQTT broker: no packet starts",
        ),
        (b"\x20\x02\x00\x04", False, "The broker at {} refused us: user or password is wrong."),
        (b"\x20\x02\x00\x63", False, "The broker at {} refused us: return code 99."),
        (b"", False, "The broker at {} did not answer a CONNECT within 0.2 s."),
    ],
)
async def test_a_probe_says_what_is_wrong(answer, close, text):
    async with listening(answer, close=close) as upstream:
        with pytest.raises(BrokerError) as caught:
            await probe(upstream, client="probe", seconds=0.2)
    assert str(caught.value).startswith(text.format(upstream.address))


async def test_a_probe_says_that_nobody_is_there():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        upstream = Upstream("127.0.0.1", bound.getsockname()[1])
    with pytest.raises(BrokerError) as caught:
        await probe(upstream, client="probe")
    assert str(caught.value) == (
        f"The broker at {upstream.address} cannot be reached: Connect call failed"
        f" ('127.0.0.1', {upstream.port}). Start it, or correct the URL."
    )
