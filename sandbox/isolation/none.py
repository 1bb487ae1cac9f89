"""Tier ``none``: a plain process beside the house, for agents that only talk. It is no boundary."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path
from typing import ClassVar, Final

import agents
from sandbox.errors import BoxError
from sandbox.isolation import leftovers
from sandbox.isolation.box import BoxExit, BoxFacts, BoxSpec, Tier
from sandbox.isolation.control import Hello
from sandbox.isolation.guestbox import GuestBox
from sandbox.isolation.layout import GuestPaths, guest_argv
from sandbox.isolation.process import GuestProcess

__all__ = ["NoBox"]

NOFILE: Final = 256


class NoBox(GuestBox):
    """A process of this interpreter under the house's own user, with a temporary folder as its home."""

    _TIER: ClassVar[Tier] = "none"
    _SEALED: ClassVar[bool] = False

    def __init__(self, spec: BoxSpec) -> None:
        super().__init__(spec)
        self._process: GuestProcess | None = None
        self._home: Path | None = None

    @property
    def _owner(self) -> int | None:
        return None

    async def wait(self) -> BoxExit:
        assert self._process is not None, "wait() before start()"
        return await self._process.wait()

    async def _prepare(self) -> None:
        self._home = Path(tempfile.mkdtemp(prefix=leftovers.HOME_PREFIX))

    async def _launch(self) -> None:
        assert self._home is not None
        home = self._home
        leftovers.remember(self.spec, tier=self.tier, home=home)
        paths = GuestPaths(
            python=sys.executable,
            entry=str(Path(agents.__file__).parent),
            sockets=str(self.spec.folder),
            home=str(home),
        )
        limits = {"nofile": NOFILE, "fsize": self.spec.limits.disk}
        try:
            self._process = await GuestProcess.start(
                guest_argv(self.spec, paths, limits),
                env={"PATH": "/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8"},
                folder=home,
            )
        except OSError as error:
            raise BoxError(
                f"{self._named()}: {sys.executable} cannot be started: {error}"
            ) from error
        leftovers.remember(self.spec, tier=self.tier, pid=self._process.pid, home=home)

    async def _facts(self, hello: Hello) -> BoxFacts:
        assert self._process is not None
        return BoxFacts(
            tier=self.tier,
            pid=self._process.pid,
            uid=hello.uid,
            facts={"report": dict(hello.report)},
        )

    async def _end(self) -> None:
        if self._process is not None:
            # Hung up on, the shim ends all that it started; groups of their own are beyond a kill from here.
            await self._process.end()
        if self._home is not None and self._home.is_dir():
            await asyncio.to_thread(shutil.rmtree, self._home)
