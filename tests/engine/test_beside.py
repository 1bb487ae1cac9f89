"""What is served beside the turns: services that are noticed, and the operator's look at them."""

import asyncio
import json
import stat
import tempfile
from pathlib import Path

import pytest

from sandbox.clock import ManualClock
from sandbox.engine.engine import Witnessed
from sandbox.engine.peeking import PEEKS, Page, peek, serve_peeks
from sandbox.engine.services import Services
from sandbox.errors import NoSuchRun, ShimError
from sandbox.ids import AgentId, RunId
from sandbox.isolation.box import BoxSpec
from sandbox.isolation.memory import MemoryBox
from sandbox.transcript.event import Event


async def refuse(data):
    raise AssertionError(data)


@pytest.fixture
async def boxes(tmp_path):
    made = {}
    for agent in ("ada", "bo"):
        made[agent] = MemoryBox(BoxSpec(RunId("run"), AgentId(agent), tmp_path))
        await made[agent].start()
    return made


def result(agent, tool="shell"):
    return Event(1, "action.result", agent, {"tool": tool})


async def test_what_listens_after_a_shell_command_is_told_once(boxes):
    told = []
    services = Services(boxes, told.append)
    watching = asyncio.create_task(services.watch())

    async def look(*events):
        for event in events:
            services.heed(event)
        for _ in range(5):
            await asyncio.sleep(0)

    boxes["ada"].services[8080] = refuse
    await look(result("ada", "read_file"), result("bo"))
    assert told == []
    await look(result("ada"))
    await look(result("ada"), result("ada"))
    seen = {"port": 8080, "pid": None, "program": None}
    assert told == [Witnessed("service.seen", "ada", seen)]
    boxes["ada"].services.clear()
    await look(result("ada"))
    boxes["ada"].services[8080] = refuse
    await look(result("ada"))
    assert len(told) == 2
    await boxes["ada"].stop()
    boxes["bo"].services[9] = refuse
    await look(result("ada"), result("bo"))
    assert told[2:] == [Witnessed("service.seen", "bo", seen | {"port": 9})]
    watching.cancel()


@pytest.fixture
async def runtime(boxes, tmp_path):
    """The runtime folder of a run that is served."""
    with tempfile.TemporaryDirectory(prefix="br-", dir="/tmp") as folder:
        serving = asyncio.create_task(serve_peeks(Path(folder), tmp_path, boxes, ManualClock(5.0)))
        await asyncio.sleep(0)
        yield Path(folder)
        serving.cancel()
        await asyncio.wait([serving])
        assert not await asyncio.to_thread((Path(folder) / "peek.sock").exists)


def answering(boxes, answer, port=80):
    asked = []

    async def service(data):
        asked.append(data)
        return answer

    boxes["ada"].services[port] = service
    return asked


async def test_a_page_is_fetched_by_one_get_and_written_down(boxes, runtime, tmp_path):
    asked = answering(boxes, b"HTTP/1.1 200 Fine\r\nX-Y: z\r\nContent-Length: 2\r\n\r\nhi")
    page = await asyncio.to_thread(peek, runtime, "ada", 80, "/a?b=c")
    assert page == Page(200, "Fine", [("x-y", "z"), ("content-length", "2")], b"hi", cut=False)
    assert asked[0].splitlines() == [
        b"GET /a?b=c HTTP/1.1",
        b"host: 127.0.0.1:80",
        b"user-agent: backrooms",
        b"accept: */*",
        b"connection: close",
        b"",
    ]
    (line,) = (tmp_path / PEEKS).read_text().splitlines()
    assert json.loads(line) == {
        "ts": 5.0,
        "agent": "ada",
        "port": 80,
        "path": "/a?b=c",
        "status": 200,
        "headers": [["x-y", "z"], ["content-length", "2"]],
        "bytes": 2,
        "cut": False,
        "sha256": "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4",
    }
    assert stat.S_IMODE((tmp_path / PEEKS).stat().st_mode) == 0o600
    assert stat.S_IMODE((runtime / "peek.sock").stat().st_mode) == 0o600


PAGES = {
    "chunked": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        (200, b"hi", False),
    ),
    "until it hangs up": (b"HTTP/1.0 404 No\r\n\r\ngone", (404, b"gone", False)),
    "broken off": (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", (200, b"hi", True)),
    "no HTTP": (b"SSH-2.0-x\r\n\x1b[2J", (None, b"SSH-2.0-x\r\n\x1b[2J", False)),
    "nothing": (b"", (None, b"", False)),
    "a hint first": (
        b"HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 204 None\r\n\r\n", (204, b"", False),
    ),
    "too much": (b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * (2 << 20), (200, b"x" * (1 << 20), True)),
}  # fmt: skip


@pytest.mark.parametrize("case", PAGES)
async def test_whatever_a_service_says_is_a_page(boxes, runtime, case):
    answer, wanted = PAGES[case]
    answering(boxes, answer)
    page = await asyncio.to_thread(peek, runtime, "ada", 80, "/")
    assert (page.status, page.body, page.cut) == wanted


@pytest.mark.parametrize(
    ("agent", "port", "path", "why"),
    [
        ("eve", 80, "/", "there is no agent 'eve' in this run; there are ada, bo"),
        ("ada", 0, "/", "0 is no port: give a number from 1 to 65535"),
        ("ada", 80, "/ x\r\nHost: y", r"'/ x\r\nHost: y' is no path: give one like /index.html"),
        (
            "bo",
            80,
            "/",
            "nothing listens on port 80 in the box of bo; the record's service.seen tells ports",
        ),
    ],
)
async def test_what_cannot_be_is_said(boxes, runtime, agent, port, path, why, tmp_path):
    answering(boxes, b"")
    with pytest.raises(ShimError) as refused:
        await asyncio.to_thread(peek, runtime, agent, port, path)
    assert str(refused.value) == why
    assert not (tmp_path / PEEKS).exists()


def test_a_run_that_is_over_has_no_boxes(tmp_path):
    with pytest.raises(
        NoSuchRun, match=r"is not being played: its boxes are gone\. Look while it plays"
    ):
        peek(tmp_path, "ada", 80, "/")
