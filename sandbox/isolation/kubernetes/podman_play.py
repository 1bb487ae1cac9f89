"""The same Pod without a cluster, by ``podman play kube``: to try for real what would run on a node.

Podman of before version 5 makes an ``emptyDir`` a folder on the disk: here each is a tmpfs of its size
first, as kubelet makes it. There is no network at all.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from typing import Any, Final

from sandbox.errors import BoxError
from sandbox.isolation.control import printable
from sandbox.isolation.engine import connect
from sandbox.isolation.image import Progress, ensure
from sandbox.isolation.kubernetes.pod import CONTAINER, Manifest, amount
from sandbox.isolation.kubernetes.pod_state import PodState
from sandbox.isolation.kubernetes.settings import MACHINES, Settings
from sandbox.isolation.process import TAIL
from sandbox.isolation.profile import PROFILE

__all__ = ["PodmanPlay", "local_settings"]

PAGE: Final = os.sysconf("SC_PAGE_SIZE")
READ: Final = 64 << 10
LABEL: Final = "backrooms.pod"


class PodmanPlay:
    """Runs Pods on this machine; ``namespace`` is what a cluster would have."""

    def __init__(self, namespace: str = "") -> None:
        self._namespace = namespace

    async def version(self) -> str:
        return f"podman play kube {(await _podman('version', '--format', '{{.Version}}')).strip()}"

    async def create(self, pod: Manifest) -> Manifest:
        try:
            await self._play(pod["metadata"]["name"], pod)
        except BoxError:  # as with a cluster: what was refused is not there
            with suppress(BoxError):
                await self.delete(pod["metadata"]["name"])
            raise
        return pod

    async def _play(self, name: str, pod: Manifest) -> None:
        spec = pod["spec"]
        for volume in spec["volumes"]:
            pages = amount(volume["emptyDir"]["sizeLimit"]) // PAGE
            # In pages, as Podman takes "size" for its own and wants quotas for it.
            options = f"o=nr_blocks={pages:.0f},mode=0777,uid={PROFILE.uid},gid={PROFILE.gid},nosuid,nodev"
            made = ["--opt", "type=tmpfs", "--opt", "device=tmpfs", "--opt", options]
            await _podman(
                "volume", "create", "--label", f"{LABEL}={name}", *made, _volume(name, volume)
            )
        named = {
            "volumes": [{**one, "name": _volume(name, one)} for one in spec["volumes"]],
            "containers": [
                {
                    **one,
                    "volumeMounts": [{**m, "name": _volume(name, m)} for m in one["volumeMounts"]],
                }
                for one in spec["containers"]
            ],
        }
        text = json.dumps({**pod, "spec": {**spec, **named}})
        await _podman("play", "kube", "--network", "none", "-", given=text.encode())

    async def states(self, name: str) -> AsyncGenerator[PodState, None]:
        container = _container(name)
        while True:
            try:
                found: Any = json.loads(await _podman("container", "inspect", container))
            except BoxError:
                return
            state = found[0]["State"]
            running = bool(state["Running"])
            yield PodState(
                running=running,
                over=not running,
                code=None if running else int(state["ExitCode"]),
                oom=bool(state["OOMKilled"]),
            )
            if not running:
                return
            with suppress(BoxError):  # removed meanwhile
                await _podman("wait", container)

    async def run(self, name: str, argv: Sequence[str]) -> PodmanExec:
        command = ["podman", "exec", "--interactive", _container(name), *argv]
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True
        )
        return PodmanExec(process)

    async def logs(self, name: str) -> str:
        with suppress(BoxError):
            return (await _podman("logs", "--tail", "100", _container(name)))[-TAIL:]
        return ""

    async def delete(self, name: str) -> None:
        await _podman("pod", "rm", "--force", "--ignore", "--time", "1", name)
        listed = await _podman("volume", "ls", "--quiet", "--filter", f"label={LABEL}={name}")
        if volumes := listed.split():
            await _podman("volume", "rm", *volumes)

    async def close(self) -> None:
        """There is nothing to let go of."""


def local_settings(progress: Progress) -> Settings:
    """Settings for Pods on this machine, of our image as Podman has it, built where it is not there; blocks.

    Raises BoxError.
    """
    client = connect("podman")
    try:
        tag = ensure(client, "plain", progress).tag
        digest = client.images.get(tag).attrs["RepoDigests"][0]
    finally:
        client.close()
    archs = {machine: arch for arch, machine in MACHINES.items()}
    return Settings(image=digest, own_users=False, arch=archs[os.uname().machine])


class PodmanExec:
    """A program in a Pod, by ``podman exec``."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._errors = b""
        self._listening = asyncio.create_task(self._listen(), name="podman exec: errors")

    @property
    def last_words(self) -> str:
        return self._errors.decode("utf-8", "replace").strip()

    async def read(self) -> bytes:
        assert self._process.stdout is not None
        return await self._process.stdout.read(READ)

    async def write(self, data: bytes) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(data)
            await self._process.stdin.drain()
        except OSError as error:
            raise BoxError(f"the link to the Pod broke: {error}") from None

    async def close(self) -> None:
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(
                    self._process.pid, signal.SIGKILL
                )  # asyncio's own would take the exit code away
        await self._process.wait()
        await asyncio.wait([self._listening])

    async def _listen(self) -> None:
        assert self._process.stderr is not None
        while data := await self._process.stderr.read(READ):
            self._errors = (self._errors + data)[-TAIL:]


def _container(name: str) -> str:
    return f"{name}-{CONTAINER}"


def _volume(name: str, volume: dict[str, Any]) -> str:
    """Podman's volumes are the machine's, not the Pod's."""
    return f"{name}-{volume['name']}"


async def _podman(*argv: str, given: bytes = b"") -> str:
    """Run Podman to its end, even if cancelled: what it made must be known. Raises BoxError."""
    try:
        process = await asyncio.create_subprocess_exec(
            *("podman", *argv), stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True
        )  # a Ctrl+C is for the engine, which then removes what it has made
    except OSError as error:
        raise BoxError(f"podman cannot be started: {error}") from None
    work = asyncio.ensure_future(process.communicate(given))
    try:
        out, errors = await asyncio.shield(work)
    except asyncio.CancelledError:
        if argv[0] == "wait":
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        await asyncio.wait([work])
        raise
    if process.returncode != 0:
        said = printable(errors.decode("utf-8", "replace").strip())[-300:]
        raise BoxError(f"podman {argv[0]} failed: {said}")
    # What a container wrote as errors comes out as such.
    return (out + (errors if argv[0] == "logs" else b"")).decode("utf-8", "replace")
