"""Calls of the kernel by name and, on x86-64 and arm64, by number."""

from __future__ import annotations

from typing import Final

__all__ = ["NAMES", "NUMBERS"]

NUMBERS: Final[dict[int, str]] = {
    101: "ptrace", 155: "pivot_root", 161: "chroot", 165: "mount", 166: "umount2", 169: "reboot",
    175: "init_module", 176: "delete_module", 246: "kexec_load", 248: "add_key", 250: "keyctl", 272: "unshare",
    298: "perf_event_open", 303: "name_to_handle_at", 304: "open_by_handle_at", 308: "setns",
    310: "process_vm_readv", 311: "process_vm_writev", 313: "finit_module", 320: "kexec_file_load", 321: "bpf",
    125: "capget", 157: "prctl", 167: "swapon", 172: "iopl", 173: "ioperm", 312: "kcmp", 317: "seccomp",
    133: "mknod", 319: "memfd_create", 323: "userfaultfd", 425: "io_uring_setup", 428: "open_tree", 429: "move_mount",
    430: "fsopen", 432: "fsmount", 442: "mount_setattr", 40: "mount", 97: "unshare", 105: "init_module",
    117: "ptrace", 265: "open_by_handle_at", 268: "setns", 273: "finit_module", 280: "bpf", 51: "chroot",
}  # fmt: skip
"""x86-64 first; of arm64 those that are none of x86-64's common ones."""

NAMES: Final = (frozenset(NUMBERS.values()) - {"prctl", "seccomp", "swapon"}) | {
    "umount",
    "mknodat",
    "clone_newns",
    "iopl",
    "ioperm",
}
"""What a sandbox is left by."""
