"""Tier ``podman``: the same container, kept by Podman, which needs no daemon and no root."""

from __future__ import annotations

import resource
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final

from sandbox.isolation.box import Tier
from sandbox.isolation.container_filter import filter_file
from sandbox.isolation.container_payload import Payload
from sandbox.isolation.docker import DockerBox
from sandbox.isolation.engine import EngineName

__all__ = ["PodmanBox"]

NPROC: Final = 32_768
"""What Podman's service itself may have at most; its own default for containers can be above that."""

UNASKED: Final = ("/run", "/var/tmp")  # noqa: S108 - inside the box
"""Where Podman puts a writable tmpfs without a size if nobody does."""
SMALL: Final = 4 << 20


class PodmanBox(DockerBox):
    """A box that is a container of Podman, by its Docker-compatible service."""

    _TIER: ClassVar[Tier] = "podman"
    _ENGINE: ClassVar[EngineName] = "podman"

    def _request(self, image: str) -> Payload:
        asked = super()._request(image)
        host = asked["HostConfig"]
        hard = resource.getrlimit(resource.RLIMIT_NPROC)[1]
        most = NPROC if hard == resource.RLIM_INFINITY else min(hard, NPROC)
        ours = {
            # It knows no owner of a tmpfs: the folder is root's, with the mode of the image's own.
            "Tmpfs": {place: _without_owner(how) for place, how in host["Tmpfs"].items()}
            | dict.fromkeys(UNASKED, f"rw,noexec,nosuid,nodev,size={SMALL}"),
            "Ulimits": [*host["Ulimits"], {"Name": "nproc", "Soft": most, "Hard": most}],
            "LogConfig": host["LogConfig"] | {"Type": "k8s-file"},
            # It takes a filter by its path alone.
            "SecurityOpt": [
                f"seccomp={filter_file()}" if option.startswith("seccomp=") else option
                for option in host["SecurityOpt"]
            ],
        }
        return asked | {"HostConfig": host | ours}

    def _namespaces(self) -> Sequence[str]:
        # With version 1 of cgroups its service gives the host's, whatever it is asked (seen in 4.3).
        second = Path("/sys/fs/cgroup/cgroup.controllers").exists()
        return [name for name in super()._namespaces() if name != "cgroup" or second]


def _without_owner(options: str) -> str:
    kept = (word for word in options.split(",") if not word.startswith(("uid=", "gid=")))
    return ",".join(kept)
