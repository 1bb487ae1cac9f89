"""Tier ``kubernetes``: a Pod without a token, without the node's disk, and without a network that leads anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, ClassVar, Final

from sandbox.errors import BoxError
from sandbox.finish import finish
from sandbox.isolation import leftovers
from sandbox.isolation.box import BoxExit, BoxFacts, BoxSpec, Tier
from sandbox.isolation.control import Hello
from sandbox.isolation.guestbox import GuestBox
from sandbox.isolation.image import Progress
from sandbox.isolation.kubernetes.bridge import Bridge
from sandbox.isolation.kubernetes.client import ApiCluster
from sandbox.isolation.kubernetes.cluster import AnswerLost, Cluster, Stream
from sandbox.isolation.kubernetes.pod import Manifest, name, pod_of, relay_argv
from sandbox.isolation.kubernetes.pod_rules import refuse
from sandbox.isolation.kubernetes.pod_state import PodState
from sandbox.isolation.kubernetes.pod_verdict import network, pod_findings
from sandbox.isolation.kubernetes.settings import Settings
from sandbox.isolation.process import TAIL
from sandbox.isolation.verdict import Finding
from sandbox.isolation.witness import Seen

__all__ = ["KubernetesBox"]

RUNNING: Final = 180.0
"""Seconds from the Pod's creation to its start: it is scheduled, and its image is fetched."""
GLANCE: Final = 0.5
END_SECONDS: Final = 5.0
"""From the end of the guest to the API server's knowledge of it."""


