"""The whole request for a container, as Docker's API takes it: the profile in that API's words."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from sandbox.isolation.box import BoxSpec
from sandbox.isolation.container_filter import engine_filter
from sandbox.isolation.engine import AGENT_LABEL, ROLE_LABEL, RUN_LABEL
from sandbox.isolation.hole import host_config, mounts
from sandbox.isolation.layout import SOCKETS, GuestPaths, guest_argv
from sandbox.isolation.profile import PROFILE, tmpfs
from sandbox.isolation.seccomp import program

__all__ = ["Payload", "command", "name", "payload"]

Payload: TypeAlias = dict[str, Any]
_NONE: Final[Mapping[str, int]] = {}


def name(spec: BoxSpec) -> str:
    """The container's name."""
    return f"br-{spec.run}-{spec.agent}"


def payload(
    spec: BoxSpec, image: str, rlimits: Mapping[str, int] = _NONE, *, supervised: bool = False
) -> Payload:
    """Write the request; ``image`` is an id, ``sha256:...``, never a tag that somebody can move.

    The shim takes on ``rlimits``, beside what the engine limits.

    In a ``supervised`` box the shim's filter asks the house, and the engine's, which is ours, leaves it what
    it asks about. The engine's own first process would be without the shim's, and an agent could make it
    its own (/proc/1/mem): so the guest is the first.

    There is no limit of processes per user: the engine counts those per box (``PidsLimit``), and all
    boxes have one user.
    """
    limits, user = spec.limits, f"{PROFILE.uid}:{PROFILE.gid}"
    start = "noexec" if limits.noexec else "exec"
    owner = f"uid={PROFILE.uid},gid={PROFILE.gid}"
    return {
        "Image": image,
        "Cmd": command(spec, rlimits, supervised=supervised),
        "Hostname": PROFILE.hostname,
        "Labels": {RUN_LABEL: spec.run, AGENT_LABEL: spec.agent, ROLE_LABEL: "sandbox"},
        "User": user,
        "WorkingDir": PROFILE.home,
        "NetworkDisabled": True,
        "HostConfig": {
            "Privileged": False,
            "CapDrop": ["ALL"],
            "SecurityOpt": [
                "no-new-privileges:true",
                *([f"seccomp={engine_filter()}"] if supervised else ()),
            ],
            "ReadonlyRootfs": True,
            "NetworkMode": "none",
            "IpcMode": "private",
            "CgroupnsMode": "private",
            # Read-only, like the rest: connecting to a socket does not need more.
            "Mounts": [
                {
                    "Type": "bind",
                    "Source": str(spec.folder.resolve()),
                    "Target": SOCKETS,
                    "ReadOnly": True,
                },
                *mounts(spec.hole),
            ],
            "Tmpfs": {
                one.place: f"rw,{start},nosuid,nodev,{owner},size={one.size},mode={one.mode}"
                for one in tmpfs(limits)
            },
            "Memory": limits.memory,
            "MemorySwap": limits.memory,
            "NanoCpus": int(limits.cpu * 1e9),
            "PidsLimit": limits.pids,
            "ShmSize": PROFILE.shm,
            "OomScoreAdj": PROFILE.oom_score,
            "Ulimits": [
                _ulimit("nofile", PROFILE.nofile),
                _ulimit("core", PROFILE.core),
                _ulimit("fsize", limits.disk),
            ],
            "Init": not supervised,
            "RestartPolicy": {"Name": "no"},
            "AutoRemove": False,
            "LogConfig": {
                "Type": "json-file",
                "Config": {"max-size": str(PROFILE.log), "max-file": "2"},
            },
            **host_config(spec.hole),
        },
    }


def command(spec: BoxSpec, rlimits: Mapping[str, int], *, supervised: bool) -> list[str]:
    """Write the guest's command line, with its filter."""
    filter_ = program(os.uname().machine, "ask" if supervised else "no")
    paths = GuestPaths(python="python3")
    return guest_argv(spec, paths, rlimits, filter_, asking=supervised)


def _ulimit(what: str, most: int) -> dict[str, Any]:
    return {"Name": what, "Soft": most, "Hard": most}
