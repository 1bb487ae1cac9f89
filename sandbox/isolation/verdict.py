"""Judges a box by what it says of itself and what the host sees of it: nothing is trusted that one side denies."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sandbox.isolation.layout import GID, HOME, SOCKETS, UID
from sandbox.isolation.witness import NAMESPACES, Seen

if TYPE_CHECKING:
    from sandbox.isolation.supervisor.supervisor import Drilled

__all__ = ["Finding", "drill_findings", "findings"]

_DENIED: Final = frozenset({"EPERM", "EACCES", "ENOSYS"})
"""A call that got further, as far as looking at its arguments, was not denied."""
_ABSENT: Final = _DENIED | {"ENOENT", "ENOTDIR", "EROFS", "ENXIO", "ENODEV", "ELOOP"}
_NO_ROUTE: Final = _DENIED | {"ENETUNREACH", "EHOSTUNREACH", "ENETDOWN", "EAFNOSUPPORT"}
_NO_FAMILY: Final = _DENIED | {"EAFNOSUPPORT", "EPROTONOSUPPORT", "ESOCKTNOSUPPORT", "EINVAL"}
_DEVICES: Final = frozenset(
    f"/dev/{name}"
    for name in ("null", "zero", "full", "random", "urandom", "tty", "ptmx", "console")
)
_OWN_DEVICES: Final = frozenset({"/dev/fuse", "/dev/net/tun"})
"""What gVisor's kernel offers of its own; it is no device of the host."""
_WRITABLE: Final = frozenset(
    {HOME, "/tmp", "/var/tmp", "/run", "/dev", "/dev/shm", "/dev/mqueue", "/dev/pts", "/proc"}  # noqa: S108 - inside
    # Root's there, and its content is mounted read-only: that nothing can be made in it is probed.
    | {"/sys/fs/cgroup"}
)
_OF_THE_HOST: Final = frozenset(
    {SOCKETS, "/", "/usr", "/bin", "/sbin", "/lib", "/lib64", "/opt", "/etc/alternatives"}
    | {f"/etc/{name}" for name in ("resolv.conf", "hostname", "hosts", "passwd", "group")}
    | {"/usr/sbin/docker-init", "/sbin/docker-init", "/run/podman-init", "/run/.containerenv"}
)
"""What a box shows of a disk of the host: programs, and what an engine writes for each container."""
_ENGINE_SOCKETS: Final = ("docker", "containerd", "crio", "podman", "buildkit", "kubelet", "frakti")
_KERNEL_MOUNTS: Final = frozenset(
    {"proc", "sysfs", "tmpfs", "devpts", "mqueue", "cgroup", "cgroup2"}
)
_SECRETS: Final = ("KEY", "TOKEN", "SECRET", "PASSW", "CREDENTIAL")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be: a stable name, and what was found."""

    check: str
    found: str


def findings(
    inside: Mapping[str, Any],
    outside: Sequence[Seen],
    *,
    own_kernel: bool = False,
    namespaces: Collection[str] = NAMESPACES,
    noexec: bool = False,
    sight: bool = True,
    filters: int = 1,
) -> list[Finding]:
    """Compare a box with what the profile promises; nothing is found in a sound one.

    Args:
        inside: what ``agents.selfcheck.look`` reports.
        outside: the box's processes as the host's /proc shows them; none where there is no such sight.
        own_kernel: the box has a kernel of its own (gVisor): what the host sees is that kernel.
        namespaces: those that the tier promises to be of the box alone.
        noexec: no program may start from a place that can be written.
        sight: the box is on this machine, so that it must be seen from outside.
        filters: how many seccomp filters each process must have.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: the report is none.
    """
    found = [
        *_rights(inside, own_kernel=own_kernel),
        *_surroundings(inside, own_kernel=own_kernel),
        *_probes(inside),
    ]
    if noexec and not inside["start"]:
        found.append(Finding("probe.start", "nobody tried to start a program"))
    if sight and not outside:
        found.append(Finding("host.sight", "the host sees no process of the box"))
    for seen in outside:
        found += _seen(seen, own_kernel=own_kernel, namespaces=namespaces, filters=filters)
    return found


def drill_findings(seen: Sequence[Drilled], nonce: str) -> list[Finding]:
    """Look for the call that the check made for this alone among those that were seen outside."""
    mark = int(nonce, 16)
    if any(one.call == "mount" and one.args[3] == mark for one in seen):
        return []
    return [Finding("supervisor.drill", "a denied call inside was not seen outside")]


def _rights(inside: Mapping[str, Any], *, own_kernel: bool) -> Iterator[Finding]:
    ids, groups = list(inside["ids"]), list(inside["groups"])
    if ids != [UID, UID, GID, GID]:
        yield Finding("ids", f"uid and gid are {ids}, not {UID} and {GID}")
    if not set(groups) <= {GID, 65534}:  # what has no number inside is called 65534
        yield Finding("groups", f"supplementary groups {groups}")
    status = inside["status"]
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        if int(status.get(name, "0"), 16) != 0:
            yield Finding(f"capabilities.{name}", f"{name} is {status[name]}")
    if status.get("NoNewPrivs", "1" if own_kernel else "0") != "1":
        yield Finding("no_new_privs", f"NoNewPrivs is {status.get('NoNewPrivs', 'not told')}")
    if status.get("Seccomp") != "2":
        yield Finding(
            "seccomp", f"Seccomp is {status.get('Seccomp', 'not told')}, not 2 (a filter)"
        )


def _surroundings(inside: Mapping[str, Any], *, own_kernel: bool) -> Iterator[Finding]:
    if inside["interfaces"] not in ([], ["lo"]):
        yield Finding("interfaces", f"network interfaces {inside['interfaces']}")
    for path in inside["devices"]:
        if path not in _DEVICES and not (own_kernel and path in _OWN_DEVICES):
            yield Finding("devices", f"the device {path}")
    for path in inside["sockets"]:
        if not path.startswith(f"{SOCKETS}/"):
            yield Finding("sockets", f"the socket {path}")
    for name in inside["environment"]:
        if any(word in name.upper() for word in _SECRETS):
            yield Finding("environment", f"a variable called {name}")
    for mount in inside["mounts"]:
        yield from _mount(*mount)


def _mount(
    place: str, how: str, kind: str, source: str, part: str, shared: str
) -> Iterator[Finding]:
    read_only = "ro" in how.split(",")
    if any(word in f"{place} {source} {part}".lower() for word in _ENGINE_SOCKETS) and (
        place.endswith(".sock") or source.endswith(".sock") or part.endswith(".sock")
    ):
        yield Finding("mounts.engine_socket", f"{place} is an engine's socket")
    elif place in _DEVICES:
        return  # bubblewrap mounts each of them; which there are is looked at by itself
    elif _on_a_disk(kind, part) and place not in _OF_THE_HOST:
        yield Finding("mounts.host", f"{place} ({kind} from {source}{part})")
    elif not read_only and kind not in _KERNEL_MOUNTS:
        yield Finding("mounts.writable", f"{place} ({kind} from {source}{part}) can be written")
    elif not read_only and kind == "tmpfs" and not _may_write(place):
        yield Finding("mounts.writable", f"a writable tmpfs on {place}")
    elif kind.startswith(("cgroup", "sysfs")) and not read_only:
        yield Finding("mounts.kernel", f"{place} ({kind}) can be written")
    if kind in {"debugfs", "tracefs", "securityfs", "bpf", "fusectl", "configfs", "efivarfs"}:
        yield Finding("mounts.kernel", f"{place} is a {kind}")
    if shared:
        yield Finding("mounts.shared", f"{place} passes mounts on ({shared})")


def _on_a_disk(kind: str, part: str) -> bool:
    """Whether it comes from a file system of the host; of a tmpfs, one that is not the box's own."""
    if kind == "tmpfs":
        return part not in {"/", "/null", "/newroot"}
    return kind not in _KERNEL_MOUNTS


