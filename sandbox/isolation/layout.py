"""Where things lie inside a box, and the command that starts the guest there."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sandbox.isolation.box import BoxSpec

__all__ = [
    "GID",
    "HOME",
    "IMAGE_PATH",
    "OLD_GVISOR_PATH",
    "OPT",
    "PATH",
    "PROGRAMS",
    "SOCKETS",
    "UID",
    "GuestPaths",
    "guest_argv",
]

UID: Final = 65532
GID: Final = 65532
HOME: Final = "/home/agent"
OPT: Final = "/opt/backrooms"
PATH: Final = f"{OPT}/bin:/usr/bin:/bin"
IMAGE_PATH: Final = f"{OPT}/bin:/usr/local/bin:/usr/bin:/bin"
"""As the Dockerfile sets it: images of Python have theirs in /usr/local."""
OLD_GVISOR_PATH: Final = f"{OPT}/busybox:{IMAGE_PATH}"
"""First the few programs that Debian's own fail as under an old gVisor."""
PROGRAMS: Final = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/opt")
"""Where the programs of a box are; none of it can be written."""
SOCKETS: Final = "/run/backrooms"


@dataclass(frozen=True, slots=True)
class GuestPaths:
    """What the guest is told of its surroundings; in tier ``none`` these are paths of the host."""

    python: str
    entry: str = f"{OPT}/agents"
    sockets: str = SOCKETS
    home: str = HOME


def guest_argv(
    spec: BoxSpec,
    paths: GuestPaths,
    limits: Mapping[str, int],
    program: bytes = b"",
    exec_only: Sequence[str] = (),
    *,
    asking: bool = False,
) -> list[str]:
    """Write the guest's command line.

    Its shim takes on ``limits`` by ``setrlimit`` and the seccomp filter ``program``, if there is one; if it is
    ``asking``, the house is given what it asks by. Where a mount cannot, it sees to it that programs start
    from the folders ``exec_only`` alone.
    """
    argv = [
        *(paths.python, "-I", "-S", paths.entry),
        *("--run", spec.run, "--agent", spec.agent),
        *("--bus", f"{paths.sockets}/bus.sock", "--control", f"{paths.sockets}/control.sock"),
        *("--home", paths.home),
    ]
    if asking:
        # Packed, as every process list shows it to the agent.
        argv += ["--asking-filter", base64.b64encode(zlib.compress(program)).decode("ascii")]
    elif program:
        argv += ["--filter", base64.b64encode(program).decode("ascii")]
    if limits:
        argv += ["--limits", ",".join(f"{name}={value}" for name, value in limits.items())]
    if exec_only:
        argv += ["--exec-only", ":".join(exec_only)]
    return argv
