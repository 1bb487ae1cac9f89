"""What a tier does not stop on this machine, in plain words: what is not said here is claimed to be stopped."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any, Final

from sandbox.isolation.box import BoxFacts, Tier

__all__ = ["uncovered"]

_ONE_KERNEL: Final = "a fault of the host's kernel is a way out"


def uncovered(tier: Tier, facts: BoxFacts) -> list[str]:
    """Say what remains, for a box of this tier that was started here."""
    return [*_of_tier(tier, facts.facts)]


def _of_tier(tier: Tier, facts: dict[str, Any] | Any) -> Iterator[str]:
    if tier == "none":
        yield "nothing is stopped: it is a process of yours, for agents that only talk"
        return
    if tier == "gvisor":
        yield "a fault of gVisor's kernel leads to its cage on the host: no rights, few system calls"
        version = re.search(r"\d{8}", str(facts.get("runtime_version", "")))
        if version and version[0] < "20230101":
            yield f"this gVisor is of {version[0][:4]}: some programs fail in it (ls, stat of coreutils 9)"
    else:
        yield _ONE_KERNEL
    promised = facts.get("check", {}).get("namespaces", ())
    if "user" not in promised and tier in {"docker", "podman"}:
        yield "the engine runs as root and gives its containers no users of their own (userns-remap, rootless)"
    if "cgroup" not in promised and tier == "podman":
        yield "names of the host's cgroups are seen inside (version 1 of cgroups)"
    if tier == "podman" and os.geteuid() == 0:
        yield "Podman runs as root here; as an ordinary user it needs none"
    if tier == "bubblewrap" and facts.get("memory") != "per box":
        yield "memory is limited per process, not per box, and processor time not at all"
    if facts.get("check", {}).get("inside", {}).get("profile", "") in {"", "unconfined"} and (
        tier in {"docker", "podman"}
    ):
        yield "no AppArmor or SELinux profile stands behind the filter"
