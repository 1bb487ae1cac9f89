"""The whole Pod of a box, as the API server takes it: the profile in Kubernetes' words."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from sandbox.isolation.box import BoxSpec
from sandbox.isolation.engine import AGENT_LABEL, ROLE_LABEL, RUN_LABEL
from sandbox.isolation.kubernetes.settings import Settings
from sandbox.isolation.layout import OPT, SOCKETS, GuestPaths, guest_argv
from sandbox.isolation.profile import PROFILE, tmpfs
from sandbox.isolation.seccomp import program

__all__ = [
    "ACCOUNT",
    "ARCH_LABEL",
    "CONTAINER",
    "LIFETIME",
    "Manifest",
    "amount",
    "name",
    "pod_of",
    "relay_argv",
    "volumes",
]

Manifest: TypeAlias = dict[str, Any]

ACCOUNT: Final = "sandbox-none"
"""The service account of every box: nothing is bound to it, and its token is not mounted."""
CONTAINER: Final = "agent"
ARCH_LABEL: Final = "kubernetes.io/arch"
LIFETIME: Final = 24 * 3600
"""Seconds after which Kubernetes ends a Pod that nobody has deleted."""
GRACE: Final = 2
STORAGE: Final = 64 << 20
"""Bytes on the node's disk: the log, since the root is read-only and every volume is in memory."""
PROGRAMS: Final = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/opt")
PYTHON: Final = "python3"
_AMOUNT: Final = re.compile(r"([0-9]{1,18})(m|Ki|Mi|Gi)?")
_UNITS: Final = {"m": 0.001, "": 1.0, "Ki": 1024.0, "Mi": 1024.0**2, "Gi": 1024.0**3}


def name(spec: BoxSpec) -> str:
    """The Pod's name; it ends with the run's, as an agent's may end with what a Pod's may not."""
    return f"br-{spec.agent}-{spec.run}"


def volumes(spec: BoxSpec) -> dict[str, tuple[str, int]]:
    """Each volume by its name: where it is mounted, and its bytes. All are in memory."""
    writable = {one.place.rpartition("/")[2]: (one.place, one.size) for one in tmpfs(spec.limits)}
    return {**writable, "sockets": (SOCKETS, 1 << 20)}


def pod_of(spec: BoxSpec, settings: Settings) -> Manifest:
    """Write the Pod."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name(spec),
            "namespace": settings.namespace,
            "labels": {RUN_LABEL: spec.run, ROLE_LABEL: "sandbox"},
            "annotations": {AGENT_LABEL: spec.agent},
        },
        "spec": {
            **_outside(settings),
            "automountServiceAccountToken": False,
            "serviceAccountName": ACCOUNT,
            "enableServiceLinks": False,
            "nodeSelector": {ARCH_LABEL: settings.arch},
            "hostNetwork": False,
            "hostPID": False,
            "hostIPC": False,
            "shareProcessNamespace": False,
            "hostname": PROFILE.hostname,
            "dnsPolicy": "None",
            "dnsConfig": {"nameservers": ["127.0.0.1"]},
            "restartPolicy": "Never",
            "activeDeadlineSeconds": LIFETIME,
            "terminationGracePeriodSeconds": GRACE,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": PROFILE.uid,
                "runAsGroup": PROFILE.gid,
                "fsGroup": PROFILE.gid,
                "supplementalGroups": [],
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [_container(spec, settings)],
            "volumes": [
                {"name": one, "emptyDir": {"medium": "Memory", "sizeLimit": _written(size)}}
                for one, (_, size) in volumes(spec).items()
            ],
        },
    }


def relay_argv(settings: Settings, doors: Sequence[str]) -> list[str]:
    """The program that the house runs in the Pod: it offers the sockets ``doors`` over its input and output."""
    text = base64.b64encode(program(settings.machine)).decode("ascii")
    return [
        PYTHON,
        "-I",
        "-S",
        f"{OPT}/agents/relay.py",
        "--sockets",
        SOCKETS,
        *("--doors", ",".join(doors)),
        "--filter",
        text,
    ]


def _outside(settings: Settings) -> Manifest:
    """What of the node the Pod has of its own."""
    own: Manifest = {} if not settings.own_users else {"hostUsers": False}
    return own | (
        {} if settings.runtime_class is None else {"runtimeClassName": settings.runtime_class}
    )


def _container(spec: BoxSpec, settings: Settings) -> Manifest:
    limits = {
        "cpu": f"{max(1, int(spec.limits.cpu * 1000))}m",
        "memory": _written(spec.limits.memory),
        "ephemeral-storage": _written(STORAGE),
    }
    paths = GuestPaths(python=PYTHON, entry=f"{OPT}/agents/init.py")
    exec_only = PROGRAMS if spec.limits.noexec else ()  # a volume has no word for it
    return {
        "name": CONTAINER,
        "image": settings.image,
        "imagePullPolicy": "IfNotPresent",
        "command": guest_argv(
            spec, paths, _rlimits(spec, settings), program(settings.machine), exec_only
        ),
        "workingDir": PROFILE.home,
        "securityContext": {
            "privileged": False,
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "resources": {"requests": dict(limits), "limits": limits},
        "volumeMounts": [
            {"name": one, "mountPath": place} for one, (place, _) in volumes(spec).items()
        ],
    }


def _rlimits(spec: BoxSpec, settings: Settings) -> dict[str, int]:
    """What the shim limits, as a Pod has no words for it."""
    limits = {"nofile": PROFILE.nofile, "core": PROFILE.core, "fsize": spec.limits.disk}
    if (
        settings.own_users
    ):  # else the kernel would count the processes of every box on the node together
        limits["nproc"] = spec.limits.pids
    if settings.own_kernel:
        limits["as"] = spec.limits.memory
    return limits


def _written(size: int) -> str:
    """Write a number of bytes as Kubernetes does, so that it comes back unchanged."""
    for unit, one in (("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)):
        if size % one == 0:
            return f"{size // one}{unit}"
    return str(size)


def amount(written: object) -> float:
    """Read an amount as Kubernetes writes it, in bytes, cores or seconds; -1 for what is none."""
    if type(written) is int:
        return float(written)
    found = _AMOUNT.fullmatch(written) if isinstance(written, str) else None
    return -1.0 if found is None else int(found[1]) * _UNITS[found[2] or ""]
