"""Tier ``bubblewrap``: namespaces, seccomp and limits around a process, with no daemon and no rights."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from contextlib import suppress
from dataclasses import replace
from typing import ClassVar, Final

from sandbox.alive import gone, start_mark
from sandbox.errors import BoxError
from sandbox.isolation import cgroup, leftovers
from sandbox.isolation.box import BoxExit, BoxFacts, BoxSpec, Tier
from sandbox.isolation.bubblewrap_command import prepared, rlimits
from sandbox.isolation.bubblewrap_probe import parts
from sandbox.isolation.bubblewrap_rules import refuse
from sandbox.isolation.bwrap import Bwrap
from sandbox.isolation.cgroup import Group
from sandbox.isolation.control import Hello
from sandbox.isolation.guest import Guest
from sandbox.isolation.guestbox import GuestBox
from sandbox.isolation.layout import PROGRAMS, GuestPaths, guest_argv
from sandbox.isolation.process import GuestProcess
from sandbox.isolation.reach import open_to, require_reachable
from sandbox.isolation.seccomp import program
from sandbox.isolation.uids import box_uid

__all__ = ["BubblewrapBox"]

END_SECONDS: Final = 5.0
STATUS_MOST: Final = 4096


class BubblewrapBox(GuestBox):
    """A box that bubblewrap makes; started by root, under a user of its own."""

    _TIER: ClassVar[Tier] = "bubblewrap"

    def __init__(self, spec: BoxSpec) -> None:
        super().__init__(spec)
        self._uid = box_uid(spec.run, spec.index) if os.geteuid() == 0 else None
        self._parts: tuple[Bwrap, Guest] | None = None
        self._settings: list[str] = []
        self._process: GuestProcess | None = None
        self._status = -1
        self._init: int | None = None
        self._group: Group | None = None
        self._killed = 0

    @property
    def _owner(self) -> int | None:
        return self._uid

    async def wait(self) -> BoxExit:
        assert self._process is not None, "wait() before start()"
        end = await self._process.wait()
        if self._group is not None and self._killed == 0:
            self._killed = cgroup.counts(self._group).memory
        end = replace(end, oom=self._killed > 0)
        if end.code is not None and end.code > 128:  # so bwrap passes a signal on
            return replace(end, code=None, signal=end.code - 128)
        return end

    async def _prepare(self) -> None:
        self._parts = await asyncio.to_thread(parts)

    async def _launch(self) -> None:
        assert self._parts is not None
        spec, (bwrap, built) = self.spec, self._parts
        open_to(spec.folder, os.getegid() if self._uid is None else self._uid)
        if self._uid is not None:
            require_reachable(spec.folder, self._uid)
        self._group = cgroup.make(f"{spec.run}-{spec.agent}", spec.limits)
        limits = rlimits(spec.limits, uid=self._uid, kernel=os.uname().release)
        # bwrap has no word for a mount that is noexec.
        exec_only = PROGRAMS if spec.limits.noexec else ()
        argv = guest_argv(
            spec,
            GuestPaths(python=built.python),
            limits,
            program(os.uname().machine, "ask") if self.supervised else b"",
            exec_only,
            asking=self.supervised,
        )
        with prepared(
            argv,
            bwrap=bwrap.program,
            guest=built,
            folder=spec.folder,
            limits=spec.limits,
            hole=spec.hole,
            supervised=self.supervised,
        ) as ready:
            self._status = ready.status
            os.set_blocking(self._status, False)
            as_root = self._uid is None and os.geteuid() == 0
            refuse(ready.options, spec, built.folder, as_root=as_root, supervised=self.supervised)
            self._settings = ready.options + ready.argv[ready.argv.index("--") :]
            try:
                self._process = await GuestProcess.start(
                    ready.argv,
                    env={},
                    folder=built.folder,
                    user=self._uid,
                    pass_fds=ready.pass_fds,
                    join=() if self._group is None else self._group.procs,
                )
            except OSError as error:
                raise BoxError(f"{self._named()}: bwrap cannot be started: {error}") from error
        leftovers.remember(spec, tier=self.tier, pid=self._process.pid)

    async def _facts(self, hello: Hello) -> BoxFacts:
        assert self._parts is not None
        bwrap, built = self._parts
        self._init = self._read_status()
        return BoxFacts(
            tier=self.tier,
            pid=self._init,
            uid=hello.uid,
            facts={
                "bwrap": bwrap.version,
                "settings": self._settings,
                "guest": built.folder.name,
                "memory": "per process only" if self._group is None else "per box",
                "report": dict(hello.report),
            },
        )

    async def _end(self) -> None:
        if self._process is not None:
            init = self._init or self._read_status()
            began = None if init is None else start_mark(init)
            await self._process.end()
            # The box's first process dies with bwrap, and everything in the box with that.
            if init is not None and began is not None and not await gone(init, began, END_SECONDS):
                with suppress(ProcessLookupError):
                    os.kill(init, signal.SIGKILL)
                if not await gone(init, began, END_SECONDS):
                    raise BoxError(f"{self._named()}: process {init} does not end. Kill it by hand")
        if self._group is not None:
            await asyncio.to_thread(self._group.remove)
            self._group = None
        if self._status >= 0:
            os.close(self._status)
            self._status = -1

    def _limited(self) -> Group | None:
        return self._group

    async def _set_frozen(self, *, frozen: bool) -> None:
        if self._group is None:
            await super()._set_frozen(frozen=frozen)
        else:
            await asyncio.to_thread(self._group.freeze, frozen=frozen)

    def _read_status(self) -> int | None:
        """The box's first process as the host numbers it; None if bwrap has not come that far."""
        if self._status < 0:
            return None
        try:
            line = os.read(self._status, STATUS_MOST).partition(b"\n")[0]
        except BlockingIOError:
            return None
        pid = json.loads(line).get("child-pid") if line else None
        return pid if isinstance(pid, int) else None
