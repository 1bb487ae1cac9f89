"""The two engines that keep containers, reached by one protocol; or said why not."""

from __future__ import annotations

import os
import socket
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from sandbox.errors import TierUnavailable
from sandbox.ids import RunId
from sandbox.isolation.box import Tier

if TYPE_CHECKING:
    from docker import DockerClient

__all__ = [
    "AGENT_LABEL",
    "ENGINES",
    "ROLE_LABEL",
    "RUN_LABEL",
    "Engine",
    "EngineName",
    "connect",
    "remove_container",
    "remove_containers",
]

EngineName: TypeAlias = Literal["docker", "podman"]

RUN_LABEL: Final = "backrooms.run"
AGENT_LABEL: Final = "backrooms.agent"
ROLE_LABEL: Final = "backrooms.role"
SECONDS: Final = 60
"""How long an engine may take to answer one request."""
END_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Engine:
    """One of them: its name for people, and the environment variable that names its socket."""

    name: EngineName
    title: str
    variable: str

    def address(self) -> str:
        """The address that the environment names, or where this engine listens."""
        named = os.environ.get(self.variable)
        if named:
            return named
        if self.name == "docker":
            return "unix:///var/run/docker.sock"
        from sandbox.isolation.podman_service import address

        return address()


ENGINES: Final[dict[EngineName, Engine]] = {
    "docker": Engine("docker", "Docker Engine", "DOCKER_HOST"),
    "podman": Engine("podman", "Podman", "CONTAINER_HOST"),
}


def connect(name: EngineName, tier: Tier | None = None) -> DockerClient:
    """Reach an engine for boxes of ``tier``; blocks. The caller closes it. Raises TierUnavailable."""
    engine, tier = ENGINES[name], tier or name
    if sys.platform != "linux":
        raise TierUnavailable(
            tier,
            f"on {sys.platform} the engine runs in a virtual machine, which a box's sockets do not reach",
            "Use a Linux machine, or a scenario whose agents only talk (tier 'none').",
        )
    address = engine.address()
    kind, _, path = address.partition("://")
    if kind not in {"unix", "http+unix"}:
        raise TierUnavailable(
            tier,
            f"the engine at {address} is not on this machine, and a box's sockets are",
            f"Unset {engine.variable}, or set it to a unix:// address of this machine.",
        )
    _try(engine, tier, path)
    import docker  # 0.2 s, which only those pay who ask for containers
    from docker.errors import DockerException

    try:
        # Which asks the engine for its version.
        return docker.DockerClient(base_url=f"unix://{path}", version="auto", timeout=SECONDS)
    except DockerException as error:
        raise _silent(engine, tier, path, error) from error


def remove_containers(name: EngineName, run: RunId) -> list[str]:
    """Remove every container of a run; blocks. Returns one line for each. Raises TierUnavailable."""
    client = connect(name)
    try:
        found = client.containers.list(all=True, filters={"label": f"{RUN_LABEL}={run}"})
        for container in found:
            remove_container(client, container.id)
        return [f"container {container.name}" for container in found]
    finally:
        client.close()


def remove_container(client: DockerClient, id: str) -> None:
    """Remove a container, whatever it is doing; blocks. Raises docker.errors.DockerException."""
    from docker.errors import APIError, NotFound

    deadline = time.monotonic() + END_SECONDS
    while True:
        try:
            container = client.containers.get(id)
            if container.status == "paused":
                container.unpause()  # Podman does not remove what is paused
            container.remove(force=True, v=True)
        except NotFound:
            return
        except APIError:
            # Podman does not remove what ends at that moment either.
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def _try(engine: Engine, tier: Tier, path: str) -> None:
    """Connect once: the system says better than the SDK why that fails."""
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(SECONDS)
        try:
            link.connect(path)
        except PermissionError as error:
            raise TierUnavailable(
                tier,
                f"this user may not speak to {engine.title} at {path}",
                f"Use rootless {engine.title.split()[0]}, or let the user into the group "
                f"'{engine.name}' (which is as good as root).",
            ) from error
        except OSError as error:
            raise _silent(engine, tier, path, error) from error


def _silent(engine: Engine, tier: Tier, path: str, error: Exception) -> TierUnavailable:
    return TierUnavailable(
        tier,
        f"no {engine.title} answers at {path} ({error})",
        f"Install and start it, or name its socket: {engine.variable}=unix:///path.",
    )
