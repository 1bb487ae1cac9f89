"""What the real boxes share: a control socket, a guest behind it, and one way to start and to stop."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, ClassVar, Final

from sandbox.errors import BoxError, BoxUnsound, ShimError
from sandbox.finish import finish
from sandbox.isolation import cgroup, leftovers, witness
from sandbox.isolation.box import (
    BoxExit,
    BoxFacts,
    BoxSpec,
    BoxStats,
    Exchange,
    ExecResult,
    LimitsMet,
    Service,
    Tier,
)
from sandbox.isolation.control import Control, Hello, printable
from sandbox.isolation.folder import Snapshot, Thing
from sandbox.isolation.hole import excuses, told
from sandbox.isolation.layout import SOCKETS
from sandbox.isolation.services import services
from sandbox.isolation.snapshot import SURVEY_MOST, batches, cut, files_of, packed, surveyed
from sandbox.isolation.supervisor import Sight, Supervisor, why_not
from sandbox.isolation.verdict import Finding, drill_findings, findings

__all__ = ["GuestBox"]

FULL: Final = 64 << 10
"""Bytes: a work folder with less room than this is full; a write of more was refused."""
START_SECONDS: Final = 30.0
"""From the start of the guest to its hello; a loaded machine needs 8 s for 20 containers at once."""
FOLDER_SECONDS: Final = 30.0
"""For one request about the whole work folder; hashing its 64 MB takes a tenth of a second."""


class GuestBox(ABC):
    """A box whose guest answers over a control socket; its kinds say how it is started and ended."""

    _TIER: ClassVar[Tier]
    _SEALED: ClassVar[bool] = True
    _OWN_KERNEL: ClassVar[bool] = False
    _CHECK: ClassVar[Mapping[str, Any]] = {}
    """What is asked of the check beside what is asked of every kind."""

    def __init__(self, spec: BoxSpec) -> None:
        self.spec = spec
        self._control = Control(spec.folder / "control.sock")
        self._pid: int | None = None
        self._frozen = False
        self._supervisor: Supervisor | None = None

    @property
    def tier(self) -> Tier:
        return self._TIER

    @property
    def supervised(self) -> bool:
        """Whether the kernel asks the house about this box's calls: if so, one of which it does not is unsound."""
        return not why_not(self.tier)

    @property
    @abstractmethod
    def _owner(self) -> int | None:
        """The host's user that the guest runs as; None for our own."""

    async def start(self) -> BoxFacts:
        try:
            await self._prepare()
            async with asyncio.timeout(START_SECONDS):
                return await self._started()
        except TimeoutError:
            await self.stop()
            raise BoxError(f"{self._named()}: no hello within {START_SECONDS:g} s") from None
        except BaseException:
            await self.stop()
            raise

    @abstractmethod
    async def wait(self) -> BoxExit: ...

    async def exec(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        seconds: float = 30.0,
        limit: int = 1 << 20,
    ) -> ExecResult:
        answer = await self._control.ask(
            "exec",
            stdin,
            argv=list(argv),
            seconds=seconds,
            limit=limit,
            within=2 * limit,
            takes=seconds,
        )
        split = answer.integer("stdout", most=len(answer.body))
        code = answer.fields.get("code")
        if code is not None and type(code) is not int:
            raise ShimError(f"exec: the shim answered code={code!r:.80}, not a number")
        return ExecResult(
            code=code,
            stdout=answer.body[:split],
            stderr=answer.body[split:],
            seconds=answer.seconds("seconds"),
            timed_out=answer.fields.get("timed_out") is True,
            cut=answer.integer("cut"),
        )

    async def put(self, path: str, data: bytes) -> None:
        await self._control.ask("put", data, path=path)

    async def get(self, path: str, *, limit: int = 1 << 20) -> bytes:
        return (await self._control.ask("get", path=path, limit=limit, within=limit)).body

    async def snapshot(
        self, *, known: Mapping[str, Thing] | None = None, limit: int = 64 << 20
    ) -> Snapshot:
        answer = await self._control.ask(
            "survey", limit=limit, within=SURVEY_MOST, takes=FOLDER_SECONDS
        )
        things, left_out = await asyncio.to_thread(surveyed, answer.body, limit)
        contents: dict[str, bytes] = {}
        for paths, most in batches(things, known or {}):
            answer = await self._control.ask(
                "read",
                json.dumps(paths).encode(),
                limit=most,
                within=most,
                takes=FOLDER_SECONDS,
            )
            for path, data in cut(paths, answer.fields.get("sizes"), answer.body).items():
                if data is None:
                    del things[path]
                    left_out[path] = "it changed while it was read"
                else:
                    contents[path] = data
        # What was read counts, whatever the box said of it before.
        things |= await asyncio.to_thread(files_of, things, contents)
        return Snapshot(things, contents, left_out)

    async def restore(self, snapshot: Snapshot) -> None:
        await self._control.ask("clear", takes=FOLDER_SECONDS)
        for head, body in packed(snapshot):
            await self._control.ask("fill", body, head=head, takes=FOLDER_SECONDS)

    async def listening(self) -> list[Service]:
        answer = await self._control.ask("listening")
        return services(answer.fields.get("services"))

    async def exchange(
        self, port: int, data: bytes, *, seconds: float = 10.0, limit: int = 1 << 20
    ) -> Exchange:
        answer = await self._control.ask(
            "exchange", data, within=limit, takes=seconds, port=port, seconds=seconds, limit=limit
        )
        return Exchange(answer.body, answer.fields.get("cut") is not False)

    async def stats(self) -> BoxStats:
        answer = await self._control.ask("stats", whole_box=self._SEALED)
        return BoxStats(
            memory=answer.integer("memory"),
            cpu_seconds=answer.seconds("cpu_seconds"),
            pids=answer.integer("pids"),
            disk=answer.integer("disk"),
        )

    async def limits_met(self) -> LimitsMet:
        if not self._SEALED:
            return LimitsMet()
        group = await asyncio.to_thread(self._limited)
        counted = cgroup.Counts()
        if group is not None:
            counted = await asyncio.to_thread(cgroup.counts, group)
        used = (await self.stats()).disk
        return LimitsMet(counted.memory, counted.pids, used > self.spec.limits.disk - FULL)

    def _limited(self) -> cgroup.Group | None:
        """The control group that limits this box alone; blocks. None where there is none."""
        return None

    async def freeze(self) -> None:
        self._frozen = True
        await self._set_frozen(frozen=True)

    async def thaw(self) -> None:
        await self._set_frozen(frozen=False)
        self._frozen = False

    async def _set_frozen(self, *, frozen: bool) -> None:
        """By signals, from the first process on; a kind that has something surer overrides it."""
        if self._pid is None:
            raise BoxError(f"{self._named()}: its processes cannot be seen from here")
        number = signal.SIGSTOP if frozen else signal.SIGCONT
        for pid in await asyncio.to_thread(witness.family, self._pid):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    async def stop(self) -> None:
        await finish(self._stopped(), name=f"{self.spec.agent}: stop")

    async def _stopped(self) -> None:
        if self._frozen:
            # What is frozen can neither hear that it was hung up on nor be killed; what has died is not frozen.
            with suppress(BoxError, OSError):
                await self.thaw()
        await self._control.close()
        try:
            await self._end()
        finally:
            if self._supervisor is not None:
                await self._supervisor.stop()  # last: what it does not answer waits
        leftovers.forget(self.spec)

    @abstractmethod
    async def _prepare(self) -> None:
        """Make what the start needs; takes minutes where an image is built, else next to nothing."""

    @abstractmethod
    async def _launch(self) -> None:
        """Start the guest; what was begun before an error is left to ``_end``."""

    @abstractmethod
    async def _facts(self, hello: Hello) -> BoxFacts: ...

    @abstractmethod
    async def _end(self) -> None:
        """End the guest and remove every trace of it; may be called at any time, and twice."""

    def _namespaces(self) -> Sequence[str]:
        """Those that are of this box alone; what is not promised is in the record."""
        return witness.NAMESPACES

    def _findings(
        self, inside: Mapping[str, Any], outside: Sequence[witness.Seen]
    ) -> list[Finding]:
        """Judge what was seen of the box from inside and from outside."""
        if self._OWN_KERNEL and inside["kernel"] == os.uname().version:
            # Whatever the engine calls its runtime: less is asked of a box with a kernel of its own.
            return [Finding("kernel", "it is the host's own, not one of the box")]
        return findings(
            inside,
            outside,
            own_kernel=self._OWN_KERNEL,
            namespaces=self._namespaces(),
            noexec=self.spec.limits.noexec,
            filters=2 if self.supervised else 1,
        )

    def _named(self) -> str:
        return f"the box of '{self.spec.agent}' (tier '{self.tier}')"

    async def _started(self) -> BoxFacts:
        leftovers.remember(self.spec, tier=self.tier)
        await self._control.listen(self._owner)
        await self._launch()
        hello = await self._greeted()
        self._supervise()
        facts = await self._facts(hello)
        self._pid = facts.pid
        if self._SEALED:
            facts = await self._checked(facts)
            facts = replace(facts, sight=Sight(self._supervisor, self._told))
        fittings = self.spec.fittings
        for path, data in fittings.files.items():
            await self.put(path, data)
        sockets = SOCKETS if self._SEALED else str(self.spec.folder)
        ports = {str(port): f"{sockets}/{name}" for port, name in fittings.ports.items()}
        if self._supervisor is not None:
            self._supervisor.begin()
        await self._control.ask("begin", ports=ports, environment=dict(fittings.environment))
        return facts

    def _supervise(self) -> None:
        """Answer what the box's filter asks, from now on. Raises BoxUnsound if it asks nobody."""
        if not self.supervised:
            return
        listener = self._control.take_listener()
        if listener < 0:
            raise BoxUnsound(self._named(), ["supervisor.listener: its filter asks nobody"])
        self._supervisor = Supervisor(listener, self.spec.agent)

    async def _told(self) -> Mapping[str, Any]:
        return (await self._control.ask("started")).fields

    async def _checked(self, facts: BoxFacts) -> BoxFacts:
        """Compare the box with what its tier promises; it begins only if it holds. Raises BoxUnsound."""
        nonce, noexec = secrets.token_hex(8), self.spec.limits.noexec
        answer = await self._control.ask("check", nonce=nonce, noexec=noexec, **self._CHECK)
        report = answer.fields.get("report")
        outside = [] if facts.pid is None else await asyncio.to_thread(witness.look, facts.pid)
        promised = self._namespaces()
        try:
            if not isinstance(report, dict) or report["nonce"] != nonce:
                raise ShimError("check: the shim answered with no report")
            found = [
                one
                for one in self._findings(report, outside)
                if not excuses(self.spec.hole, one.check, one.found)
            ]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ShimError(f"check: the shim's report cannot be read: {error!r:.200}") from error
        supervised = {"supervised": False, "why": why_not(self.tier)}
        if self._supervisor is not None:
            found += drill_findings(self._supervisor.drilled, nonce)
            calls = sorted({one.call for one in self._supervisor.drilled})
            supervised = {"supervised": True, "drill": calls}
        if found:
            raise BoxUnsound(self._named(), [f"{one.check}: {one.found}" for one in found])
        hole = self.spec.hole
        check = {"sound": hole is None, "namespaces": [*promised], "inside": report}
        if hole is not None:
            check["hole"] = told(hole)
        return replace(facts, facts={**facts.facts, "check": check, "calls": supervised})

    async def _greeted(self) -> Hello:
        hello = asyncio.create_task(self._control.hello(), name=f"{self.spec.agent}: hello")
        ended = asyncio.create_task(self.wait(), name=f"{self.spec.agent}: first exit")
        try:
            await asyncio.wait({hello, ended}, return_when=asyncio.FIRST_COMPLETED)
            if not hello.done():
                raise BoxError(f"{self._named()}: the guest ended before its hello; {_how(ended)}")
            try:
                return hello.result()
            except ShimError as error:
                # It hung up, most likely by dying: how it ended is about to be known.
                await asyncio.wait({ended}, timeout=1.0)
                raise BoxError(f"{self._named()}: {error}; {_how(ended)}") from None
        finally:
            hello.cancel()
            ended.cancel()
            await asyncio.wait({hello, ended})


def _how(ended: asyncio.Task[BoxExit]) -> str:
    if not ended.done():
        return "its process is still there"
    end = ended.result()
    how = f"exit code {end.code}" if end.signal is None else f"signal {end.signal}"
    if end.oom:
        how += ", short of memory"
    words = printable("\n".join(end.tail.strip().splitlines()[-3:]))
    return f"{how}, last words: {words}" if words else f"{how}, without a word"
