"""A cluster by its API: what is asked of it, bounded in time, and what its refusals mean."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from sandbox.errors import BoxError, TierUnavailable
from sandbox.ids import RunId
from sandbox.isolation.control import printable
from sandbox.isolation.engine import RUN_LABEL
from sandbox.isolation.kubernetes.cluster import AnswerLost
from sandbox.isolation.kubernetes.pod import CONTAINER, Manifest
from sandbox.isolation.kubernetes.pod_state import PodState, pod_state
from sandbox.isolation.process import TAIL

if TYPE_CHECKING:
    from kubernetes_asyncio.client import ApiClient, Configuration

    from sandbox.isolation.kubernetes.exec_stream import ExecStream

__all__ = ["ApiCluster", "connected", "remove_pods"]

SECONDS: Final = 30.0
"""How long the API server may take to answer one request."""
WATCH: Final = 240
"""Seconds after which a watch is asked for anew, as clients of Kubernetes do."""
PAUSE: Final = 1.0
"""Seconds between a watch that ended and the next one."""
DELETED: Final = 45.0
"""Seconds that a Pod may take to end once it is to be deleted; kubelet kills it after its grace."""


async def _configuration() -> Configuration:
    """Find the cluster: ``KUBECONFIG``, ``~/.kube/config``, or the Pod that this runs in. Raises TierUnavailable."""
    try:
        from kubernetes_asyncio import client, config
    except ImportError:
        raise TierUnavailable(
            "kubernetes",
            "the client for Kubernetes is not installed",
            "Install it: pip install 'backrooms[k8s]'.",
        ) from None
    found = client.Configuration()
    try:
        await config.load_config(client_configuration=found, **_named_file())
    except (config.ConfigException, OSError, ValueError, TypeError) as error:
        raise TierUnavailable(
            "kubernetes",
            f"no cluster is named ({printable(str(error))[:200]})",
            "Set KUBECONFIG to a file that names one, or run backrooms inside the cluster.",
        ) from None
    return found


def _named_file() -> dict[str, str]:
    """The file that ``KUBECONFIG`` names: the client itself reads that only once, when it is imported."""
    named = os.environ.get("KUBECONFIG")
    if not named:
        return {}
    if not any(Path(one).is_file() for one in named.split(os.pathsep)):
        raise FileNotFoundError(f"there is no file {named!r:.100}")
    return {"config_file": named}


class ApiCluster:
    """One namespace of the cluster that the environment names. ``close`` it in the end."""

    def __init__(self, namespace: str) -> None:
        self._pods = f"/api/v1/namespaces/{namespace}/pods"
        self._namespace = namespace
        self._client: ApiClient | None = None
        self._closed = False

    async def version(self) -> str:
        found = await self.ask("GET", "/version")
        return f"Kubernetes {printable(str(found.get('gitVersion', '')))[:40]}"

    async def create(self, pod: Manifest) -> Manifest:
        return await self.ask("POST", self._pods, body=pod)

    async def states(self, name: str) -> AsyncGenerator[PodState, None]:
        while True:
            try:
                found = await self.ask("GET", f"{self._pods}/{name}")
                yield pod_state(found)
                version = str((found.get("metadata") or {}).get("resourceVersion", ""))
                async with aclosing(self._events(name, version)) as events:
                    async for kind, pod in events:
                        if kind == "DELETED":
                            return
                        yield pod_state(pod)
            except _Gone:
                return
            except _Broke:  # a Pod outlives an API server that is restarted
                pass
            await asyncio.sleep(PAUSE)

    async def run(self, name: str, argv: Sequence[str]) -> ExecStream:
        from sandbox.isolation.kubernetes.exec_stream import ExecStream

        client = await self._opened()
        return await ExecStream.open(client.configuration, f"{self._pods}/{name}/exec", argv)

    async def logs(self, name: str) -> str:
        query = {"container": CONTAINER, "tailLines": "100", "limitBytes": str(4 * TAIL)}
        try:
            async with self._response("GET", f"{self._pods}/{name}/log", query) as response:
                data = await response.content.read(4 * TAIL)
        except (
            BoxError
        ):  # there is no log yet, or no more: what a box said last is worth no failure
            return ""
        return bytes(data).decode("utf-8", "replace")[-TAIL:]

    async def delete(self, name: str) -> None:
        try:
            await self.ask("DELETE", f"{self._pods}/{name}", body={"gracePeriodSeconds": 1})
            async with asyncio.timeout(DELETED):
                states = self.states(name)
                async for _ in states:
                    continue
        except _Gone:
            return
        except TimeoutError:
            raise BoxError(
                f"the Pod {name} does not end within {DELETED:g} s: its node may be lost. Look at it: "
                f"kubectl --namespace {self._namespace} describe pod {name}"
            ) from None

    async def names(self, run: RunId) -> list[str]:
        """The names of all Pods of a run."""
        listed = await self.ask("GET", self._pods, query={"labelSelector": f"{RUN_LABEL}={run}"})
        return [str(one["metadata"]["name"]) for one in listed.get("items") or ()]

    async def close(self) -> None:
        self._closed = True
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Ask for one JSON object, whole: what the client's models do not know is in it. Raises BoxError."""
        async with self._response(method, path, query or {}, body) as response:
            try:
                answer = await response.json()
            except ValueError:
                raise BoxError(f"the API server answered {method} {path} with no JSON") from None
        if not isinstance(answer, dict):
            raise BoxError(f"the API server answered {method} {path} with no object")
        return answer

    async def _events(
        self, name: str, version: str
    ) -> AsyncGenerator[tuple[str, dict[str, Any]], None]:
        """Changes of one Pod since ``version``; ends when the API server ends the watch, as it does in time."""
        query = {
            "watch": "true",
            "fieldSelector": f"metadata.name={name}",
            "resourceVersion": version,
            "timeoutSeconds": str(WATCH),
        }
        async with self._response("GET", self._pods, query, seconds=WATCH + SECONDS) as response:
            while True:
                try:
                    line = await response.content.readline()
                    if not line:
                        return
                    event = json.loads(line)
                    kind, pod = event["type"], event["object"]
                except (
                    ValueError,
                    KeyError,
                    TypeError,
                ):  # the first also for a line without an end
                    raise _Broke("a watch that is no JSON") from None
                if kind == "ERROR":  # 410: what it was to go on from is forgotten
                    return
                if kind in {"ADDED", "MODIFIED", "DELETED"}:
                    yield kind, pod

    @asynccontextmanager
    async def _response(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: Mapping[str, Any] | None = None,
        *,
        seconds: float = SECONDS,
    ) -> AsyncIterator[Any]:
        from aiohttp import ClientConnectorError, ClientError

        client = await self._opened()
        try:
            response = await client.call_api(
                path,
                method,
                query_params=list(query.items()),
                header_params={"Accept": "application/json", "Content-Type": "application/json"},
                body=body,
                auth_settings=["BearerToken"],
                _preload_content=False,
                _return_http_data_only=True,
                _request_timeout=seconds,
            )
            async with response:
                if not 200 <= response.status < 300:
                    raise self._refusal(method, path, response.status, await _message(response))
                yield response
        except (ClientError, OSError, TimeoutError) as error:
            why = str(error) or type(error).__name__
            raise (_Broke if isinstance(error, ClientConnectorError) else _Lost)(
                f"the API server at {client.configuration.host} does not answer {method} {path}: {why:.200}"
            ) from None

    def _refusal(self, method: str, path: str, status: int, message: str) -> BoxError:
        namespace = self._namespace
        setup = "`backrooms kubernetes manifests` prints what an administrator applies"
        said = f"the API server refused {method} {path} ({status}): {message}"
        match status:
            case 404 if path != self._pods:
                return _Gone(said)
            case 404:
                return BoxError(f"{said}. Is there a namespace '{namespace}'? {setup}")
            case 401:
                return BoxError(f"{said}. It does not know this account: look at your kubeconfig")
            case 403 if "violates PodSecurity" in message or "exceeded quota" in message:
                return BoxError(said)
            case 403:
                return BoxError(f"{said}. {setup}")
            case 409:
                return BoxError(f"{said}. Remove it: kubectl --namespace {namespace} delete pod")
            case 429 | 500 | 502 | 503 | 504:
                return _Lost(said)
            case _:
                return BoxError(said)

    async def _opened(self) -> ApiClient:
        if self._closed:
            raise BoxError("the cluster is not asked any more")
        if self._client is None:
            found = await _configuration()
            from kubernetes_asyncio.client import ApiClient

            self._client = ApiClient(found)
        return self._client


class _Gone(BoxError):
    """There is no such Pod."""


class _Broke(BoxError):
    """The API server did not answer this time."""


class _Lost(_Broke, AnswerLost):
    """It was asked, at least."""


@asynccontextmanager
async def connected(namespace: str) -> AsyncIterator[ApiCluster]:
    """A cluster that is let go of in the end."""
    cluster = ApiCluster(namespace)
    try:
        yield cluster
    finally:
        await cluster.close()


async def remove_pods(run: RunId, namespace: str) -> list[str]:
    """Remove every Pod of a run. Returns one line for each. Raises BoxError."""
    async with connected(namespace) as cluster:
        names = await cluster.names(run)
        async with asyncio.TaskGroup() as tasks:
            for name in names:
                tasks.create_task(cluster.delete(name), name=f"delete {name}")
        return [f"Pod {name}" for name in names]


async def _message(response: Any) -> str:
    """What the API server says to a refusal, on one line."""
    text = (await response.content.read(64 << 10)).decode("utf-8", "replace")
    try:
        text = cast("dict[str, Any]", json.loads(text))["message"]
    except (ValueError, KeyError, TypeError):
        text = text.strip() or "without a word"
    return printable(str(text))[:400]
