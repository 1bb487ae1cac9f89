"""Docker Engine as the environment names it: reached, or said why not."""

from __future__ import annotations

import os
import socket
import sys
from typing import TYPE_CHECKING, Final

from sandbox.errors import TierUnavailable
from sandbox.ids import RunId

if TYPE_CHECKING:
    from docker import DockerClient

__all__ = ["AGENT_LABEL", "RUN_LABEL", "connect", "probe", "remove_containers"]

RUN_LABEL: Final = "backrooms.run"
AGENT_LABEL: Final = "backrooms.agent"
DEFAULT_HOST: Final = "unix:///var/run/docker.sock"
SECONDS: Final = 60
"""How long the engine may take to answer one request."""


def connect() -> DockerClient:
    """Reach the engine; blocks. The caller closes it. Raises TierUnavailable."""
    if sys.platform != "linux":
        raise _missing(
            f"on {sys.platform} the engine runs in a virtual machine, which a box's sockets do not reach",
            "Use a Linux machine, or a scenario whose agents only talk (tier 'none').",
        )
    host = os.environ.get("DOCKER_HOST") or DEFAULT_HOST
    kind, _, path = host.partition("://")
    if kind not in {"unix", "http+unix"}:
        raise _missing(
            f"the engine at {host} is not on this machine, and a box's sockets are",
            "Unset DOCKER_HOST, or set it to a unix:// address of this machine.",
        )
    _try(path)
    import docker  # 0.2 s, which only those pay who ask for containers
    from docker.errors import DockerException

    try:
        return docker.from_env(timeout=SECONDS)  # which asks the engine for its version
    except DockerException as error:
        raise _silent(path, error) from error


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


def _try(path: str) -> None:
    """Connect once: the system says better than the SDK why that fails."""
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(SECONDS)
        try:
            link.connect(path)
        except PermissionError as error:
            raise _missing(
                f"this user may not speak to Docker Engine at {path}",
                "Use rootless Docker, or let the user into the group 'docker' (which is as good as root).",
            ) from error
        except OSError as error:
            raise _silent(path, error) from error


def _silent(path: str, error: Exception) -> TierUnavailable:
    return _missing(
        f"no Docker Engine answers at {path} ({error})",
        "Install and start it, or name its socket: DOCKER_HOST=unix:///path.",
    )


def _missing(why: str, remedy: str) -> TierUnavailable:
    return TierUnavailable("docker", why, remedy)
