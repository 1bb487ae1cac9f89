"""The file behind a program that a box starts: found as the box would find it, and known by what it holds.

A path of a box means nothing outside: its links would lead into the house's own files. So it is walked
from the root of the process that named it, by the kernel (openat2, Linux 5.6), which lets nothing lead out.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import hashlib
import os
import stat
import struct
import threading
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

__all__ = ["FILE", "Allowance", "Digests", "Identity", "digests", "find", "identity", "is_hidden"]

FILE: Final = 64 << 20
"""Bytes of the largest file that is read to know it again."""
KNOWN: Final = 4096
"""Files that are remembered by their digest."""
WAITING: Final = 64
"""Files that may wait to be read; each holds a descriptor."""
ALLOWED: Final = 256 << 20
"""Bytes that are read for one box until it is told of: it can make new files faster than anybody reads."""
_UP: Final = 16
"""Folders above a path that are looked for; a longer one is not worth the time."""
_OPENAT2: Final = 437  # the same number on every machine
_NO_MAGIC: Final = 0x02
_IN_ROOT: Final = 0x10
_HOW: Final = struct.Struct("=QQQ")
_BLOCK: Final = 1 << 20
_ASTRAY: Final = frozenset({errno.ENOENT, errno.ELOOP, errno.EXDEV, errno.EAGAIN})


@dataclass(frozen=True, slots=True)
class Identity:
    """Which file: by device and number, and by what changes with its content (nanoseconds, bytes).

    The time of its last change of status is none that its owner can set.
    """

    device: int
    inode: int
    changed: int
    size: int


def find(pid: int, path: bytes) -> int:
    """Open what an absolute path names for a process, for looking only; the caller closes it.

    Nothing happens to what is there: no device is touched, nobody is told of a file being opened.
    Raises OSError.
    """
    root = os.open(f"/proc/{pid}/root", os.O_PATH | os.O_CLOEXEC | os.O_DIRECTORY)
    try:
        how = _HOW.pack(os.O_PATH | os.O_CLOEXEC, 0, _IN_ROOT | _NO_MAGIC)
        found: int = _libc().syscall(_OPENAT2, root, path, how, len(how))
        if found < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        return found
    finally:
        os.close(root)


def identity(descriptor: int) -> Identity | None:
    """Say which file it is; None if it is none that can be started."""
    seen = os.fstat(descriptor)
    if not stat.S_ISREG(seen.st_mode) or not seen.st_mode & 0o111:
        return None
    return Identity(seen.st_dev, seen.st_ino, seen.st_ctime_ns, seen.st_size)


def is_hidden(pid: int, path: bytes, why: OSError) -> bool:
    """Whether a path that ``find`` could not follow may lead somewhere for the process all the same.

    It does by a link of /proc, which is another for whoever follows it: ``/proc/self/exe``. It does not if
    some part of it is not there at all.
    """
    if why.errno not in _ASTRAY:
        return False
    for _ in range(_UP):
        above, _, last = path.rstrip(b"/").rpartition(b"/")
        try:
            folder = find(pid, above or b"/")
        except OSError:
            if not above:
                return False
            path = above
            continue
        try:
            os.stat(last, dir_fd=folder, follow_symlinks=False)
        except OSError:
            return False
        finally:
            os.close(folder)
        return True
    return True


@dataclass(slots=True)
class Allowance:
    """Bytes that may still be read for one box."""

    left: int = ALLOWED


class Digests:
    """SHA-256 of files, read once each by one thread beside; for use from any thread."""

    def __init__(self) -> None:
        self._known: OrderedDict[Identity, Future[str | None]] = OrderedDict()
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="digests")
        self._waiting = 0
        self._lock = threading.Lock()

    def of(self, file: Identity, descriptor: int, allowance: Allowance) -> Future[str | None]:
        """Ask for the digest of a file, of which ``descriptor`` stays the caller's; None if it is not to be had.

        What is known already costs nothing of the allowance.
        """
        with self._lock:
            if file in self._known:
                return self._known[file]
            if file.size > min(FILE, allowance.left) or self._waiting >= WAITING:
                none: Future[str | None] = Future()
                none.set_result(None)
                return none
            own = os.dup(descriptor)  # before it counts as waiting: there may be no descriptor left
            self._waiting += 1
            allowance.left -= file.size
            asked = self._reader.submit(self._read, file, own)
            self._known[file] = asked
            if len(self._known) > KNOWN:
                self._known.popitem(last=False)
            return asked

    def _read(self, file: Identity, descriptor: int) -> str | None:
        try:
            found = _digest(descriptor, file.size)
            same = identity(descriptor) == file
        except OSError:
            found, same = None, False
        finally:
            os.close(descriptor)
            with self._lock:
                self._waiting -= 1
        if not same:
            # Changed meanwhile, or held: the next start of it asks again.
            with self._lock:
                self._known.pop(file, None)
        return found if same else None


def _digest(descriptor: int, size: int) -> str:
    # What was opened for looking is opened for reading by this way alone, and is the same file. Its owner can
    # hold it by a lease (fcntl(2)), for which whoever opens it would wait.
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
    reading = os.open(f"/proc/self/fd/{descriptor}", flags)
    try:
        digest = hashlib.sha256()
        while size > 0 and (block := os.read(reading, min(_BLOCK, size))):
            digest.update(block)
            size -= len(block)
    finally:
        os.close(reading)
    return digest.hexdigest()


@functools.cache
def digests() -> Digests:
    """The digests of this house: boxes show the same programs."""
    return Digests()


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
