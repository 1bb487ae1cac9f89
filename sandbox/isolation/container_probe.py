"""Whether this machine can keep containers for boxes; images are looked for when a box starts."""

from __future__ import annotations

from sandbox.errors import TierUnavailable
from sandbox.isolation.engine import connect

__all__ = ["RUNSC", "docker", "gvisor", "podman"]

RUNSC = "runsc"
"""The name that gVisor's runtime has in the engine's configuration, in gVisor's own instructions."""


def docker() -> None:
    """Ask whether Docker Engine answers; blocks. Raises TierUnavailable."""
    connect("docker").close()


def podman() -> None:
    """Ask whether Podman answers; blocks, and starts its service if nobody did. Raises TierUnavailable."""
    connect("podman").close()


def gvisor() -> None:
    """Ask whether Docker Engine answers and knows gVisor's runtime; blocks. Raises TierUnavailable."""
    client = connect("docker", "gvisor")
    try:
        runtimes = client.info().get("Runtimes", {})
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
