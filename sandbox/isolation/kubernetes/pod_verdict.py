"""Judges a Pod by what it says of itself: the house's kernel sees nothing of it, and its network is cut, not absent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from sandbox.isolation.kubernetes.settings import Settings
from sandbox.isolation.layout import SOCKETS
from sandbox.isolation.verdict import Finding, findings

__all__ = ["network", "pod_findings"]

_KUBELETS: Final = frozenset(
    {"/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/dev/termination-log"}
)
"""Files that kubelet mounts from the node's disk, some of them writable; they belong to root, but for the last."""
_TOKENS: Final = "secrets/kubernetes.io"
_FIRST: Final[Mapping[str, str]] = {
    "ipc": "ipc:[4026531839]",
    "pid": "pid:[4026531836]",
    "user": "user:[4026531837]",
    "uts": "uts:[4026531838]",
}
"""The namespaces that a node starts with have these numbers (linux/proc_ns.h): a Pod has others."""
GVISOR: Final = "#1 SMP Sun Jan 10 15:06:54 PST 2016"
"""What gVisor's kernel says that it is, in every release."""


def network(inside: Mapping[str, Any]) -> Literal["none", "policy, not namespace"]:
    """Say what keeps a Pod from a network: that it has none, or the cluster's policy."""
    return "none" if set(inside["interfaces"]) <= {"lo"} else "policy, not namespace"


def pod_findings(
    inside: Mapping[str, Any], settings: Settings, *, noexec: bool = False
) -> list[Finding]:
    """Compare a Pod with what the profile promises; nothing is found in a sound one.

    Raises what ``findings`` raises if the report is none.
    """
    common = {
        **inside,
        "mounts": [mount for mount in inside["mounts"] if mount[0] not in {*_KUBELETS, SOCKETS}],
        "make": {place: how for place, how in inside["make"].items() if place != SOCKETS},
    }
    if network(inside) != "none":
        common |= {"interfaces": [], "connect": {}}
    own_kernel = settings.own_kernel
    return [
        *findings(common, (), own_kernel=own_kernel, noexec=noexec, sight=False),
        *_pod(inside, settings),
        *_contacts(inside),
    ]


def _pod(inside: Mapping[str, Any], settings: Settings) -> Iterator[Finding]:
    for place, how, kind, source, part, _ in inside["mounts"]:
        if _TOKENS in place:
            yield Finding("mounts.token", f"{place}: a service account's token is here")
        elif place == SOCKETS and kind != "tmpfs":
            yield Finding("mounts.host", f"{place} ({kind} from {source}{part}, {how})")
    if settings.own_kernel:
        if inside["kernel"] != GVISOR:
            yield Finding("kernel", f"the kernel is no gVisor: {inside['kernel']!r:.100}")
        return
    for namespace, first in _FIRST.items():
        if namespace == "user" and not settings.own_users:
            continue
        if inside["namespaces"].get(namespace) in {"", None, first}:
            yield Finding("namespaces", f"the node's {namespace} namespace")


def _contacts(inside: Mapping[str, Any]) -> Iterator[Finding]:
    tried = inside["contacts"]
    for whom, outcome in tried.items():
        if outcome == "done":
            yield Finding(
                "network.contact", f"the Pod reaches {whom}: no NetworkPolicy is enforced"
            )
    if network(inside) != "none" and "api" not in tried:
        yield Finding("network.contact", "no address is known at which somebody listens for sure")
