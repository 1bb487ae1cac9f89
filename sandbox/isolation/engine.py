"""Docker Engine as the environment names it: reached, or said why not."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from sandbox.errors import TierUnavailable
from sandbox.ids import RunId

if TYPE_CHECKING:
    from docker import DockerClient

__all__ = ["AGENT_LABEL", "RUN_LABEL", "connect", "probe", "remove_containers"]

RUN_LABEL: Final = "backrooms.run"
AGENT_LABEL: Final = "backrooms.agent"
SECONDS: Final = 60
"""How long the engine may take to answer one request."""


def connect() -> DockerClient:
    """Reach the engine; blocks. The caller closes it. Raises TierUnavailable."""
    if sys.platform != "linux":
        raise _missing(
            f"on {sys.platform} the engine runs in a virtual machine, which a box's sockets do not reach",
            "Use a Linux machine, or a scenario whose agents only talk (tier 'none').",
        )
    host = os.environ.get("DOCKER_HOST") or "unix://"
    if not host.startswith(("unix://", "http+unix://")):
        raise _missing(
            f"the engine at {host} is not on this machine, and a box's sockets are",
            "Unset DOCKER_HOST, or set it to a unix:// address of this machine.",
        )
    import docker  # 0.2 s, which only those pay who ask for containers
    from docker.errors import DockerException

    try:
        return docker.from_env(timeout=SECONDS)  # which asks the engine for its version
    except DockerException as error:
        raise _unreached(error) from error


def probe() -> None:
    """Ask whether the engine answers; images are looked for when a box starts. Raises TierUnavailable."""
    connect().close()


def remove_containers(run: RunId) -> list[str]:
    """Remove every container of a run; blocks. Returns one line for each. Raises TierUnavailable."""
    client = connect()
    try:
        found = client.containers.list(all=True, filters={"label": f"{RUN_LABEL}={run}"})
        for container in found:
            container.remove(force=True, v=True)
        return [f"container {container.name}" for container in found]
    finally:
        client.close()


def _unreached(error: Exception) -> TierUnavailable:
    if "PermissionError" in str(error) or "Permission denied" in str(error):
        return _missing(
            "this user may not speak to Docker Engine",
            "Use rootless Docker, or let the user into the group 'docker' (which is as good as root).",
        )
    return _missing(
        f"no Docker Engine answers ({error})",
        "Install and start it, or name its socket: DOCKER_HOST=unix:///path.",
    )


def _missing(why: str, remedy: str) -> TierUnavailable:
    return TierUnavailable("docker", why, remedy)
