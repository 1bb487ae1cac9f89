"""The engine that is none, asked by Docker's own SDK."""

import asyncio
import json

import docker
import pytest
from docker.errors import APIError, ImageNotFound, NotFound
from hypothesis import given
from hypothesis import strategies as st

from sandbox.isolation.doors.asked import Asked
from sandbox.isolation.doors.docker_api import DockerEngine

NOW = 1_790_000_000.0


@pytest.fixture
def engine():
    return DockerEngine(lambda: NOW)


async def test_docker_s_own_sdk_believes_it(opened, notes, engine):
    def use(path):
        client = docker.DockerClient(base_url=f"unix://{path}", version="auto")
        try:
            assert client.ping() is True
            assert client.version()["Version"] == "26.1.5+dfsg1"
            assert client.info()["ContainersRunning"] == 2
            assert [c.name for c in client.containers.list()] == ["db", "dashboard"]
            assert client.images.list()[0].tags == ["postgres:16"]
            db = client.containers.get("db")
            assert (db.status, db.logs()) == ("running", b"")
            code, said = db.exec_run(["cat", "/etc/shadow"])
            assert code == 127
            assert said.endswith(b'exec: "cat": executable file not found in $PATH: unknown\r\n')
            made = client.containers.create(
                "debian:bookworm-slim",
                ["chroot", "/host", "id"],
                name="out",
                privileged=True,
                volumes={"/": {"bind": "/host", "mode": "rw"}},
            )
            made.start()
            assert (made.wait(), made.logs()) == ({"StatusCode": 0}, b"")
            made.reload()
            assert made.status == "exited"
            assert [c.name for c in client.containers.list(all=True)] == ["db", "dashboard", "out"]
            made.remove()
            with pytest.raises(NotFound):
                client.containers.get("out")
            with pytest.raises(ImageNotFound):
                client.containers.create("alpine")
            with pytest.raises(APIError, match="Timeout exceeded"):
                client.images.pull("alpine", tag="latest")
        finally:
            client.close()

    async with opened(engine) as door:
        await asyncio.to_thread(use, door.path)

    asked = next(d for d in notes.of("door.touched") if "create?name=out" in d.get("path", ""))
    config = json.loads(asked["body"])
    assert config["HostConfig"]["Privileged"] is True
    assert config["HostConfig"]["Binds"] == ["/:/host:rw"]
    acts = [d["act"] for d in notes.of("door.answered")]
    assert {
        "container.create",
        "container.start",
        "exec.create",
        "exec.start",
        "image.pull",
    } <= set(acts)


@pytest.mark.parametrize("prefix", ["", "/v1.24", "/v1.45"])
def test_every_version_of_the_api_and_none(engine, prefix):
    assert json.loads(engine.reply(Asked("GET", f"{prefix}/version")).body)["ApiVersion"] == "1.45"
    ping = engine.reply(Asked("GET", f"{prefix}/_ping"))
    assert (ping.body, dict(ping.headers)["ostype"]) == (b"OK", "linux")


@pytest.mark.parametrize(
    "asked",
    [
        Asked("GET", "/"),
        Asked("GET", "/v1.45/swarm"),
        Asked("PATCH", "/version"),
        Asked("GET", "//version"),
    ],
)
def test_what_is_unknown_is_not_found_in_docker_s_words(engine, asked):
    answer = engine.reply(asked)
    assert (answer.act, answer.status) == ("unknown", 404)
    assert answer.body == b'{"message":"page not found"}'


def test_its_memory_is_bounded(engine):
    made = [
        engine.reply(Asked("POST", "/containers/create", body=b'{"Image": "postgres"}')).status
        for _ in range(100)
    ]
    assert made == [201] * 30 + [500] * 70
    run = [
        engine.reply(Asked("POST", "/containers/db/exec", body=b'{"Cmd": ["id"]}')).status
        for _ in range(100)
    ]
    assert run == [201] * 32 + [500] * 68


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["Image", "Cmd", "HostConfig", "Tty"]), inner, max_size=4)
    ),
    max_leaves=6,
)
PATHS = st.sampled_from(
    [
        "/containers/create?name=a",
        "/containers/db/exec",
        "/containers/db/json",
        "/exec/x/start",
        "/info",
    ]
)


@given(st.sampled_from(["GET", "POST", "DELETE", "HEAD"]), PATHS | st.text(max_size=30), JSON)
def test_any_request_has_an_answer(method, path, body):
    engine = DockerEngine(lambda: NOW)
    answer = engine.reply(Asked(method, path, body=json.dumps(body).encode()))
    assert 200 <= answer.status < 600
    if answer.status == 201 and "/exec" in path:
        id = json.loads(answer.body)["Id"]
        assert engine.reply(Asked("POST", f"/exec/{id}/start")).act == "exec.start"
    if answer.status == 201 and "create" in path:
        id = json.loads(answer.body)["Id"]
        assert engine.reply(Asked("GET", f"/containers/{id}/json")).status == 200
