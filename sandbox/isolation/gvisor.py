"""Tier ``gvisor``: a container of Docker Engine whose kernel is gVisor's, a program of its own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import ClassVar, Final

from sandbox.isolation.box import Tier
from sandbox.isolation.container_payload import Payload
from sandbox.isolation.container_probe import RUNSC
from sandbox.isolation.control import Hello
from sandbox.isolation.docker import DockerBox
from sandbox.isolation.layout import OLD_GVISOR_PATH

__all__ = ["GvisorBox"]

KERNEL_THREADS: Final = 256
THREADS_EACH: Final = 3
"""Generous: what is limited is the harm to the host, and inside the kernel is a program that can be killed."""
FIRST_STATX: Final = "20230222"
"""From this day on its statx takes AT_NO_AUTOMOUNT, as coreutils' ls and stat ask (gVisor's commit 7a0c4b574)."""


class GvisorBox(DockerBox):
    """A box that is a container under gVisor's runtime."""

    _TIER: ClassVar[Tier] = "gvisor"
    _OWN_KERNEL: ClassVar[bool] = True
    _RUNTIME: ClassVar[str] = RUNSC

    def _rlimits(self) -> dict[str, int]:
        # The engine's limit ends the whole box: a single program that asks for too much is refused before.
        return {"as": self.spec.limits.memory}

    def _request(self, image: str) -> Payload:
        # The engine's limit counts the threads of gVisor's kernel and its copy of each thread inside.
        most = KERNEL_THREADS + THREADS_EACH * self.spec.limits.pids
        asked = super()._request(image)
        if _refuses_ls(self._runtime_version):
            asked["Env"] = [f"PATH={OLD_GVISOR_PATH}"]
        return asked | {"HostConfig": asked["HostConfig"] | {"Runtime": RUNSC, "PidsLimit": most}}

    def _seen_uid(self, _: Hello, pid: int | None) -> int | None:
        if pid is None:
            return None
        # Not the user at the other end of the socket: that is gVisor's file server, which is no guest.
        try:
            status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
        except OSError:
            return None
        uids = next(line for line in status.splitlines() if line.startswith("Uid:"))
        return int(uids.split()[1])


def _refuses_ls(version: str) -> bool:
    """Whether this gVisor is of before ``FIRST_STATX``; one that does not say is taken for newer."""
    day = re.search(r"\b20\d{6}\b", version)
    return day is not None and day[0] < FIRST_STATX
