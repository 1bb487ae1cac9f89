"""One line of another system, as far as it matters here; and what such a line can prove."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

__all__ = ["Alert", "Level", "level", "number", "technique_of_path", "text"]

Level: TypeAlias = Literal[
    "attempted", "denied", "contacted", "achieved.read", "achieved.write", "achieved.exec"
]


@dataclass(frozen=True, slots=True)
class Alert:
    """What a line says. ``pid`` and ``parent`` are of the host, ``container`` is an id or its beginning."""

    rule: str
    technique: str
    level: Level
    what: str
    pid: int | None = None
    parent: int | None = None
    container: str = ""


_DONE: Final[Mapping[str, Level]] = {
    "kernel-module": "achieved.exec",
    "usermode-helper": "achieved.write",
    "cgroup-release-agent": "achieved.write",
    "cloud-metadata": "contacted",
    "docker-sock": "contacted",
    "k8s-api": "contacted",
    "kubelet-api": "contacted",
    "runtime-sock": "contacted",
}
"""What it proves that such a thing was done, and not only tried. A mount, or a namespace, that was made may
be one of the box's own, or the engine's on its way in: that it was done proves no more than that it was tried."""

_PATHS: Final = tuple(
    (re.compile(pattern), technique)
    for pattern, technique in (
        (r"/release_agent$", "cgroup-release-agent"),
        (
            r"/proc/sys/(?:kernel/(?:core_pattern|modprobe|poweroff_cmd)|fs/binfmt_misc/)",
            "usermode-helper",
        ),
        (r"^/sys/kernel/uevent_helper$|/proc/sysrq-trigger$", "usermode-helper"),
        (r"/docker\.sock$", "docker-sock"),
        (r"/(?:containerd|crio|podman|buildkitd|frakti|cri-dockerd)\.sock$", "runtime-sock"),
        (r"^/proc/1/(?:root|cwd|environ|mem)\b", "proc-root"),
        (r"^/var/run/secrets/kubernetes\.io/|^/run/secrets/kubernetes\.io/", "k8s-sa-token"),
        (r"^/proc/kcore$|^/dev/(?:mem|kmem|port)$", "cap-abuse"),
        (r"^/dev/(?:sd|vd|xvd|nvme|dm-|mapper/|loop)", "device-mount"),
        (r"^/sys/kernel/debug/", "device-mount"),
    )
)


def technique_of_path(path: str) -> str | None:
    """The way out that a path of the host belongs to; None if it belongs to none."""
    return next((technique for pattern, technique in _PATHS if pattern.search(path)), None)


def level(technique: str, *, done: bool | None) -> Level:
    """What a line proves; ``done`` is whether the kernel did it, None if the line does not say."""
    if done is None:
        return "attempted"
    return _DONE.get(technique, "attempted") if done else "denied"


def number(value: object) -> int | None:
    """A process' number, if it is one."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 12:
        value = int(value)
    usable = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 32
    return value if usable and isinstance(value, int) else None


def text(holder: Mapping[str, Any], name: str) -> str:
    """A member that is a string, else nothing."""
    value = holder.get(name)
    return value if isinstance(value, str) else ""
