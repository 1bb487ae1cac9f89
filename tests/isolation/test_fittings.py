"""What a box is given before its agent begins, and what it tells of services inside."""

import asyncio
from dataclasses import replace

import pytest

from sandbox.errors import ShimError
from sandbox.isolation.box import Exchange, Fittings, Service
from sandbox.isolation.memory import MemoryBox
from sandbox.isolation.services import services
from sandbox.isolation.tiers import make_box

SEALED = [
    pytest.param("bubblewrap", marks=pytest.mark.needs("bubblewrap")),
    pytest.param("docker", marks=pytest.mark.needs("docker")),
    pytest.param("podman", marks=pytest.mark.needs("podman")),
    pytest.param("gvisor", marks=pytest.mark.needs("gvisor")),
]
SERVER = """
import http.server, subprocess, sys
subprocess.Popen(
    [sys.executable, "-m", "http.server", "8765"],
    start_new_session=True, stdin=-3, stdout=-3, stderr=-3,
)
import socket, time
for _ in range(100):
    try:
        socket.create_connection(("127.0.0.1", 8765), 1).close()
        break
    except OSError:
        time.sleep(0.05)
"""
ASK = """
import os, urllib.request
print(urllib.request.urlopen("http://127.0.0.1:8764").read().decode(), os.environ["BR_TOLD"])
"""


@pytest.mark.parametrize("kind", SEALED)
async def test_files_ports_and_variables_are_there_when_the_agent_begins(kind, spec):
    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.0 200 OK\r\n\r\nsomebody")
        writer.close()

    fittings = Fittings({"notes/a.txt": b"a"}, {8764: "door.sock"}, {"BR_TOLD": "yes"})
    box = make_box(kind, replace(spec, fittings=fittings), progress=print)
    server = await asyncio.start_unix_server(answer, spec.folder / "door.sock")
    (spec.folder / "door.sock").chmod(0o666)
    await box.start()
    try:
        assert await box.get("notes/a.txt") == b"a"
        asked = await box.exec(["python3", "-c", ASK])
        assert (asked.stdout, asked.stderr) == (b"somebody yes\n", b"")
        assert await box.listening() == []
        await box.exec(["python3", "-c", SERVER])
        (found,) = await box.listening()
        assert (found.port, found.program.endswith("-m http.server 8765")) == (8765, True)
        page = await box.exchange(8765, b"GET / HTTP/1.0\r\n\r\n")
        assert (page.data.startswith(b"HTTP/1.0 200 OK"), page.cut) == (True, False)
        assert len((await box.exchange(8765, b"GET / HTTP/1.0\r\n\r\n", limit=9)).data) == 9
        with pytest.raises(ShimError, match=r"^exchange: ConnectionRefusedError"):
            await box.exchange(8766, b"")
    finally:
        await box.stop()
        server.close()
        (spec.folder / "door.sock").unlink()


async def test_the_double_does_the_same(spec):
    async def answer(data):
        return data.upper()

    box = MemoryBox(replace(spec, fittings=Fittings({"notes/a.txt": b"a"})))
    await box.start()
    assert await box.get("notes/a.txt") == b"a"
    assert await box.listening() == []
    box.services[80] = answer
    assert await box.listening() == [Service(80, None, None)]
    assert await box.exchange(80, b"abc", limit=2) == Exchange(b"AB", cut=True)
    with pytest.raises(ShimError, match=r"^exchange: ConnectionRefusedError"):
        await box.exchange(81, b"")


GOOD = {"port": 80, "pid": 7, "program": "x" * 300}


@pytest.mark.parametrize(
    "told",
    [
        None, {}, [1], [GOOD] * 65, [GOOD | {"port": 0}], [GOOD | {"port": 65536}],
        [GOOD | {"port": True}], [GOOD | {"pid": -1}], [GOOD | {"pid": "7"}], [GOOD | {"program": 7}],
    ],
)  # fmt: skip
def test_a_list_that_is_none_is_refused(told):
    with pytest.raises(ShimError, match=r"^listening: the shim answered"):
        services(told)


def test_a_list_is_read_in_order_once_a_port():
    told = [GOOD | {"port": 90}, GOOD, GOOD | {"pid": None, "program": None, "port": 90}]
    assert services(told) == [Service(80, 7, "x" * 200), Service(90, None, None)]
