"""What listens beside the guest, by its /proc; and one exchange of bytes with it."""

import socket
import subprocess
import sys
import threading

import pytest

from agents import services

SERVER = "import socket,sys; s=socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); input()"


@pytest.fixture
def other():
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    yield process, int(process.stdout.readline())
    process.communicate()


def test_another_s_port_is_told_and_one_s_own_is_not(other):
    process, port = other
    with socket.create_server(("127.0.0.1", 0)) as ours:
        found = {each["port"]: each for each in services.listening()}
        assert ours.getsockname()[1] not in found
    assert (found[port]["pid"], found[port]["program"]) == (
        process.pid,
        f"{sys.executable} -c {SERVER}"[:200],
    )


@pytest.fixture
def answering():
    """A service that answers each connection with what a test says, and then hangs up or does not."""
    opened = []

    def start(answer, *, hang_up=True, family=socket.AF_INET):
        host = "::1" if family == socket.AF_INET6 else "127.0.0.1"
        server = socket.create_server((host, 0), family=family)
        opened.append(server)

        def serve():
            link, _ = server.accept()
            opened.append(link)
            link.recv(100)
            try:
                link.sendall(answer)
            except OSError:
                return
            if hang_up:
                link.close()

        threading.Thread(target=serve, daemon=True).start()
        return server.getsockname()[1]

    yield start
    for each in opened:
        each.close()


def test_an_exchange(answering):
    assert services.exchange(answering(b"pong"), b"ping", seconds=5, limit=9) == (b"pong", False)
    assert services.exchange(answering(b"pong"), b"ping", seconds=5, limit=3) == (b"pon", True)
    port = answering(b"pong", hang_up=False)
    assert services.exchange(port, b"ping", seconds=0.2, limit=9) == (b"pong", True)
    port = answering(b"six", family=socket.AF_INET6)
    assert services.exchange(port, b"ping", seconds=5, limit=9) == (b"six", False)
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        services.exchange(port, b"ping", seconds=5, limit=9)
