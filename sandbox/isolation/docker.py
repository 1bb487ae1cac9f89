"""Tier ``docker``: a container of Docker Engine with everything taken away that an agent does not need."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from sandbox.errors import BoxError
from sandbox.finish import finish
from sandbox.isolation.box import BoxExit, BoxFacts, BoxSpec, Tier
from sandbox.isolation.cgroup import Group, of_process
from sandbox.isolation.container_look import look
from sandbox.isolation.container_payload import Payload, name, payload
from sandbox.isolation.container_rules import refuse
from sandbox.isolation.control import Hello
from sandbox.isolation.engine import EngineName, connect
from sandbox.isolation.guestbox import GuestBox
from sandbox.isolation.image import Progress, ensure
from sandbox.isolation.layout import GID, UID
from sandbox.isolation.process import TAIL
from sandbox.isolation.reach import open_to
from sandbox.isolation.runtime_version import version_of
from sandbox.isolation.witness import NAMESPACES

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

__all__ = ["DockerBox"]

T = TypeVar("T")

END_SECONDS: Final = 3
"""From the end of the shim to the end of the container; a stopped init must be killed."""
GLANCE: Final = 0.2
"""Seconds between looks at a container that has not said hello."""


class DockerBox(GuestBox):
    """A box that is a container without a network, of the engine that the environment names."""

    _TIER: ClassVar[Tier] = "docker"
    _ENGINE: ClassVar[EngineName] = "docker"
    _RUNTIME: ClassVar[str] = "runc"

    def __init__(self, spec: BoxSpec, *, progress: Progress) -> None:
        super().__init__(spec)
        self._progress = progress
        self._client: DockerClient | None = None
        self._container: Container | None = None
        self._asked: Payload = {}
        self._exit: BoxExit | None = None
        self._own_users = False
        self._runtime_version = ""
        """What the runtime says of itself, in a line; empty where it cannot be asked."""
        self._ending = asyncio.Lock()

    @property
    def _owner(self) -> int | None:
        return UID

    async def wait(self) -> BoxExit:
        # The shim's link breaks when the container ends. Until it is made there is only looking.
        while not self._control.connected:
            if not await self._call("look at the container", self._runs):
                break
            await asyncio.sleep(GLANCE)
        if self._control.connected:
            await self._control.ended()
        return await self._last()

    async def _prepare(self) -> None:
        loop = asyncio.get_running_loop()

        def tell(line: str) -> None:
            loop.call_soon_threadsafe(self._progress, line)

        def prepare() -> str:
            self._client = connect(self._ENGINE, self._TIER)
            info = self._client.info()
            self._own_users = _has_own_users(info)
            runtime = (info.get("Runtimes") or {}).get(self._RUNTIME) or {}
            self._runtime_version = version_of(runtime.get("path", self._RUNTIME))
            return ensure(self._client, self.spec.image, tell).id

        image = await self._call("find or build the image", prepare)
        self._asked = self._request(image)
        refuse(self._asked, self.spec, supervised=self.supervised)

    def _rlimits(self) -> dict[str, int]:
        """What the shim limits beside the engine."""
        return {}

    def _request(self, image: str) -> Payload:
        """The whole request for the container; a kind of box may word it for its engine."""
        return payload(self.spec, image, self._rlimits(), supervised=self.supervised)

    def _seen_uid(self, hello: Hello, pid: int | None) -> int | None:
        """The host's user that the guest is, by the kernel's word; ``pid`` is the container's first process."""
        assert pid is None or pid > 0
        return hello.uid

    def _namespaces(self) -> Sequence[str]:
        # An engine that runs as root gives its containers no users of their own, unless it is told to.
        return [name for name in NAMESPACES if name != "user" or self._own_users]

    async def _launch(self) -> None:
        open_to(self.spec.folder, GID)

        def launch() -> None:
            assert self._client is not None
            made = self._client.api.create_container_from_config(self._asked, name(self.spec))
            self._container = self._client.containers.get(made["Id"])
            self._container.start()

        await self._call("start the container", launch)

    async def _facts(self, hello: Hello) -> BoxFacts:
        def describe() -> tuple[dict[str, Any], str]:
            assert self._client is not None
            assert self._container is not None
            look(self._container)
            return self._container.attrs, str(self._client.version()["Version"])

        seen, version = await self._call("describe the container", describe)
        pid = int(seen["State"]["Pid"]) or None
        return BoxFacts(
            tier=self.tier,
            pid=pid,
            uid=self._seen_uid(hello, pid),
            facts={
                "engine": f"{self._ENGINE} {version}",
                "container": seen["Id"],
                "runtime": seen["HostConfig"]["Runtime"],
                "runtime_version": self._runtime_version,
                "image": seen["Image"],
                "settings": self._asked,
                "report": dict(hello.report),
            },
        )

    async def _end(self) -> None:
        if self._container is not None:
            if self._exit is None:
                # A guest may have seen to it that it does not hear the house hang up.
                await self._call("kill the container", self._kill)
            await self._last()
            await self._call("remove the container", self._remove)
            self._container = None
        if self._client is not None:
            self._client.close()
            self._client = None

    async def _last(self) -> BoxExit:
        """See the container to its end, killing it if it lingers without its shim."""
        async with self._ending:
            if self._exit is None:
                self._exit = await self._call("end the container", self._see_off)
        return self._exit

    async def _call(self, what: str, work: Callable[[], T]) -> T:
        """Run blocking calls of the SDK, to their end even if cancelled: what they made must be removed."""
        from docker.errors import DockerException
        from requests.exceptions import RequestException

        try:
            return await finish(asyncio.to_thread(work), name=f"{self.spec.agent}: {what}")
        except (DockerException, RequestException) as error:
            why = getattr(error, "explanation", None) or error
            raise BoxError(f"{self._named()}: the engine failed to {what}: {why}") from error

    def _limited(self) -> Group | None:
        return None if self._pid is None else of_process(self._pid)

    async def _set_frozen(self, *, frozen: bool) -> None:
        assert self._container is not None, "before start()"
        if frozen:
            await self._call("freeze the container", self._container.pause)
        else:
            await self._call("thaw the container", self._container.unpause)

    def _runs(self) -> bool:
        assert self._container is not None, "wait() before start()"
        look(self._container)
        return self._container.status in {"created", "running"}

    def _see_off(self) -> BoxExit:
        from requests.exceptions import RequestException

        container = self._container
        assert container is not None, "wait() before start()"
        look(container)
        if container.status == "created":
            return BoxExit(code=None)
        try:
            container.wait(timeout=END_SECONDS)
        except RequestException:  # its time is up
            self._kill()
            container.wait(timeout=END_SECONDS)
        look(container)
        state = container.attrs["State"]
        code = int(state["ExitCode"])
        tail = container.logs(stdout=False, stderr=True, tail=100).decode("utf-8", "replace")[
            -TAIL:
        ]
        by_signal = code > 128
        return BoxExit(
            code=None if by_signal else code,
            signal=code - 128 if by_signal else None,
            oom=bool(state["OOMKilled"]),
            tail=tail,
        )

    def _kill(self) -> None:
        from docker.errors import APIError

        assert self._container is not None
        with suppress(APIError):  # it has just ended
            self._container.kill()

    def _remove(self) -> None:
        from docker.errors import NotFound

        assert self._container is not None
        with suppress(NotFound):  # swept by somebody else
            self._container.remove(force=True, v=True)


def _has_own_users(info: Mapping[str, Any]) -> bool:
    """Whether the engine gives its containers users of their own: it says so in its security options."""
    options = " ".join(map(str, info.get("SecurityOptions") or ()))
    return "name=rootless" in options or "name=userns" in options
