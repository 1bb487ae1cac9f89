"""Loopback ports that lead to Unix sockets: bytes both ways, many at once, and no connection too many."""

import socket
import tempfile
import threading
from pathlib import Path

import pytest

from agents.forward import PAIRS, Forward


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="br-", dir="/tmp") as path:
        yield Path(path)


@pytest.fixture
def echo(folder):
    """A Unix socket that sends back what it gets, and a port before it."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / "s"))
    listener.listen(64)

    def serve():
        while True:
            try:
                link, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(link,), daemon=True).start()

    def answer(link):
        with link:
            while data := link.recv(65536):
                link.sendall(data)

    threading.Thread(target=serve, daemon=True).start()
    port = free_port()
    Forward({port: str(folder / "s")}).start()
    yield port
    listener.close()


def all_of(link):
    return b"".join(iter(lambda: link.recv(65536), b""))


def test_megabytes_go_both_ways_though_nobody_reads_for_a_while(echo):
    data = bytes(range(256)) * 150_000
    with socket.create_connection(("127.0.0.1", echo), 20) as link:
        sender = threading.Thread(target=lambda: (link.sendall(data), link.shutdown(1)))
        sender.start()
        sender.join(0.2)
        assert sender.is_alive()  # it is held back, not taken in
        assert all_of(link) == data
        sender.join()


def test_many_at_once_and_one_more_is_closed(echo):
    links = [socket.create_connection(("127.0.0.1", echo), 20) for _ in range(PAIRS)]
    for number, link in enumerate(links):
        link.sendall(b"%d" % number)
    assert [link.recv(9) for link in links] == [b"%d" % n for n in range(PAIRS)]
    with socket.create_connection(("127.0.0.1", echo), 20) as extra:
        assert extra.recv(1) == b""
    for link in links:
        link.close()


def test_nobody_behind_the_socket(folder):
    port = free_port()
    Forward({port: str(folder / "none")}).start()
    with socket.create_connection(("127.0.0.1", port), 20) as link:
        assert link.recv(1) == b""


def test_a_port_that_is_taken_leaves_none_open(folder):
    first = free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            Forward({first: "a", taken.getsockname()[1]: "b"})
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", first), 1)
