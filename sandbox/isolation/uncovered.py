"""What a tier does not stop on this machine, in plain words: what is not said here is claimed to be stopped.

``docs/threat-model.md`` says the same with reasons; ``tests/isolation/test_between_boxes.py`` tries it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from sandbox.isolation.box import BoxFacts, Tier

__all__ = ["uncovered"]

NOTHING: Final = "nothing is stopped: it is a process of yours, for agents that only talk"
_CONTAINERS: Final = frozenset({"docker", "podman"})
_OWN_KERNEL: Final = "gvisor"
_SLOW_CALLS: Final = "20230101"
"""A gVisor of before this day fails in some programs (seen: ls and stat of coreutils 9)."""

_MENDED: Final = ((1, 2, 8), (1, 3, 3))
"""The versions of runc, of the two lines that are cared for, in which the faults of November 2025 are mended."""


def uncovered(
    tier: Tier,
    facts: BoxFacts,
    *,
    proc: Path = Path("/proc"),
    sys_folder: Path = Path("/sys"),
) -> list[str]:
    """Say what remains, for a box of this tier that was started here; the gravest first.

    Args:
        tier: its tier.
        facts: what its start told.
        proc: where the host's /proc is.
        sys_folder: where the host's /sys is.
    """
    if tier == "none":
        return [NOTHING]
    known = facts.facts
    if tier == "kubernetes":
        return [*_of_pods(known)]  # its node is another machine
    if tier == _OWN_KERNEL:
        return [
            *_of_gvisor(known),
            *_of_swap(proc, sys_folder),
            *_of_the_processor(sys_folder),
        ]
    return [
        "a fault of the host's kernel is a way out",
        *_of_runc(known),
        *_of_the_engine(tier, known),
        *_of_limits(tier, facts),
        *_of_swap(proc, sys_folder),
        *_between_agents(tier),
        *_of_the_host(tier),
        *_of_crashes(proc),
        *_of_the_processor(sys_folder),
    ]


def _of_pods(known: Mapping[str, Any]) -> Iterator[str]:
    pod = known.get("settings", {}).get("spec", {})
    if pod.get("runtimeClassName") == _OWN_KERNEL:
        yield "a fault of gVisor's kernel leads to its cage on the node: no rights, few system calls"
    else:
        yield "a fault of the node's kernel is a way out"
    if known.get("network") != "none":
        yield (
            "network: policy, not namespace: the Pod has an interface, and only the cluster's network plugin"
            " cuts it off; at the start nobody answered, which no later change of a policy is held to"
        )
    yield "whoever may run programs in the namespace's Pods, and whoever runs the cluster, gets into a box"
    yield (
        "this machine does not see the Pod's processes: that it is sealed is its own word, from before"
        " anything of its agent ran, and the API server's"
    )
    if "hostUsers" not in pod:
        yield (
            "the number of processes is limited by the node's kubelet alone (podPidsLimit)"
            if "runtimeClassName" in pod
            else "the Pod's users are the node's, and the number of its processes is limited by kubelet alone"
            " (podPidsLimit)"
        )
    yield "up to the size of the largest file can be written to the node's disk, in /dev/termination-log"
    yield "whoever touches a door is known by its box, not by its process"


def _of_gvisor(known: Mapping[str, Any]) -> Iterator[str]:
    yield (
        "a fault of gVisor's kernel leads to its cage on the host (nobody, in an empty root, with few system"
        " calls), and one of its file server, which is root, to the files of the box"
    )
    version = re.search(r"\d{8}", str(known.get("runtime_version", "")))
    if version and version[0] < _SLOW_CALLS:
        yield (
            f"this gVisor is of {version[0][:4]}: what was mended since is not,"
            " and some programs fail in it (ls, stat of coreutils 9)"
        )
    yield "two agents can signal to each other unseen by how busy the processor and the disk are"
    yield "reading from the disk is not limited in speed"


def _of_runc(known: Mapping[str, Any]) -> Iterator[str]:
    found = re.match(r"runc version (\d+)\.(\d+)\.(\d+)", str(known.get("runtime_version", "")))
    if found is None:
        return
    version = tuple(map(int, found.groups()))
    if version < _MENDED[0] or _MENDED[1][:2] <= version < _MENDED[1]:
        yield (
            f"this runc is of version {'.'.join(found.groups())}: unless its distributor mended it, a start can be"
            " made to write to the host (CVE-2025-31133, CVE-2025-52565, CVE-2025-52881: 1.2.8, 1.3.3)"
        )


def _of_the_engine(tier: Tier, known: Mapping[str, Any]) -> Iterator[str]:
    promised = known.get("check", {}).get("namespaces", ())
    profile = str(known.get("check", {}).get("inside", {}).get("profile", ""))
    if tier in _CONTAINERS and "user" not in promised:
        yield "the engine runs as root and gives its containers no users of their own (userns-remap, rootless)"
    if tier == "podman" and os.geteuid() == 0:
        yield "Podman runs as root here; as an ordinary user it needs none"
    if tier == "podman" and "cgroup" not in promised:
        yield "names of the host's control groups are seen inside (version 1 of cgroups)"
    if not profile or "unconfined" in profile:
        yield "no AppArmor or SELinux profile stands behind the filter"


def _of_limits(tier: Tier, facts: BoxFacts) -> Iterator[str]:
    known = facts.facts
    if tier == "bubblewrap" and known.get("memory") != "per box":
        yield (
            "memory is limited per process, not per box; what lies in files in memory hardly,"
            " and processor time not at all"
        )
        if not any("nproc=" in word for word in known.get("settings", ())):
            yield "how many processes it starts is not limited: this kernel counts them with your own"
    if tier in _CONTAINERS:
        yield (
            "all boxes of this engine have one user: what the kernel counts by user"
            " (memory of pipes, pending signals) one agent can use up for all"
        )
    elif facts.uid == os.geteuid():
        yield (
            "outside, its processes are this user's: what the kernel counts by user"
            " (memory of pipes, pending signals) an agent can use up for you"
        )
    yield "reading from the disk is not limited in speed"


def _of_swap(proc: Path, sys_folder: Path) -> Iterator[str]:
    groups = sys_folder / "fs" / "cgroup"
    second = (groups / "cgroup.controllers").is_file()
    counted = second or (groups / "memory/memory.memsw.limit_in_bytes").is_file()
    if len(_text(proc / "swaps").splitlines()) > 1 and not counted:
        yield "memory that goes to swap is not limited: this kernel does not count it"


def _between_agents(tier: Tier) -> Iterator[str]:
    if tier == "bubblewrap":
        yield "two agents can signal to each other unseen by locks on files of /usr, which all boxes show"
    yield (
        "two agents can signal to each other unseen by what the kernel tells everybody"
        " (load, open files, free space) and by how busy it is"
    )


def _of_the_host(tier: Tier) -> Iterator[str]:
    if tier == "bubblewrap":
        yield "this machine's programs and libraries in /usr can be read, but for /usr/local and /usr/src"
    devices = "" if tier == "bubblewrap" else ", its devices in /sys"
    yield (
        "this machine's kernel with its command line, processor, memory, load and uptime can be read in"
        f" /proc{devices}, and in which folders the house keeps its files"
    )


def _of_crashes(proc: Path) -> Iterator[str]:
    pattern = _text(proc / "sys/kernel/core_pattern")
    if pattern.startswith("|"):
        # A limit of 0 stops files alone (core(5)), and the only number that stops a pipe can be lowered.
        yield (
            f"a program that crashes inside starts this machine's handler of crashes outside, as root"
            f" ({pattern[1:61]}); 'sysctl -w kernel.core_pattern=core' stops that"
        )


def _of_the_processor(sys_folder: Path) -> Iterator[str]:
    cpu = sys_folder / "devices/system/cpu"
    if _text(cpu / "smt/active") == "1":
        yield "two boxes may run at once on the two threads of one core, and watch each other's timing"
    faults = sorted(cpu.glob("vulnerabilities/*"))
    if weak := [path.name for path in faults if _text(path).startswith("Vulnerable")]:
        yield f"the kernel says that this processor is open to {', '.join(weak)}"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
