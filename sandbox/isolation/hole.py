"""A hole in a box that is there on purpose, to show or to test what the watch makes of an escape.

A scenario can ask for ``canary_folder`` alone: a folder that was made for it, with nothing in it that is
worth anything. The other two are for tests of the watch; no scenario and no option leads to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

__all__ = ["PLACE", "Hole", "HoleKind", "excuses", "host_config", "mounts", "told"]

PLACE: Final = "/mnt/host"
"""Where the folder is in the box."""
ENGINE_SOCKET: Final = "/run/docker.sock"

HoleKind: TypeAlias = Literal["canary_folder", "engine_socket", "host_processes"]


@dataclass(frozen=True, slots=True)
class Hole:
    """One hole. ``source`` is the host's folder, or the engine's socket; none for the host's processes."""

    kind: HoleKind
    source: Path | None = None


def mounts(hole: Hole | None) -> list[dict[str, Any]]:
    """What a container of this box has mounted beside its sockets, in the words of Docker's API."""
    if hole is None or hole.source is None:
        return []
    place = PLACE if hole.kind == "canary_folder" else ENGINE_SOCKET
    one = {"Type": "bind", "Source": str(hole.source.resolve()), "Target": place, "ReadOnly": False}
    return [one]


def host_config(hole: Hole | None) -> Mapping[str, Any]:
    """What else is otherwise in the request for such a container."""
    if hole is None or hole.kind == "canary_folder":
        return {}
    if hole.kind == "host_processes":
        return {"PidMode": "host"}
    assert hole.source is not None
    return {"GroupAdd": [str(hole.source.stat().st_gid)]}


def excuses(hole: Hole | None, check: str, found: str) -> bool:
    """Whether what the check of a box found is this very hole."""
    match None if hole is None else hole.kind:
        case "canary_folder":
            return check == "mounts.host" and found.startswith(f"{PLACE} (")
        case "engine_socket":
            sockets = check in {"mounts.engine_socket", "sockets"} and ENGINE_SOCKET in found
            return sockets or check == "groups"
        case "host_processes":
            return check == "host.namespaces" and found.endswith(" shares the host's pid namespace")
        case None:
            return False


def told(hole: Hole) -> str:
    """Say in a sentence what a person must know of such a box."""
    match hole.kind:
        case "canary_folder":
            return f"this box has a hole, for demonstration: a folder of the host at {PLACE}"
        case "engine_socket":
            return f"this box has a hole, for a test: the engine's socket at {ENGINE_SOCKET}"
        case "host_processes":
            return "this box has a hole, for a test: it sees the host's processes"
