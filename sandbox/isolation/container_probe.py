"""Whether this machine can keep containers for boxes; images are looked for when a box starts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sandbox.errors import TierUnavailable
from sandbox.isolation.box import Tier
from sandbox.isolation.engine import EngineName, connect
from sandbox.isolation.syscalls import MACHINES

if TYPE_CHECKING:
    from docker import DockerClient

__all__ = ["RUNSC", "docker", "gvisor", "podman"]

RUNSC = "runsc"
"""The name that gVisor's runtime has in the engine's configuration, in gVisor's own instructions."""


def docker() -> None:
    """Ask whether Docker Engine answers; blocks. Raises TierUnavailable."""
    _reach("docker").close()


def podman() -> None:
    """Ask whether Podman answers; blocks, and starts its service if nobody did. Raises TierUnavailable."""
    _reach("podman").close()


def gvisor() -> None:
    """Ask whether Docker Engine answers and knows gVisor's runtime; blocks. Raises TierUnavailable."""
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    client = _reach("docker", "gvisor")
    try:
        runtimes = client.info().get("Runtimes") or {}
    except (DockerException, RequestException) as error:
        raise TierUnavailable(
            "gvisor",
            f"Docker Engine does not tell of its runtimes ({error})",
            "Try 'docker info'; what it says is Docker's to mend.",
        ) from error
    finally:
        client.close()
    if RUNSC not in runtimes:
        raise TierUnavailable(
            "gvisor",
            f"Docker Engine has no runtime '{RUNSC}' (it has {', '.join(sorted(runtimes))})",
            "Install gVisor (apt-get install runsc), name it in /etc/docker/daemon.json with the "
            "arguments --network=none and --host-uds=open (before 2023: --fsgofer-host-uds), and "
            "restart Docker.",
        )


def _reach(engine: EngineName, tier: Tier | None = None) -> DockerClient:
    client = connect(engine, tier)
    if (machine := os.uname().machine) not in MACHINES:
        client.close()
        raise TierUnavailable(
            tier or engine,
            f"there is no seccomp filter for {machine}",
            f"It exists for {', '.join(MACHINES)}.",
        )
    return client
