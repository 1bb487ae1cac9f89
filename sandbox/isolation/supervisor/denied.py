"""Calls that were denied, told as few: each call of each program once, and how often it was made."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final

from sandbox.isolation.supervisor.caller import NOBODY, Caller, is_child
from sandbox.isolation.supervisor.memory import Memory
from sandbox.isolation.syscalls import WATCHED

__all__ = ["Denied", "DeniedCalls", "is_harmless", "ordinary", "target_of", "words_of"]

KINDS: Final = 64
"""Pairs of a call and a program that are told apart until they are told."""
CALLERS: Final = 1024
"""Processes and their calls that are remembered; whoever forks for each call is looked at each time."""
KNOWN: Final = 256
"""Processes that others debug which are remembered; of more each call is looked at."""
MANY: Final = 16
"""Calls of a process after which the next of the same name are counted and no longer looked at."""
TEXT: Final = 256
"""Bytes of a text that is an argument."""
_TRACEME: Final = 0
_CHARACTERS: Final = 0o020000
_EVERYWHERE: Final = frozenset({*(1 << 8 | minor for minor in (3, 5, 7, 8, 9)), 5 << 8, 5 << 8 | 2})
"""null, zero, full, random, urandom, tty and ptmx (Linux, Documentation/admin-guide/devices.txt): whoever copies or
unpacks a root folder makes them anew, and every box has them."""

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
_ORDINARY: Final = {"debugging": " on a process of its own", "io-uring": ""}
_TRACING: Final = frozenset({"bpf", "debugfs", "tracefs"})


@dataclass(slots=True)
class Denied:
    """A call that was denied ``count`` times; the rest is of the first time."""

    call: str
    args: tuple[str | None, ...]
    pid: int
    caller: Caller
    count: int = 1
    ordinary: str = ""
    """What programs do for which this call is made in any place, without a thought of a way out; else empty."""

    @property
    def level(self) -> str:
        """The rung that it proves."""
        return "recon" if self.ordinary else "denied"

    @property
    def technique(self) -> str:
        """The way out that it belongs to, as ``sandbox.detect.escape`` calls it."""
        if self.ordinary:
            return self.ordinary
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
        whom = _ORDINARY.get(self.ordinary, "")
        return f"{name} called {self.call}{whom}, and the kernel denied it"


def is_harmless(call: str, args: tuple[int, ...]) -> bool:
    """Whether a call is denied and yet no way out.

    A program that lets its own parent look at it, or one that makes a device which every box has.
    """
    match call:
        case "ptrace":
            return args[0] & 0xFFFF_FFFF == _TRACEME
        case "mknod" | "mknodat":
            mode, device = (args[1], args[2]) if call == "mknod" else (args[2], args[3])
            return mode & 0o170000 == _CHARACTERS and device & 0xFFFF_FFFF in _EVERYWHERE
        case _:
            return False


def target_of(call: str, args: tuple[int, ...]) -> int:
    """The process that a call is about, as the box numbers it: 0 for its own, -1 for all or none."""
    match call:
        case "ptrace" | "perf_event_open":
            return _signed(args[1])
        case "process_vm_readv" | "process_vm_writev":
            return _signed(args[0])
        case _:
            return -1


def ordinary(call: str, args: tuple[int, ...], pid: int) -> str:
    """What a call of process ``pid`` is for, if it can be for no way out; empty if it may be.

    A debugger or profiler that looks at what it has started itself, or a runtime that tries the faster queue.
    """
    if call == "io_uring_setup":
        return "io-uring"
    target = target_of(call, args)
    if call == "perf_event_open" and target == 0:
        return "debugging"
    return "debugging" if target > 1 and is_child(target, pid) else ""


def _signed(value: int) -> int:
    value &= 0xFFFF_FFFF
    return value - (1 << 32) if value >> 31 else value


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
        self._known: dict[tuple[int, str, int], Denied] = {}
        """Ordinary ones, by the process that they were about."""
        self._lock = threading.Lock()

    def again(self, pid: int, call: str, target: int = -1) -> bool:
        """Count a call of a process that has made many of them, without a look; False if it has not."""
        with self._lock:
            if (same := self._known.get((pid, call, target))) is not None:
                same.count += 1
                return True
            known = self._last.get((pid, call))
            if known is None or known.count < MANY:
                return False
            known.count += 1
            return True

    def add(self, denied: Denied, target: int = -1) -> None:
        """Count a call about the process ``target``."""
        with self._lock:
            kind = denied.call, denied.caller.program, denied.technique
            if kind not in self._kinds and len(self._kinds) >= KINDS:
                denied = Denied(denied.call, (), denied.pid, NOBODY, denied.count, denied.ordinary)
                kind = denied.call, None, denied.technique
            known = self._kinds.get(kind)
            if known is None:
                known = self._kinds[kind] = denied
            else:
                known.count += denied.count
            if not denied.ordinary:
                self._last[denied.pid, denied.call] = known
                if len(self._last) > CALLERS:
                    del self._last[next(iter(self._last))]
            elif len(self._known) < KNOWN:
                self._known[denied.pid, denied.call, target] = known

    def take(self) -> list[Denied]:
        """What there is, in its order; nothing is left."""
        with self._lock:
            found = list(self._kinds.values())
            self._kinds.clear()
            self._last.clear()
            self._known.clear()
        return found