def _may_write(place: str) -> bool:
    # Masked paths are empty read-only tmpfs of the engine; some engines leave the flag off the masks below /proc.
    return place in _WRITABLE or place.startswith(("/dev/", "/proc/"))


def _probes(inside: Mapping[str, Any]) -> Iterator[Finding]:
    for check, fine in (
        ("write", _ABSENT),
        ("read", _ABSENT),
        ("make", _ABSENT),
        ("start", _ABSENT),  # tried only where it must fail
        ("calls", _DENIED),
        ("families", _NO_FAMILY),
        ("connect", _NO_ROUTE),
    ):
        for what, outcome in inside[check].items():
            if outcome not in fine:
                yield Finding(f"probe.{check}", f"{check} {what}: {outcome}")


def _seen(
    seen: Seen, *, own_kernel: bool, namespaces: Collection[str], filters: int
) -> Iterator[Finding]:
    name = f"process {seen.pid}"
    if seen.uid == 0 and not own_kernel:
        yield Finding("host.uid", f"{name} is root on the host")
    if own_kernel:
        return  # its rights are those of gVisor's kernel, which needs some to build its own cage
    if seen.capabilities != 0:
        yield Finding("host.capabilities", f"{name} has CapEff {seen.capabilities:016x}")
    if not seen.no_new_privs:
        yield Finding("host.no_new_privs", f"{name} can gain rights (NoNewPrivs 0)")
    if seen.seccomp != 2:
        yield Finding("host.seccomp", f"{name} has no seccomp filter")
    elif seen.filters is not None and seen.filters < filters:
        yield Finding("host.seccomp", f"{name} has {seen.filters} seccomp filters, not {filters}")
    for namespace in NAMESPACES:
        if namespace in seen.shared and namespace in namespaces:
            yield Finding("host.namespaces", f"{name} shares the host's {namespace} namespace")
