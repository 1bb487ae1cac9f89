"""What of this machine decides how strong its boxes are, read from /proc and /sys."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Fact", "machine"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing about the machine, in words."""

    name: str
    value: str


def machine(proc: Path = Path("/proc"), sys_folder: Path = Path("/sys")) -> list[Fact]:
    """Read the facts; what cannot be read is said to be unknown."""
    facts = [
        Fact("system", f"{platform.system()} {platform.release()} on {platform.machine()}"),
        Fact("python", f"{platform.python_version()} ({sys.executable})"),
        Fact("user", f"uid {os.geteuid()}" + (", root" if os.geteuid() == 0 else "")),
    ]
    if sys.platform != "linux":
        return facts
    return [
        *facts,
        Fact("cgroups", _cgroups(sys_folder / "fs" / "cgroup")),
        Fact("AppArmor", _switch(sys_folder / "module/apparmor/parameters/enabled", "Y")),
        Fact("SELinux", _switch(sys_folder / "fs/selinux/enforce", "1")),
        Fact("user namespaces", _user_namespaces(proc / "sys")),
        Fact("seccomp", _text(proc / "sys/kernel/seccomp/actions_avail") or "none"),
        Fact("core dumps", _text(proc / "sys/kernel/core_pattern") or "unknown"),
        Fact("programs", _programs()),
    ]


def _cgroups(folder: Path) -> str:
    if (folder / "cgroup.controllers").is_file():
        return "version 2"
    if folder.is_dir() and any(folder.iterdir()):
        return "version 1"
    return "none to be seen"


def _switch(path: Path, on: str) -> str:
    found = _text(path)
    return "not on this machine" if found is None else ("on" if found == on else "off")


def _user_namespaces(settings: Path) -> str:
    if _text(settings / "user/max_user_namespaces") == "0":
        return "switched off"
    if _text(settings / "kernel/unprivileged_userns_clone") == "0":
        return "for root alone"
    if _text(settings / "kernel/apparmor_restrict_unprivileged_userns") == "1":
        return "restricted by AppArmor"
    return "for everyone"


def _programs() -> str:
    names = ("bwrap", "docker", "podman", "runsc", "runc", "crun")
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    found = [name for name in names if shutil.which(name, path=path)]
    return ", ".join(found) or "none of bwrap, docker, podman"


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return None
