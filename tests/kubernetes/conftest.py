"""A server that speaks the part of the Kubernetes API that boxes use, and runs the real guest as a node would.

What a Pod's command names below /run/backrooms, /home/agent and /opt/backrooms is given to it in a
temporary folder; it runs as a plain process, sealed by nothing.
"""

import asyncio
import itertools
import json
import os
import secrets
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from aiohttp import WSMsgType, web

import agents
from sandbox.ids import AgentId, RunId
from sandbox.isolation.box import BoxSpec
from sandbox.isolation.kubernetes.box import KubernetesBox
from sandbox.isolation.kubernetes.settings import Settings

IMAGE = "registry.local/backrooms/agent@sha256:" + "0" * 64
NUMBERS = itertools.count()
PODS = "/api/v1/namespaces/{namespace}/pods"
GUEST = str(Path(agents.__file__).parent)
RUNNING = {"phase": "Running", "containerStatuses": [{"state": {"running": {}}}]}


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    state = {"waiting": {"reason": reason, "message": message}}
    return {"phase": "Pending", "containerStatuses": [{"state": state}]}


def refusal(code: int, message: str, reason: str = "") -> web.Response:
    status = {"kind": "Status", "status": "Failure", "message": message, "reason": reason}
    return web.json_response({**status, "code": code}, status=code)


