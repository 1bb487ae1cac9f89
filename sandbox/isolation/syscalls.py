"""What a box may not ask of the kernel, as data: numbers on two machines, rules by name."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["EXECS", "MACHINES", "RULES", "WATCHED", "Machine", "Rule", "When"]


@dataclass(frozen=True, slots=True)
class When:
    """A condition on one argument's low 32 bits, after ``mask``: any bit set, one of, or none of ``values``."""

    arg: int
    test: Literal["any", "in", "not in"]
    values: tuple[int, ...] = ()
    mask: int = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class Rule:
    """A call that fails with ``error``; always, or when its condition holds."""

    call: str
    error: int = errno.EPERM
    when: When | None = None


@dataclass(frozen=True, slots=True)
class Machine:
    """An architecture: how the kernel names it to a filter, and its column in ``NUMBERS``."""

    audit: int
    numbers: Mapping[str, int]


_NEW_NAMESPACE: Final = 0x7E02_0000
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET; NEWTIME needs clone3 or unshare."""
_DEVICE: Final = (0o020000, 0o060000)
_AF: Final = (1, 2, 10)
"""AF_UNIX, AF_INET, AF_INET6. Not AF_NETLINK: it answers questions about the host."""
_TERMINAL_INPUT: Final = (0x5412, 0x541C)
"""TIOCSTI and TIOCLINUX put words into a terminal's mouth (CVE-2017-5226, CVE-2023-1523)."""
_WATCH_A_FOLDER: Final = 1026
"""F_NOTIFY. Of files that boxes and host share, this and inotify would tell who opens them."""

RULES: Final[tuple[Rule, ...]] = (
    # clone3 hides its flags in memory, where a filter cannot look; C libraries fall back to clone.
    Rule("clone3", errno.ENOSYS),
    Rule("clone", when=When(0, "any", mask=_NEW_NAMESPACE)),
    Rule("mknod", when=When(1, "in", _DEVICE, mask=0o170000)),
    Rule("mknodat", when=When(2, "in", _DEVICE, mask=0o170000)),
    Rule("socket", when=When(0, "not in", _AF)),
    Rule("socketpair", when=When(0, "not in", _AF)),
    Rule("ioctl", when=When(1, "in", _TERMINAL_INPUT)),
    Rule("fcntl", when=When(1, "in", (_WATCH_A_FOLDER,))),
    *map(Rule, (
        # namespaces and mounts
        "mount", "umount2", "move_mount", "open_tree", "open_tree_attr", "fsopen", "fsmount", "fsconfig",
        "fspick", "mount_setattr", "pivot_root", "chroot", "setns", "unshare",
        # other processes
        "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp", "process_madvise",
        # the kernel itself
        "bpf", "perf_event_open", "init_module", "finit_module", "delete_module", "kexec_load",
        "kexec_file_load", "reboot", "swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "ioperm",
        "iopl", "sethostname", "setdomainname", "settimeofday", "clock_settime", "clock_adjtime",
        "adjtimex", "vhangup", "nfsservctl", "uselib",
        # ways around: files by handle, work that no filter sees, memory that nobody can look at
        "open_by_handle_at", "name_to_handle_at", "io_uring_setup", "io_uring_enter",
        "io_uring_register", "userfaultfd", "memfd_secret", "remap_file_pages", "fanotify_init",
        # what is not of one box: keys, the kernel's log, mounts of others, who opens a file that all show
        "keyctl", "add_key", "request_key", "syslog", "lookup_dcookie", "statmount", "listmount",
        "inotify_init", "inotify_init1",
    )),
)  # fmt: skip

WATCHED: Final[Mapping[str, str]] = {
    **dict.fromkeys((
        "mount", "umount2", "move_mount", "open_tree", "open_tree_attr", "fsopen", "fsmount", "fsconfig",
        "fspick", "mount_setattr", "pivot_root", "chroot",
    ), "host-mount"),
    **dict.fromkeys(("unshare", "clone"), "userns-abuse"),
    "setns": "nsenter-host",
    **dict.fromkeys(("mknod", "mknodat"), "device-mount"),
    **dict.fromkeys((
        "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "open_by_handle_at", "keyctl",
        "add_key", "request_key", "kexec_load", "kexec_file_load",
    ), "cap-abuse"),
    **dict.fromkeys(("bpf", "perf_event_open"), "ebpf"),
    **dict.fromkeys(("init_module", "finit_module", "delete_module"), "kernel-module"),
    "io_uring_setup": "denylist-evasion",
    "userfaultfd": "kernel-cve",
}  # fmt: skip
"""The calls that a supervisor is asked about, if a box has one, and which way out each belongs to.

The slugs are those of ``sandbox.detect.escape``.
"""

EXECS: Final = ("execve", "execveat")
"""Calls that a supervisor hears of and never denies."""

# From Linux' tables for x86-64 and for all newer machines; None: that machine never had it.
_NUMBERS: Final[Mapping[str, tuple[int, int | None]]] = {
    "acct": (163, 89), "add_key": (248, 217), "adjtimex": (159, 171), "bpf": (321, 280),
    "chroot": (161, 51), "clock_adjtime": (305, 266), "clock_settime": (227, 112),
    "clone": (56, 220), "clone3": (435, 435), "delete_module": (176, 106),
    "execve": (59, 221), "execveat": (322, 281),
    "fanotify_init": (300, 262), "fcntl": (72, 25), "finit_module": (313, 273), "fsconfig": (431, 431),
    "fsmount": (432, 432), "fsopen": (430, 430), "fspick": (433, 433), "init_module": (175, 105),
    "inotify_init": (253, None), "inotify_init1": (294, 26),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "io_uring_setup": (425, 425),
    "ioctl": (16, 29), "ioperm": (173, None), "iopl": (172, None), "kcmp": (312, 272),
    "kexec_file_load": (320, 294), "kexec_load": (246, 104), "keyctl": (250, 219),
    "listmount": (458, 458), "lookup_dcookie": (212, 18), "memfd_secret": (447, 447),
    "mknod": (133, None), "mknodat": (259, 33), "mount": (165, 40), "mount_setattr": (442, 442),
    "move_mount": (429, 429), "name_to_handle_at": (303, 264), "nfsservctl": (180, 42),
    "open_by_handle_at": (304, 265), "open_tree": (428, 428), "open_tree_attr": (467, 467),
    "perf_event_open": (298, 241), "pidfd_getfd": (438, 438), "pivot_root": (155, 41),
    "process_madvise": (440, 440), "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271), "ptrace": (101, 117), "quotactl": (179, 60),
    "quotactl_fd": (443, 443), "reboot": (169, 142), "remap_file_pages": (216, 234),
    "request_key": (249, 218), "setdomainname": (171, 162), "sethostname": (170, 161),
    "setns": (308, 268), "settimeofday": (164, 170), "socket": (41, 198), "socketpair": (53, 199),
    "statmount": (457, 457), "swapoff": (168, 225), "swapon": (167, 224), "syslog": (103, 116),
    "umount2": (166, 39), "unshare": (272, 97), "uselib": (134, None), "userfaultfd": (323, 282),
    "vhangup": (153, 58),
}  # fmt: skip

MACHINES: Final[Mapping[str, Machine]] = {
    "x86_64": Machine(0xC000_003E, {name: x86 for name, (x86, _) in _NUMBERS.items()}),
    "aarch64": Machine(
        0xC000_00B7, {name: arm for name, (_, arm) in _NUMBERS.items() if arm is not None}
    ),
}
"""By what ``os.uname`` calls them."""