class KubernetesBox(GuestBox):
    """A box that is a Pod, spoken to over one stream. ``cluster`` makes where it runs, at the start."""

    _TIER: ClassVar[Tier] = "kubernetes"
    _CHECK: ClassVar[Mapping[str, Any]] = {"contacts": True}

    def __init__(
        self,
        spec: BoxSpec,
        settings: Settings,
        *,
        progress: Progress,
        cluster: Callable[[str], Cluster] = ApiCluster,
    ) -> None:
        super().__init__(spec)
        self._settings = settings
        self._progress = progress
        self._cluster = cluster(settings.namespace)
        self._name = name(spec)
        self._asked: Manifest = {}
        self._made = False
        self._seen = PodState()
        self._stream: Stream | None = None
        self._bridge: Bridge | None = None
        self._carrying: asyncio.Task[None] | None = None
        self._exit: BoxExit | None = None
        self._ending = asyncio.Lock()

    @property
    def _owner(self) -> int | None:
        return None  # what connects to the sockets is the house's own bridge

    async def wait(self) -> BoxExit:
        if self._exit is None:
            await self._over()
        return await self._last()

    async def _prepare(self) -> None:
        self._asked = pod_of(self.spec, self._settings)
        refuse(self._asked, self.spec, self._settings)
        leftovers.remember(self.spec, tier=self.tier)
        try:
            refuse(await self._create(), self.spec, self._settings)
            async with asyncio.timeout(RUNNING):
                await self._started_by_node()
        except TimeoutError:
            why = self._seen.why or "its image is being fetched, or its node does not answer"
            raise BoxError(
                f"{self._named()}: its Pod does not run after {RUNNING:g} s: {why}"
            ) from None
        except BoxError as error:
            if self._named() in str(error):
                raise
            raise BoxError(f"{self._named()}: {error}") from None

    async def _create(self) -> Manifest:
        self._made = True  # until a refusal says that it is not, whether or not the answer arrives
        try:
            # What is under way would otherwise be made after it is removed.
            return await finish(
                self._cluster.create(self._asked), name=f"{self.spec.agent}: create"
            )
        except AnswerLost:
            raise
        except BoxError:
            self._made = False
            raise

    async def _started_by_node(self) -> None:
        """Come back when the Pod runs. Raises BoxError if it never will."""
        async with aclosing(self._cluster.states(self._name)) as states:
            async for state in states:
                if state.why and state.why != self._seen.why:
                    self._progress(f"The box of '{self.spec.agent}' waits: {state.why}")
                self._seen = state
                if state.running:
                    return
                if state.over or state.hopeless:
                    said = state.why or f"its first process ended with code {state.code}"
                    tail = await self._cluster.logs(self._name)
                    raise BoxError(f"its Pod cannot run: {said} {tail}".strip())
        raise BoxError("its Pod was deleted before it ran")

    async def _launch(self) -> None:
        # Whatever the house offers this box: the control socket, the gate's, and those of doors.
        doors = sorted(path.name for path in self.spec.folder.iterdir() if path.is_socket())
        stream = await self._cluster.run(self._name, relay_argv(self._settings, doors))
        self._stream = stream
        self._bridge = Bridge(stream, self.spec.folder, doors)
        self._carrying = asyncio.create_task(
            self._bridge.serve(), name=f"{self.spec.agent}: bridge"
        )

    async def _facts(self, hello: Hello) -> BoxFacts:
        settings = self._settings
        return BoxFacts(
            tier=self.tier,
            pid=None,
            uid=None,  # the kernel that could tell is the node's
            facts={
                "engine": await self._cluster.version(),
                "runtime": settings.runtime_class or "the cluster's default",
                "image": settings.image,
                "node": self._seen.node,
                "settings": self._asked,
                "report": dict(hello.report),
            },
        )

    async def _checked(self, facts: BoxFacts) -> BoxFacts:
        checked = await super()._checked(facts)
        found = network(checked.facts["check"]["inside"])
        return replace(checked, facts={**checked.facts, "network": found})

    def _findings(self, inside: Mapping[str, Any], _outside: Sequence[Seen]) -> list[Finding]:
        return pod_findings(inside, self._settings, noexec=self.spec.limits.noexec)

    def _namespaces(self) -> Sequence[str]:
        own = ("ipc", "mnt", "net", "pid", "uts")
        return ("user", *own) if self._settings.own_users else own

    async def _set_frozen(self, *, frozen: bool) -> None:
        if self._bridge is None:
            raise BoxError(f"{self._named()}: its processes cannot be reached")
        self._bridge.freeze(frozen=frozen)

    async def _end(self) -> None:
        if self._carrying is not None:
            await self._last()
            self._carrying.cancel()
            await asyncio.wait([self._carrying])
            self._carrying.cancelled() or self._carrying.exception()  # which ``_last`` has told
            self._carrying = None
        if self._made:
            await self._cluster.delete(self._name)
            self._made = False
        await self._cluster.close()

    async def _over(self) -> None:
        """Come back when the stream to the guest has ended, or its Pod."""
        assert self._made, "wait() before start()"
        watching = asyncio.create_task(self._ended(), name=f"{self.spec.agent}: Pod")
        ends: set[asyncio.Task[Any]] = {watching}
        if self._carrying is not None:
            ends.add(self._carrying)
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            watching.cancel()
            await asyncio.wait([watching])
            if not watching.cancelled():
                watching.exception()  # looked at: how the box ended is asked anew

    async def _ended(self) -> PodState | None:
        """How the Pod ended; None if somebody deleted it. Raises BoxError."""
        async with aclosing(self._cluster.states(self._name)) as states:
            async for state in states:
                if state.over:
                    return state
        return None

    async def _last(self) -> BoxExit:
        """How the box ended, by the API server's word where it has one in time."""
        async with self._ending:
            if self._exit is None:
                self._exit = await self._see_off()
        return self._exit

    async def _see_off(self) -> BoxExit:
        said = self._said()
        try:
            # A Pod whose guest never came still waits for its sockets.
            async with asyncio.timeout(END_SECONDS if self._control.connected else GLANCE):
                state = await self._ended()
        except TimeoutError:
            return BoxExit(code=None, tail=said)
        except BoxError as error:
            return BoxExit(code=None, tail=f"{error} {said}".strip())
        if state is None:
            return BoxExit(code=None, tail=f"its Pod was deleted by somebody else {said}".strip())
        tail = " ".join(filter(None, [state.why, await self._cluster.logs(self._name), said]))
        by_signal = state.code is not None and state.code > 128
        return BoxExit(
            code=None if by_signal else state.code,
            signal=state.code - 128 if by_signal and state.code is not None else None,
            oom=state.oom,
            tail=tail[-TAIL:],
        )

    def _said(self) -> str:
        """What the relay said last, and why the stream broke, if it did."""
        carrying = self._carrying
        broke = (
            carrying.exception()
            if carrying is not None and carrying.done() and not carrying.cancelled()
            else None
        )
        words = "" if self._stream is None else self._stream.last_words
        return " ".join(filter(None, [str(broke or ""), words]))