class ApiServer:
    """One cluster with one node. Tests set what it refuses, what its node does, and how its watches end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pods: dict[str, dict[str, Any]] = {}
        self.requests: list[str] = []
        self.refuses: dict[str, web.Response] = {}
        self.denied: set[str] = set()
        self.admit: Callable[[dict[str, Any]], None] = lambda pod: None
        self.life: list[dict[str, Any]] = [waiting("ContainerCreating"), RUNNING]
        self.watches: list[str] = []
        """How the next watches begin: ``end`` or ``gone`` (410)."""
        self.relay: list[str] = []
        """What is run instead of the relay."""
        self.protocols = ("v5.channel.k8s.io", "v4.channel.k8s.io")
        self.namespace: dict[str, Any] = {"pod-security.kubernetes.io/enforce": "restricted"}
        self.policies: list[dict[str, Any]] = [
            {"spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}}
        ]
        self._version = 100
        self._changed = asyncio.Condition()
        self._events: list[tuple[int, str, dict[str, Any]]] = []
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.app = web.Application(middlewares=[self._door])
        self.app.add_routes(
            [
                web.get("/version", self._hello),
                web.post(PODS, self._create),
                web.get(PODS, self._list),
                web.get(PODS + "/{name}", self._read),
                web.delete(PODS + "/{name}", self._delete),
                web.get(PODS + "/{name}/log", self._log),
                web.get(PODS + "/{name}/exec", self._exec),
                web.get("/api/v1/namespaces/{namespace}", self._namespace),
                web.get("/apis/networking.k8s.io/v1/{rest:.*}", self._policies),
                web.post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", self._may),
            ]
        )

    async def set_status(self, name: str, status: dict[str, Any]) -> None:
        await self._record("MODIFIED", {**self.pods[name], "status": status})

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        for process in self._processes.values():
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)
            await process.wait()

    @web.middleware
    async def _door(self, request: web.Request, handler: Any) -> web.StreamResponse:
        kind = "watch" if "watch" in request.query else request.path.rpartition("/")[2]
        word = kind if kind in {"watch", "log", "exec", "version"} else "pods"
        self.requests.append(f"{request.method} {word}")
        assert request.headers["Authorization"] == "Bearer secret"
        refused = self.refuses.get(f"{request.method} {word}")
        return await handler(request) if refused is None else refused

    async def _record(self, kind: str, pod: dict[str, Any]) -> None:
        self._version += 1
        pod["metadata"]["resourceVersion"] = str(self._version)
        name = pod["metadata"]["name"]
        if kind == "DELETED":
            self.pods.pop(name, None)
        else:
            self.pods[name] = pod
        async with self._changed:
            self._events.append((self._version, kind, json.loads(json.dumps(pod))))
            self._changed.notify_all()

    async def _hello(self, _: web.Request) -> web.Response:
        return web.json_response({"gitVersion": "v1.36.2"})

    async def _create(self, request: web.Request) -> web.Response:
        pod = await request.json()
        if pod["metadata"]["name"] in self.pods:
            return refusal(409, f'pods "{pod["metadata"]["name"]}" already exists')
        self.admit(pod)
        spec = pod["spec"]
        for flag in ("hostNetwork", "hostPID", "hostIPC"):  # what is false is left out, as Go does
            if spec.get(flag) is False:
                del spec[flag]
        pod["metadata"] |= {
            "uid": secrets.token_hex(8),
            "creationTimestamp": "2026-11-21T00:00:00Z",
        }
        pod["spec"] |= {
            "schedulerName": "default-scheduler",
            "serviceAccount": spec["serviceAccountName"],
            "priority": 0,
            "preemptionPolicy": "PreemptLowerPriority",
            "tolerations": [{"key": "node.kubernetes.io/not-ready", "effect": "NoExecute"}],
        }
        spec["containers"][0] |= {
            "terminationMessagePath": "/dev/termination-log",
            "terminationMessagePolicy": "File",
        }
        await self._record("ADDED", pod | {"status": {"phase": "Pending"}})
        self._begin(self._live(pod["metadata"]["name"]))
        return web.json_response(pod, status=201)

    def _begin(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _live(self, name: str) -> None:
        """What a node does: what ``life`` says, and where that runs the Pod, its command."""
        for status in self.life:
            if status is RUNNING:
                await self._start(name)
            await self.set_status(name, status)
        if name not in self._processes:
            return
        code = await self._processes[name].wait()
        ended = {"terminated": {"exitCode": code if code >= 0 else 128 - code, "reason": "Error"}}
        if name in self.pods and self.pods[name]["status"].get("reason") is None:
            await self.set_status(
                name, {"phase": "Failed", "containerStatuses": [{"state": ended}]}
            )

    async def _start(self, name: str) -> None:
        for part in ("sockets", "home"):
            (self.folder / name / part).mkdir(parents=True)
        command = self.pods[name]["spec"]["containers"][0]["command"]
        with (self.folder / name / "log").open("wb") as log:
            self._processes[name] = await asyncio.create_subprocess_exec(
                *self._here(name, command), stdout=log, stderr=log, start_new_session=True
            )

    def _here(self, name: str, command: list[str]) -> list[str]:
        place = self.folder / name
        words = [sys.executable, *command[1:]]
        for inside, here in (
            ("/run/backrooms", place / "sockets"),
            ("/home/agent", place / "home"),
            ("/opt/backrooms/agents", GUEST),
        ):
            words = [word.replace(inside, str(here)) for word in words]
        return words

    async def _list(self, request: web.Request) -> web.StreamResponse:
        if "watch" not in request.query:
            label, _, value = request.query["labelSelector"].partition("=")
            found = [p for p in self.pods.values() if p["metadata"]["labels"].get(label) == value]
            return web.json_response({"items": found})
        name = request.query["fieldSelector"].removeprefix("metadata.name=")
        seen = int(request.query["resourceVersion"])
        response = web.StreamResponse()
        await response.prepare(request)
        how = self.watches.pop(0) if self.watches else ""
        if how == "gone":
            status = {"kind": "Status", "code": 410, "message": "too old resource version"}
            await response.write(json.dumps({"type": "ERROR", "object": status}).encode() + b"\n")
        while not how:
            async with self._changed:
                await self._changed.wait_for(lambda: self._version > seen)  # noqa: B023
                events = [one for one in self._events if one[0] > seen]
                seen = self._version
            for _, kind, pod in events:
                if pod["metadata"]["name"] == name:
                    event = json.dumps({"type": kind, "object": pod})
                    with suppress(ConnectionError):
                        await response.write(event.encode() + b"\n")
        return response

    async def _read(self, request: web.Request) -> web.Response:
        pod = self.pods.get(request.match_info["name"])
        return refusal(404, "not found", "NotFound") if pod is None else web.json_response(pod)

    async def _delete(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in self.pods:
            return refusal(404, "not found", "NotFound")
        process = self._processes.get(name)
        if process is not None and process.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        if process is not None:
            await process.wait()
        pod = self.pods[name]
        self._begin(self._record("DELETED", pod))
        return web.json_response(pod)

    async def _log(self, request: web.Request) -> web.Response:
        return web.Response(body=(self.folder / request.match_info["name"] / "log").read_bytes())

    async def _exec(self, request: web.Request) -> web.StreamResponse:
        link = web.WebSocketResponse(protocols=self.protocols)
        await link.prepare(request)
        command = request.query.getall("command")
        process = await asyncio.create_subprocess_exec(
            *(self.relay or self._here(request.match_info["name"], command)),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

        async def pump(channel: int, stream: asyncio.StreamReader) -> None:
            await link.send_bytes(
                bytes([channel])
            )  # as servers do: an empty message opens each channel
            while data := await stream.read(32 << 10):
                await link.send_bytes(bytes([channel]) + data)

        async def listen() -> None:
            async for message in link:
                if message.type == WSMsgType.BINARY and message.data[:1] == b"\0":
                    process.stdin.write(message.data[1:])
                    with suppress(ConnectionError):
                        await process.stdin.drain()
            process.stdin.close()

        work = [listen(), pump(1, process.stdout), pump(2, process.stderr)]
        tasks = [asyncio.create_task(one) for one in work]
        code = await process.wait()
        await asyncio.wait(tasks[1:])
        status = {"status": "Success"}
        if code:
            status = {"status": "Failure", "message": f"command terminated with exit code {code}"}
        with suppress(ConnectionError):
            await link.send_bytes(b"\3" + json.dumps(status).encode())
        await link.close()
        tasks[0].cancel()
        await asyncio.wait(tasks)
        for task in tasks:
            task.cancelled() or task.exception()
        return link

    async def _namespace(self, _: web.Request) -> web.Response:
        return web.json_response({"metadata": {"labels": self.namespace}})

    async def _policies(self, _: web.Request) -> web.Response:
        return web.json_response({"items": self.policies})

    async def _may(self, request: web.Request) -> web.Response:
        asked = (await request.json())["spec"]["resourceAttributes"]
        what = "/".join(filter(None, [asked["resource"], asked.get("subresource")]))
        return web.json_response(
            {"status": {"allowed": f"{asked['verb']} {what}" not in self.denied}}
        )


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder with a short path: a socket's has little room."""
    folder = Path(tempfile.mkdtemp(prefix="br-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
async def server(
    short: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ApiServer]:
    """A cluster that the environment names."""
    api = ApiServer(short / "node")
    runner = web.AppRunner(api.app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    config = {
        "apiVersion": "v1", "kind": "Config", "current-context": "here",
        "clusters": [{"name": "here", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
        "users": [{"name": "me", "user": {"token": "secret"}}],
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
    }  # fmt: skip
    (tmp_path / "config").write_text(json.dumps(config))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("BACKROOMS_K8S_IMAGE", IMAGE)
    yield api
    await api.close()
    await runner.cleanup()


class Unsealed(KubernetesBox):
    """The same box, whose Pod is a plain process here: the check would refuse it."""

    _SEALED = False


@pytest.fixture
def spec(short: Path) -> BoxSpec:
    folder = short / "run" / "ada"
    folder.mkdir(parents=True)
    return BoxSpec(
        RunId(f"20261121-113908-x-{os.getpid()}-{next(NUMBERS)}"), AgentId("ada"), folder
    )


@pytest.fixture
async def box(spec: BoxSpec, server: ApiServer) -> AsyncIterator[KubernetesBox]:
    box = Unsealed(spec, Settings(image=IMAGE), progress=lambda line: None)
    yield box
    await box.stop()
