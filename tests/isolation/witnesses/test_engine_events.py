"""What a container engine does is watched: an engine made by hand, and Docker with a box that has its socket."""

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from sandbox.clock import SystemClock
from sandbox.ids import RunId
from sandbox.isolation.box import BoxFacts
from sandbox.isolation.witnesses import engine_events
from sandbox.isolation.witnesses.engine_api import EngineError, inspect
from sandbox.isolation.witnesses.engine_events import EngineEvents
from sandbox.isolation.witnesses.mark import Mark
from sandbox.isolation.witnesses.seam import Grounds
from sandbox.scenario import loads
from sandbox.transcript.event import Event

RUN = RunId("20261121-113908-watched-abcd")
SCENARIO = loads('{"title": "Watched", "agents": {"ada": {}, "bo": {}}}')


class Engine:
    """Answers on a Unix socket as Docker does: with events, each list of lines once, and with containers."""

    def __init__(self, path, *streams):
        self.path = path
        self.asked = []
        self.containers = {}
        self._streams = list(streams)

    async def answer(self, reader, writer):
        target = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        self.asked.append(target)
        if not target.startswith("/events"):
            known = self.containers.get(target.split("/")[2])
            writer.write(
                b"HTTP/1.0 404 Not Found\r\n\r\n" if known is None else b"HTTP/1.0 200 OK\r\n\r\n"
            )
            writer.write(b"" if known is None else json.dumps(known).encode())
        else:
            writer.write(b"HTTP/1.0 200 OK\r\n\r\n")
            lines = self._streams.pop(0) if self._streams else None
            writer.writelines(lines or [])
            if lines is None:
                with suppress(asyncio.CancelledError):
                    await reader.read()
        writer.close()


@asynccontextmanager
async def engine(folder, *streams):
    here = Engine(folder / "engine.sock", *streams)
    async with await asyncio.start_unix_server(here.answer, here.path):
        yield here


def watching(path, told, mark=None):
    grounds = Grounds(RUN, "docker", SCENARIO, Path("/nowhere"), Path("/run/backrooms") / RUN)
    return EngineEvents("docker", path, grounds, mark or Mark(["ada", "bo"]), told)


@asynccontextmanager
async def watched(witness):
    task = asyncio.create_task(witness.watch())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def line(action, container, name="someone", after=1.0, **labels):
    at = int((SystemClock().now() + after) * 1e9)
    actor = {"ID": container * 64, "Attributes": {"name": name, "image": "debian", **labels}}
    told = {"Type": "container", "Action": action, "Actor": actor, "timeNano": at}
    return json.dumps(told).encode() + b"\n"


FORGED = {"backrooms.run": str(RUN), "backrooms.agent": "ada"}


async def test_a_label_of_the_run_on_what_it_did_not_make(tmp_path, told):
    lines = [
        line("create", "a", f"br-{RUN}-ada", **FORGED),
        line("start", "a", f"br-{RUN}-ada", 1.1, **FORGED),
        line("create", "c", "other", 1.2),
        line("exec_create: sh", "a", f"br-{RUN}-ada", 1.3, **FORGED),
        line("create", "d", "other", 1.4, **{"backrooms.run": "another"}),
        line("die", "c", "other", 1.5),
        line("create", "b", "forged", 1.6, **FORGED),
    ]
    async with engine(tmp_path, lines) as here:
        witness = watching(here.path, told)
        async with watched(witness):
            ((kind, agent, data),) = await told.until(1)
    assert (kind, agent) == ("host.container", "engine")
    assert data == {
        "engine": "docker",
        "action": "create",
        "container": "b" * 12,
        "name": "forged",
        "image": "debian",
        "by": {"label": "backrooms.run", "says": "ada"},
        "technique": "docker-sock",
        "level": "achieved.exec",
        "what": "docker did 'create' for an agent of this run: nobody here asked it to",
    }
    assert witness.total() == {"unattributed": 2}, "another's container, and a hand in one of ours"


async def test_two_boxes_that_are_made_at_once_are_told_of_in_any_order(tmp_path, told):
    lines = [
        line("create", "b", f"br-{RUN}-bo", 1.1, **FORGED),
        line("create", "a", f"br-{RUN}-ada", 1.0, **FORGED),
        line("start", "a", f"br-{RUN}-ada", 1.2, **FORGED),
        line("start", "b", f"br-{RUN}-bo", 1.3, **FORGED),
        line("create", "c", "forged", 1.4, **FORGED),
    ]
    async with engine(tmp_path, lines) as here, watched(watching(here.path, told)):
        ((_, _, data),) = await told.until(1)
    assert data["container"] == "c" * 12


