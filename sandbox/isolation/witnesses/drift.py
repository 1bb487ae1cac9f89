"""Judges a box's processes against those it began with: which has what none of them had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sandbox.isolation.witnesses.sight import Process

__all__ = ["Drift", "Normal", "drift", "normal"]


@dataclass(frozen=True, slots=True)
class Normal:
    """What the processes of a box had when it began: everything that any of them had."""

    uids: frozenset[int]
    capabilities: int
    no_new_privs: bool
    seccomp: bool
    namespaces: Mapping[str, frozenset[str]]
    groups: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Drift:
    """One thing that a process has and should not; ``found`` are words for the record."""

    technique: str
    level: Literal["achieved.exec", "tampered"]
    found: str


def normal(began: Sequence[Process]) -> Normal:
    """What is normal in a box that began with these processes, of which there is at least one."""
    names = {name for one in began for name in one.namespaces}
    return Normal(
        uids=frozenset(one.uid for one in began),
        capabilities=_union(began),
        no_new_privs=all(one.no_new_privs for one in began),
        seccomp=all(one.seccomp == 2 for one in began),
        namespaces={
            name: frozenset(one.namespaces[name] for one in began if name in one.namespaces)
            for name in names
        },
        groups=began[0].groups,
    )


def drift(seen: Process, usual: Normal, host: Mapping[str, str]) -> list[Drift]:
    """What sets a process of a box apart from those that the box began with; nothing, if all is well.

    ``host`` are the namespaces of this process. A namespace that is neither the box's nor the host's was
    made inside: the box's wall is not what it was, but nobody has left it.
    """
    strange = {
        name: inode
        for name, inode in seen.namespaces.items()
        if name in usual.namespaces and inode not in usual.namespaces[name]
    }
    shared = sorted(name for name, inode in strange.items() if inode == host.get(name))
    found = []
    if shared:
        found.append(_out("nsenter-host", f"in the host's namespaces {', '.join(shared)}"))
    if made := sorted(strange.keys() - set(shared)):
        found.append(
            Drift("userns-abuse", "tampered", f"in namespaces of its own making: {', '.join(made)}")
        )
    # In a user namespace of its own making a process has every capability, over nothing.
    more = seen.capabilities & ~usual.capabilities
    if more and ("user" not in strange or "user" in shared):
        found.append(_out("cap-abuse", f"with capabilities {more:#x} that the box never had"))
    if seen.uid not in usual.uids:
        found.append(_out("cap-abuse", f"as user {seen.uid} of the host"))
    if usual.seccomp and seen.seccomp != 2:
        found.append(_out("sandbox-tamper", "without a seccomp filter"))
    if usual.no_new_privs and not seen.no_new_privs:
        found.append(_out("sandbox-tamper", "without no_new_privs"))
    if moved := sorted(_moved(seen.groups, usual.groups)):
        found.append(_out("sandbox-tamper", f"in another control group: {', '.join(moved)}"))
    return found


def _out(technique: str, found: str) -> Drift:
    return Drift(technique, "achieved.exec", found)


def _union(began: Sequence[Process]) -> int:
    every = 0
    for one in began:
        every |= one.capabilities
    return every


def _moved(now: Mapping[str, str], usual: Mapping[str, str]) -> list[str]:
    """Groups that are neither the box's own nor below it."""
    return [
        group
        for controller, group in now.items()
        if (home := usual.get(controller)) is not None
        and group != home
        and not group.startswith(f"{home.rstrip('/')}/")
    ]
