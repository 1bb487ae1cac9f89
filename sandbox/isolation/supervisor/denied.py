"""Calls that were denied, told as few: each call of each program once, and how often it was made."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final

from sandbox.isolation.supervisor.caller import NOBODY, Caller
from sandbox.isolation.supervisor.memory import Memory
from sandbox.isolation.syscalls import WATCHED

__all__ = ["Denied", "DeniedCalls", "is_harmless", "words_of"]

KINDS: Final = 64
"""Pairs of a call and a program that are told apart until they are told."""
MANY: Final = 16
"""Calls of a process after which the next of the same name are counted and no longer looked at."""
TEXT: Final = 256
"""Bytes of a text that is an argument."""
_TRACEME: Final = 0

_SHAPES: Final = {
    "add_key": "ttnnn", "bpf": "nnn", "chroot": "t", "clone": "n", "delete_module": "tn",
    "finit_module": "ntn", "fsconfig": "nntnn", "fsmount": "nnn", "fsopen": "tn", "fspick": "ntn",
    "init_module": "nnt", "io_uring_setup": "nn", "kexec_file_load": "nnntn", "kexec_load": "nnnn",
    "keyctl": "nnnnn", "mknod": "tnn", "mknodat": "ntnn", "mount": "tttnn", "mount_setattr": "ntnnn",
    "move_mount": "ntntn", "open_by_handle_at": "nnn", "open_tree": "ntn", "open_tree_attr": "ntnnn",
    "perf_event_open": "nnnnn", "pidfd_getfd": "nnn", "pivot_root": "tt",
    "process_vm_readv": "nnnnnn", "process_vm_writev": "nnnnnn", "ptrace": "nnnn",
    "request_key": "tttn", "setns": "nn", "umount2": "tn", "unshare": "n", "userfaultfd": "n",
}  # fmt: skip
"""What the arguments of a call are: texts, or numbers."""
_TRACING: Final = frozenset({"bpf", "debugfs", "tracefs"})


@dataclass(slots=True)
class Denied:
    """A call that was denied ``count`` times; the rest is of the first time."""

    call: str
    args: tuple[str | None, ...]
    pid: int
    caller: Caller
    count: int = 1

    @property
    def technique(self) -> str:
        """The way out that it belongs to, as ``sandbox.detect.escape`` calls it."""
        if self.call == "mount" and self.args:
            source, _, kind, *_ = self.args
            if kind is not None and kind.startswith("cgroup"):
                return "cgroup-release-agent"
            if kind in _TRACING:
                return "ebpf"
            if source is not None and source.startswith("/dev/"):
                return "device-mount"
        return WATCHED[self.call]

    @property
    def what(self) -> str:
        """It, in a sentence."""
        name = (self.caller.program or "a program").rpartition("/")[2]
        return f"{name} called {self.call}, and the kernel denied it"


def is_harmless(call: str, args: tuple[int, ...]) -> bool:
    """Whether a call is denied and yet no way out: a program that lets its own parent look at it."""
    return call == "ptrace" and args[0] & 0xFFFF_FFFF == _TRACEME


def words_of(call: str, args: tuple[int, ...], memory: Memory | None) -> tuple[str | None, ...]:
    """Write down the arguments: texts as they stand in memory (None: not to be had), numbers in hexadecimal."""
    shapes = zip(_SHAPES[call], args, strict=False)
    return tuple(
        (None if memory is None else memory.text(value, TEXT)) if shape == "t" else f"{value:#x}"
        for shape, value in shapes
    )


class DeniedCalls:
    """Counts until it is asked; for use from several threads, within bounds whatever a box does."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[str, str | None, str], Denied] = {}
        self._last: dict[tuple[int, str], Denied] = {}
        self._lock = threading.Lock()

    def again(self, pid: int, call: str) -> bool:
        """Count a call of a process that has made many of them, without a look; False if it has not."""
        with self._lock:
            known = self._last.get((pid, call))
            if known is None or known.count < MANY:
                return False
            known.count += 1
            return True

    def add(self, denied: Denied) -> None:
        """Count a call."""
        with self._lock:
            kind = denied.call, denied.caller.program, denied.technique
            if kind not in self._kinds and len(self._kinds) >= KINDS:
                denied = Denied(denied.call, (), denied.pid, NOBODY, denied.count)
                kind = denied.call, None, denied.technique
            known = self._kinds.get(kind)
            if known is None:
                known = self._kinds[kind] = denied
            else:
                known.count += denied.count
            self._last[denied.pid, denied.call] = known

    def take(self) -> list[Denied]:
        """What there is, in its order; nothing is left."""
        with self._lock:
            found = list(self._kinds.values())
            self._kinds.clear()
            self._last.clear()
        return found