async def test_a_box_is_known_when_its_engine_has_forgotten_what_made_it(tmp_path, told):
    lines = [
        line("start", "a", f"br-{RUN}-ada", 1.0, **FORGED),
        line("start", "d", f"br-{RUN}-bo", 1.1, **FORGED),  # of a box that did not come to be
        line("create", "b", f"br-{RUN}-ada", 1.2, **FORGED),
    ]
    async with engine(tmp_path, lines) as here:
        witness = watching(here.path, told)
        witness.inhabit("ada", BoxFacts("docker", None, 0, {"container": "a" * 64}))
        async with watched(witness):
            ((_, _, data),) = await told.until(1)
    assert data["container"] == "b" * 12, "whoever takes the name when ours has gone"


async def test_a_container_with_the_mark_of_a_box(tmp_path, told):
    mark = Mark(["ada", "bo"])
    async with engine(tmp_path, [line("create", "b")]) as here:
        here.containers["b" * 64] = {"Config": {"Env": [f"BACKROOMS_BOX={mark.of('bo')}"]}}
        async with watched(watching(here.path, told, mark)):
            ((_, agent, data),) = await told.until(1)
    assert agent == "bo"
    assert data["by"] == {"mark": "its environment holds the mark of a box"}


async def test_an_engine_that_hangs_up_is_asked_again_from_where_it_was(
    tmp_path, told, monkeypatch
):
    monkeypatch.setattr(engine_events, "AGAIN", 0.0)
    first, second = line("create", "b", **FORGED), line("create", "c", after=2.0, **FORGED)
    async with engine(tmp_path, [first], [first, second]) as here:
        async with watched(watching(here.path, told)):
            events = await told.until(2)
        asked = [target for target in here.asked if target.startswith("/events")]
    assert [data["container"][0] for _, _, data in events] == ["b", "c"]
    since = [float(target.partition("since=")[2].partition("&")[0]) for target in asked[:2]]
    at = json.loads(first)["timeNano"] / 1e9
    assert since[1] == pytest.approx(max(since[0], at - 1.0), abs=1e-6)


async def test_an_engine_that_is_gone_for_long_is_watched_no_more(tmp_path, told, monkeypatch):
    monkeypatch.setattr(engine_events, "AGAIN", 0.0)
    monkeypatch.setattr(engine_events, "GIVE_UP", 0.0)
    with pytest.raises(ExceptionGroup) as raised:
        await watching(tmp_path / "engine.sock", told).watch()
    (error,) = raised.value.exceptions
    assert isinstance(error, EngineError)
    assert str(error).startswith(f"{tmp_path}/engine.sock has not answered for 0 s: ")


async def test_an_endless_event_is_read_by_its_beginning(tmp_path, told):
    endless = b'{"Action":"create","id":"' + b"e" * 64 + b'","x":"' + b"y" * (3 << 20) + b'"}\n'
    async with engine(tmp_path, [endless, line("create", "b", **FORGED)]) as here:
        witness = watching(here.path, told)
        async with watched(witness):
            await told.until(1)
    assert witness.total() == {"unattributed": 1}


async def test_an_engine_that_answers_nonsense(tmp_path):
    async def nonsense(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.0 200 OK\r\n\r\n{")
        writer.close()

    async with await asyncio.start_unix_server(nonsense, tmp_path / "engine.sock"):
        with pytest.raises(EngineError, match="no JSON: "):
            await inspect(tmp_path / "engine.sock", "b")


ASK = """
import json, signal, socket
kept = socket.socket(socket.AF_UNIX)  # as clients keep one: who is slow to look finds it still there
kept.connect("/run/docker.sock")
def ask(method, path, body=None):
    data = b"" if body is None else json.dumps(body).encode()
    with socket.socket(socket.AF_UNIX) as link:
        link.connect("/run/docker.sock")
        head = f"{method} {path} HTTP/1.0\\r\\nContent-Type: application/json\\r\\n"
        link.sendall(f"{head}Content-Length: {len(data)}\\r\\n\\r\\n".encode() + data)
        return link.makefile("rb").read().partition(b"\\r\\n\\r\\n")[2]
made = json.loads(ask("POST", "/containers/create", {"Image": "IMAGE", "Cmd": ["true", "for ada alone"]}))["Id"]
ask("DELETE", f"/containers/{made}?force=1")
signal.pause()
"""


@pytest.mark.needs("docker")
async def test_a_box_that_has_dockers_socket_is_named_by_the_kernel(told, container, docker, image):
    socket = Path("/var/run/docker.sock")
    name, pid = container("--user=0", f"--volume={socket}:/run/docker.sock")
    witness = watching(socket, told)
    witness.inhabit("ada", BoxFacts("docker", pid, 0))
    calls = [{"id": "1", "tool": "shell", "args": {"command": "true 'for ada alone'"}}]
    witness.heed(Event(1, "think.done", "ada", {"calls": calls}))
    async with watched(witness):
        docker("exec", "--detach", name, "python3", "-c", ASK.replace("IMAGE", image))
        ((_, agent, data),) = await told.until(1)
        await witness.settle("ada")
    assert (agent, data["action"], data["level"]) == ("ada", "create", "achieved.exec")
    process = data["by"]["connected"]
    assert process["program"].rpartition("/")[2].startswith("python3")
    assert process["command"].startswith("python3 -c")
