"""Run inside a box: tries what no box may do, and prints what came of it. It opens, and never writes."""

import ctypes
import errno
import json
import os
import socket
import sys
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)
AT = 1 if os.uname().machine == "x86_64" else 2
NUMBERS = {  # x86-64, aarch64
    "clone3": (435, 435),
    "keyctl": (250, 219),
    "unshare": (272, 97),
    "ptrace": (101, 117),
    "io_uring_setup": (425, 425),
    "bpf": (321, 280),
    "mount": (165, 40),
    "setns": (308, 268),
    "chroot": (161, 51),
    "syslog": (103, 116),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "open_by_handle_at": (304, 265),
    "process_vm_readv": (310, 270),
}
CLONE_NEWUSER = 0x10000000


def outcome(attempt) -> str:
    try:
        attempt()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"


def call(name: str, *args: int) -> str:
    ctypes.set_errno(0)
    if LIBC.syscall(NUMBERS[name][AT - 1], *args) >= 0:
        return "done"
    return errno.errorcode[ctypes.get_errno()]


def writing(path: str) -> str:
    return outcome(lambda: os.close(os.open(path, os.O_WRONLY)))


def making(path: str) -> str:
    return outcome(lambda: os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)))


def house_files() -> list[str]:
    """Any folder `sandbox` that holds a module of the house."""
    found = []
    for top, folders, files in os.walk("/"):
        if top == "/":
            folders[:] = [name for name in folders if name not in {"proc", "sys"}]
        if Path(top).name == "sandbox" and "ids.py" in files:
            found.append(top)
    return found


def status() -> dict[str, str]:
    lines = Path("/proc/self/status").read_text().splitlines()
    pairs = (line.split(":\t", 1) for line in lines if ":\t" in line)
    return {name: value for name, value in pairs if name.startswith(("Cap", "NoNew", "Seccomp"))}


def interfaces() -> list[str]:
    lines = Path("/proc/net/dev").read_text().splitlines()
    return [line.split(":")[0].strip() for line in lines if ":" in line]


def sockets() -> dict[str, str]:
    """AF_UNIX, INET, INET6; NETLINK, PACKET, ALG, VSOCK."""
    kinds = {1: 1, 2: 1, 10: 1, 16: 3, 17: 3, 38: 5, 40: 1}
    return {str(af): outcome(lambda: socket.socket(af, kind).close()) for af, kind in kinds.items()}  # noqa: B023 - called at once


print(
    json.dumps(
        {
            "ids": [os.getuid(), os.geteuid(), os.getgid(), os.getegid()],
            "status": status(),
            "interfaces": interfaces(),
            "core_pattern": writing("/proc/sys/kernel/core_pattern"),
            "sysrq": writing("/proc/sysrq-trigger"),
            "read-only": [
                making(f"{folder}/x")
                for folder in (
                    "",
                    "/usr",
                    "/usr/bin",
                    "/opt/backrooms",
                    "/opt/backrooms/agents",
                    "/run/backrooms",
                )
            ],
            "writable": [making(f"{folder}/x") for folder in ("/home/agent", "/tmp", "/dev/shm")],
            "house": house_files(),
            "seen of the host": [path for path in sys.argv[1:] if os.access(path, os.F_OK)],
            "calls": {
                "clone3": call("clone3", 0, 0),
                "keyctl": call("keyctl", 0, -3, 0),
                "unshare": call("unshare", CLONE_NEWUSER),
                "io_uring_setup": call("io_uring_setup", 1, 0),
                "bpf": call("bpf", 0, 0, 0),
                "mount": call("mount", 0, 0, 0, 0, 0),
                "setns": call("setns", -1, 0),
                "chroot": call("chroot", 0),
                "syslog": call("syslog", 3, 0, 0),
                "userfaultfd": call("userfaultfd", 0),
                "perf_event_open": call("perf_event_open", 0, 0, -1, -1, 0),
                "open_by_handle_at": call("open_by_handle_at", -1, 0, 0),
                "ptrace": call("ptrace", 2, 1, 0, 0),
                "process_vm_readv": call("process_vm_readv", 1, 0, 0, 0, 0, 0),
            },
            "sockets": sockets(),
            "environment": dict(os.environ),
        }
    )
)
