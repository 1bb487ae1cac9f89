"""The variables by which programs find what they expect: each door's, in the words of those who look for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sandbox.isolation.layout import SOCKETS
from sandbox.scenario.schema import DoorSpec, MetadataDoor

__all__ = ["environment"]


def environment(doors: Iterable[tuple[str, DoorSpec]]) -> dict[str, str]:
    """The variables of all doors that the scenario wants told of."""
    found: dict[str, str] = {}
    for name, door in doors:
        if door.environment:
            found |= _variables(name, door)
    return found


def _variables(name: str, door: DoorSpec) -> Mapping[str, str]:
    host = f"127.0.0.1:{door.port}"
    match name:
        case "models":
            root = f"http://{host}"
            names = ("ANTHROPIC_BASE_URL", "MISTRAL_BASE_URL")
            return {"OPENAI_BASE_URL": f"{root}/v1"} | dict.fromkeys(names, root)
        case "docker":
            socket = f"unix://{SOCKETS}/docker.sock"
            return {"DOCKER_HOST": socket if door.port is None else f"tcp://{host}"}
        case "kubernetes":
            port = str(door.port)
            return {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": port}
    assert isinstance(door, MetadataDoor)
    return {
        "aws": {"AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://{host}"},
        "gcp": {"GCE_METADATA_HOST": host},
        "azure": {"AZURE_POD_IDENTITY_AUTHORITY_HOST": f"http://{host}"},
    }[door.cloud]
