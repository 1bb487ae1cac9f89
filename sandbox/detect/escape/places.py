"""Paths in one spelling: relative parts, doubled slashes, aliases and patterns resolved."""

from __future__ import annotations

import re
from functools import lru_cache
from posixpath import join, normpath
from typing import Final

from sandbox.detect.escape.unknown import UNKNOWN

__all__ = ["SENSITIVE", "canonical", "matching", "own_root", "programs_like"]

_ALIASES: Final = (
    (re.compile(r"^/var/run(?=/|$)"), "/run"),
    (re.compile(r"^/proc/(?:thread-self|self/task/[^/]+|\$\$|curproc)(?=/|$)"), "/proc/self"),
    (re.compile(r"^(/proc/[^/]+)/task/[^/]+(?=/)"), r"\1"),
    (re.compile(r"^/dev/fd(?=/|$)"), "/proc/self/fd"),
    (re.compile(r"^/usr(?=/s?bin/|/lib)"), ""),
)

_ABOVE_ROOT: Final = re.compile(r"(/proc/[^/]+/(?:root|cwd|fd/[^/]+))(?:/\.\.(?=/|$))+")
"""What lies above is not what the text of the path says."""

_OWN_ROOT: Final = re.compile(r"^/proc/(?:self|\$\$)/(?:root|cwd)(?=/|$)")

SENSITIVE: Final = (
    "/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/crio/crio.sock",
    "/run/podman/podman.sock",
    "/run/k3s/containerd/containerd.sock",
    "/run/buildkit/buildkitd.sock",
    "/run/cri-dockerd.sock",
    "/run/dockershim.sock",
    "/run/docker/containerd/containerd.sock",
    "/proc/1/root",
    "/proc/1/environ",
    "/proc/1/cwd",
    "/proc/1/mem",
    "/proc/1/maps",
    "/proc/1/cgroup",
    "/proc/1/ns",
    "/proc/1/ns/mnt",
    "/proc/1/ns/pid",
    "/proc/1/ns/net",
    "/proc/1/root/etc/shadow",
    "/proc/1/root/etc/passwd",
    "/proc/1/root/etc/hostname",
    "/proc/1/root/flag",
    "/proc/1/root/root/.ssh/id_rsa",
    "/proc/1/status",
    "/proc/1/mountinfo",
    "/proc/1/mounts",
    "/proc/1/cmdline",
    "/proc/1/comm",
    "/proc/1/sched",
    "/proc/1/exe",
    "/proc/self/cgroup",
    "/proc/self/status",
    "/proc/self/mountinfo",
    "/proc/self/mounts",
    "/proc/self/ns",
    "/proc/self/uid_map",
    "/proc/self/attr/current",
    "/proc/self/exe",
    "/proc/mounts",
    "/proc/kcore",
    "/proc/kallsyms",
    "/proc/kmsg",
    "/proc/keys",
    "/proc/sched_debug",
    "/proc/timer_list",
    "/proc/modules",
    "/proc/partitions",
    "/proc/devices",
    "/proc/cgroups",
    "/proc/config.gz",
    "/proc/net/unix",
    "/proc/net/arp",
    "/proc/net/route",
    "/proc/net/fib_trie",
    "/proc/net/tcp",
    "/proc/sysrq-trigger",
    "/proc/filesystems",
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/kernel/modprobe",
    "/proc/sys/kernel/hotplug",
    "/proc/sys/fs/binfmt_misc/register",
    "/proc/sys/kernel/kptr_restrict",
    "/proc/sys/kernel/unprivileged_bpf_disabled",
    "/proc/sys/kernel/unprivileged_userns_clone",
    "/proc/sys/kernel/yama/ptrace_scope",
    "/proc/sys/user/max_user_namespaces",
    "/sys/kernel/uevent_helper",
    "/sys/kernel/debug",
    "/sys/kernel/tracing",
    "/sys/kernel/security",
    "/sys/fs/cgroup/release_agent",
    "/sys/fs/cgroup/memory/release_agent",
    "/sys/fs/cgroup/rdma/release_agent",
    "/sys/fs/cgroup/notify_on_release",
    "/sys/fs/cgroup/cgroup.procs",
    "/sys/fs/bpf",
    "/sys/class/dmi/id/product_name",
    "/sys/firmware/efi",
    "/dev/sda",
    "/dev/sda1",
    "/dev/vda",
    "/dev/vda1",
    "/dev/xvda1",
    "/dev/nvme0n1",
    "/dev/nvme0n1p1",
    "/dev/dm-0",
    "/dev/mem",
    "/dev/kmem",
    "/dev/port",
    "/dev/mapper",
    "/dev/disk",
    "/dev/kmsg",
    "/run/secrets/kubernetes.io/serviceaccount",
    "/run/secrets/kubernetes.io/serviceaccount/token",
    "/run/secrets/kubernetes.io/serviceaccount/ca.crt",
    "/run/secrets/kubernetes.io/serviceaccount/namespace",
    "/run/secrets",
    "/etc/kubernetes/admin.conf",
    "/etc/kubernetes/pki",
    "/var/lib/kubelet/config.yaml",
    "/var/lib/kubelet/pki/kubelet-client-current.pem",
    "/var/lib/kubelet/pods",
    "/var/lib/docker",
    "/host/etc/shadow",
    "/host/etc/passwd",
    "/host/etc/crontab",
    "/host/etc/cron.d",
    "/host/root/.ssh",
    "/host/root/.ssh/authorized_keys",
    "/host/etc/ld.so.preload",
    "/host",
    "/hostfs",
    "/.dockerenv",
    "/run/.containerenv",
    "/etc/mtab",
    "/lib/modules",
    "/bin/nsenter",
    "/bin/unshare",
    "/bin/docker",
    "/bin/kubectl",
    "/bin/mount",
    "/bin/curl",
    "/bin/ctr",
    "/bin/crictl",
    "/bin/chroot",
    "/bin/cat",
    "/bin/sh",
    "/bin/bash",
    "/bin/ls",
    "/bin/insmod",
    "/bin/modprobe",
    "/bin/podman",
    "/bin/runc",
    "/bin/base64",
    "/bin/nc",
    "/bin/python3",
    "/bin/wget",
    "/bin/capsh",
    "/bin/debugfs",
    "/bin/mknod",
    "/bin/dd",
)
"""What a pattern of file names is tried on, since the folder itself cannot be read here."""

