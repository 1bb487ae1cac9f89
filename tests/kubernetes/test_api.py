"""Boxes by the API of a cluster: the whole life of one, and everything that can come between."""

import asyncio
import socket

import pytest

from sandbox.errors import BoxError, BoxRefused, BoxUnsound, ShimError
from sandbox.isolation import leftovers
from sandbox.isolation.box import BoxExit
from sandbox.isolation.kubernetes import box as box_module
from sandbox.isolation.kubernetes import client
from sandbox.isolation.kubernetes.box import KubernetesBox
from sandbox.isolation.kubernetes.settings import Settings

IMAGE = "registry.local/backrooms/agent@sha256:" + "0" * 64
RUNNING = {"phase": "Running", "containerStatuses": [{"state": {"running": {}}}]}


def waiting(reason, message=""):
    state = {"waiting": {"reason": reason, "message": message}}
    return {"phase": "Pending", "containerStatuses": [{"state": state}]}


def beside(spec):
    return sorted(path.name for path in spec.folder.parent.iterdir())


@pytest.mark.parametrize("protocols", [("v5.channel.k8s.io",), ("v4.channel.k8s.io",)])
async def test_one_life(server, box, spec, protocols):
    server.protocols = protocols
    facts = await box.start()
    assert facts.facts["engine"] == "Kubernetes v1.36.2"
    assert (facts.tier, facts.pid, facts.uid) == ("kubernetes", None, None)
    assert beside(spec) == ["ada", "ada.box"]

    done = await box.exec(["cat"], stdin=b"words" * 100_000)
    assert (done.code, done.stdout) == (0, b"words" * 100_000)
    await box.put("notes/today", b"x" * 900_000)
    assert await box.get("notes/today") == b"x" * 900_000
    assert "notes/today" in (await box.snapshot()).things
    assert (await box.stats()).pids >= 1

    waits = asyncio.create_task(box.wait())
    await box.stop()
    await box.stop()
    assert await waits == await box.wait() == BoxExit(code=0)
    assert server.pods == {}
    assert beside(spec) == ["ada"]
    with pytest.raises(ShimError, match=r"^get: "):
        await box.get("notes/today")


async def test_the_bus_goes_through_the_same_stream(server, box, spec):
    heard = asyncio.Queue()

    async def gate(reader, writer):
        heard.put_nowait(await reader.readexactly(12))
        writer.close()

    async with await asyncio.start_unix_server(gate, spec.folder / "bus.sock"):
        await box.start()
        assert (await heard.get())[2:8] == b"\x00\x04MQTT"
        await box.stop()


async def test_a_pod_that_is_not_sealed_never_begins(server, spec):
    box = KubernetesBox(spec, Settings(image=IMAGE), progress=print)
    with pytest.raises(BoxUnsound) as caught:
        await box.start()
    found = {one.partition(":")[0] for one in caught.value.found}
    assert {"namespaces", "mounts.host"} <= found
    assert server.pods == {}


async def test_what_admission_adds_is_refused(server, box):
    server.admit = lambda pod: pod["spec"]["containers"].append({"name": "istio-proxy"})
    with pytest.raises(BoxRefused) as caught:
        await box.start()
    assert caught.value.found[0] == (
        "spec.containers are ['agent', 'istio-proxy'], not the agent's alone"
    )
    assert server.pods == {}


@pytest.mark.parametrize("watches", [["end"], ["gone"], ["end", "gone", "end"]])
async def test_watches_that_end_are_resumed(server, box, watches, monkeypatch):
    monkeypatch.setattr(client, "PAUSE", 0)
    server.watches = list(watches)
    await box.start()
    waits = asyncio.create_task(box.wait())
    server.watches = list(watches)
    with pytest.raises(ShimError):
        await box.exec(["sh", "-c", "kill -9 $PPID; sleep 77"])
    assert await waits == BoxExit(code=None, signal=9)
    await box.stop()


async def test_an_eviction_ends_the_box(server, box):
    await box.start()
    waits = asyncio.create_task(box.wait())
    (name,) = server.pods
    message = "The node was low on resource: memory."
    await server.set_status(name, {"phase": "Failed", "reason": "Evicted", "message": message})
    assert await waits == BoxExit(code=None, tail=f"Evicted: {message}")
    await box.stop()
    assert server.pods == {}


async def test_a_box_that_ran_out_of_memory(server, box):
    await box.start()
    (name,) = server.pods
    ended = {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}
    await server.set_status(name, {"phase": "Failed", "containerStatuses": [{"state": ended}]})
    assert await box.wait() == BoxExit(code=None, signal=9, oom=True)
    await box.stop()


async def test_a_pod_that_somebody_deletes(server, box):
    await box.start()
    (name,) = server.pods
    other = client.ApiCluster("backrooms-sandbox")
    await other.delete(name)
    await other.close()
    assert await box.wait() == BoxExit(code=None, tail="its Pod was deleted by somebody else")
    await box.stop()