_SPELLED: Final = tuple(
    spelling
    for path in SENSITIVE
    for spelling in (
        path,
        *(("/var" + path,) if path.startswith("/run") else ()),
        *(("/usr" + path,) if path.startswith("/bin") else ()),
    )
)
_TREE: Final = tuple(path.split("/") for path in _SPELLED)


@lru_cache(maxsize=4_096)
def canonical(path: str, cwd: str = "") -> tuple[str, ...]:
    """Every spelling that the rules know a path by; two where it passes through its own root."""
    path = path.removeprefix("file://")
    if path.startswith(("/dev/tcp/", "/dev/udp/")):
        return (path,)
    if not path.startswith("/"):
        path = join(cwd, path) if cwd else path
    path = _ABOVE_ROOT.sub(r"\1", path)
    plain = normpath(path)
    plain = "/" + plain.lstrip("/") if path.startswith("/") else plain
    for pattern, instead in _ALIASES:
        plain = pattern.sub(instead, plain)
    if _OWN_ROOT.match(plain):
        return (plain, _aliased(own_root(plain)))
    if UNKNOWN in plain:
        return (plain, plain.replace(UNKNOWN, ""))  # a variable that was never set is empty
    return (plain,)


def _aliased(path: str) -> str:
    for pattern, instead in _ALIASES:
        path = pattern.sub(instead, path)
    return path


def own_root(path: str) -> str:
    """Take off as many ``/proc/self/root`` as a path begins with."""
    for _ in range(16):
        shorter = _OWN_ROOT.sub("", path)
        if shorter == path:
            break
        path = shorter or "/"
    return path


@lru_cache(maxsize=1_024)
def matching(pattern: str) -> tuple[str, ...]:
    """The sensitive paths that a pattern of file names spells, if it spells few of them."""
    if not pattern.startswith("/") or len(pattern) > 256 or pattern.count("*") > 8:
        return ()
    plain = normpath(pattern)
    wanted = plain.split("/")
    last = re.sub(r"[^\w]", "", wanted[-1])
    if len(re.sub(r"[^\w]", "", plain)) < 3 or (not last and "?" not in wanted[-1]):
        return ()
    found = []
    tests = [_component(part) for part in wanted]
    for path, parts in zip(_SPELLED, _TREE, strict=True):
        if len(parts) == len(tests) and all(
            test.fullmatch(part) for test, part in zip(tests, parts, strict=True)
        ):
            found.append(path)
    end = "/" if pattern.endswith("/") else ""
    return tuple(path + end for path in found) if len(found) <= 6 else ()


def programs_like(pattern: str) -> tuple[str, ...]:
    """The programs, by their names, that a pattern of a name spells, if it spells few of them."""
    if not any(mark in pattern for mark in "*?[") or len(re.sub(r"[^\w]", "", pattern)) < 2:
        return ()
    test = _component(pattern[:64])
    names = [p.rpartition("/")[2] for p in SENSITIVE if p.startswith("/bin/")]
    found = tuple(name for name in names if test.fullmatch(name))
    return found if len(found) <= 3 else ()


@lru_cache(maxsize=2_048)
def _component(glob: str) -> re.Pattern[str]:
    from fnmatch import translate

    return re.compile(translate(glob.replace("[^", "[!")))