NODES = "0/3 nodes are available: 3 Insufficient memory."
UNSCHEDULABLE = {
    "phase": "Pending",
    "conditions": [
        {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": NODES}
    ],
}


@pytest.mark.parametrize(
    ("life", "why"),
    [
        (
            [UNSCHEDULABLE],
            f"its Pod does not run after 0.2 s: Unschedulable: {NODES}",
        ),
        (
            [waiting("ContainerCreating")],
            "its Pod does not run after 0.2 s: its image is being fetched, or its node does not answer",
        ),
        (
            [
                waiting("ErrImagePull", "no such host"),
                waiting("ImagePullBackOff", "Back-off pulling"),
            ],
            "its Pod cannot run: ImagePullBackOff: Back-off pulling",
        ),
        (
            [{"phase": "Failed", "reason": "OutOfpods", "message": "Node didn't have enough"}],
            "its Pod cannot run: OutOfpods: Node didn't have enough",
        ),
    ],
)
async def test_a_pod_that_does_not_come_to_run(server, box, spec, life, why, monkeypatch):
    monkeypatch.setattr(box_module, "RUNNING", 0.2)
    server.refuses["GET log"] = server.refuses.get("", None) or _refusal(400, "waiting to start")
    server.life = life
    with pytest.raises(BoxError) as caught:
        await box.start()
    assert str(caught.value) == f"the box of 'ada' (tier 'kubernetes'): {why}"
    assert server.pods == {}
    assert beside(spec) == ["ada"]


def _refusal(code, message):
    from aiohttp import web

    return web.json_response({"kind": "Status", "message": message, "code": code}, status=code)


SETUP = "`backrooms kubernetes manifests` prints what an administrator applies"


@pytest.mark.parametrize(
    ("code", "message", "remedy"),
    [
        (401, "Unauthorized", "It does not know this account: look at your kubeconfig"),
        (403, 'pods is forbidden: User "me" cannot create resource "pods"', SETUP),
        (404, "namespaces not found", f"Is there a namespace 'backrooms-sandbox'? {SETUP}"),
        (409, "already exists", "Remove it: kubectl --namespace backrooms-sandbox delete pod"),
        (403, 'violates PodSecurity "restricted:latest": seccompProfile', ""),
        (403, "exceeded quota: boxes", ""),
        (503, "the server is \x1b[31mdown", ""),
    ],
)
async def test_what_the_api_server_refuses(server, box, code, message, remedy):
    server.refuses["POST pods"] = _refusal(code, message)
    with pytest.raises(BoxError) as caught:
        await box.start()
    plain = message.replace("\x1b", "\N{REPLACEMENT CHARACTER}")
    said = (
        f"the API server refused POST /api/v1/namespaces/backrooms-sandbox/pods ({code}): {plain}"
    )
    wanted = f"the box of 'ada' (tier 'kubernetes'): {said}" + (f". {remedy}" if remedy else "")
    assert str(caught.value) == wanted


async def test_no_right_to_run_the_relay(server, box):
    server.refuses["GET exec"] = _refusal(403, "no")
    with pytest.raises(BoxError, match=r"refused to run a program in the Pod \(403\)"):
        await box.start()
    assert server.pods == {}


async def test_a_relay_that_is_not_there(server, box):
    server.relay = ["sh", "-c", "echo no python >&2; exit 127"]
    with pytest.raises(BoxError, match=r"no python command terminated with exit code 127$"):
        await box.start()
    assert server.pods == {}


async def test_an_api_server_that_is_not_there(server, box, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    text = (tmp_path / "config").read_text()
    at = text.index("127.0.0.1:")
    (tmp_path / "config").write_text(text[:at] + f"127.0.0.1:{port}" + text[text.index('"', at) :])
    with pytest.raises(
        BoxError, match=rf"the API server at http://127.0.0.1:{port} does not answer"
    ):
        await box.start()


@pytest.mark.parametrize("seconds", [0, 0.02, 0.15, 0.4])
async def test_a_start_that_is_cancelled_leaves_nothing(server, box, spec, seconds):
    async def live():
        await box.start()
        await box.wait()

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(live(), seconds)
    await box.stop()
    assert server.pods == {}
    assert beside(spec) == ["ada"]


async def test_pods_of_a_killed_run_are_swept(server, spec, box):
    await box.start()
    (name,) = server.pods
    assert await leftovers.sweep_boxes(spec.run, spec.folder.parent) == [f"Pod {name}"]
    assert server.pods == {}
    assert beside(spec) == ["ada"]
    await box.stop()


async def test_what_cannot_be_frozen_is_not_called_frozen(server, box):
    await box.start()
    await box.freeze()
    end = await box.wait()
    assert "there are more processes to be seen here than those of a box" in end.tail
    await box.stop()
