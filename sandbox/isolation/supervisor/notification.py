"""What the kernel asks a supervisor, and how it is answered: linux/seccomp.h, as values.

Reading a process while its call waits is sound only if the question still stands afterwards (``stands``):
the process may have been killed, and its number given to another.
"""

from __future__ import annotations

import errno
import fcntl
import struct
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

__all__ = ["Notification", "allow", "deny", "prefer_one_processor", "receive", "stands", "unpack"]

_QUESTION: Final = struct.Struct("=QIIiIQ6Q")
_ANSWER: Final = struct.Struct("=QqiI")
_CONTINUE: Final = 1
_RECEIVE: Final = 0xC050_2100
_SEND: Final = 0xC018_2101
_IS_VALID: Final = 0x8008_2102
"""With the direction that Linux had wrong until 5.8; it takes it still."""
_SET_FLAGS: Final = 0x4008_2104
_WAKE_HERE: Final = 1
_GONE: Final = frozenset({errno.ENOENT, errno.EINTR})


@dataclass(frozen=True, slots=True)
class Notification:
    """A call that waits for an answer. ``pid`` is the thread's, 0 if it cannot be seen from here."""

    id: int
    pid: int
    number: int
    args: tuple[int, ...]


def prefer_one_processor(listener: int) -> None:
    """Let whoever is answered go on where the answer was given: half the wait, since Linux 6.6; else nothing."""
    with suppress(OSError):
        fcntl.ioctl(listener, _SET_FLAGS, _WAKE_HERE)


def unpack(data: bytes | bytearray) -> Notification:
    """Read a ``struct seccomp_notif``. Raises struct.error for another size."""
    ident, pid, _, number, _, _, *args = _QUESTION.unpack(data)
    return Notification(ident, pid, number, tuple(args))


def receive(listener: int) -> Notification | None:
    """Take the next question; None if whoever called has ended meanwhile. Blocks unless one waits.

    Raises OSError for a descriptor by which no filter asks.
    """
    data = bytearray(_QUESTION.size)
    try:
        fcntl.ioctl(listener, _RECEIVE, data)
    except OSError as error:
        if error.errno in _GONE:
            return None
        raise
    return unpack(data)


def stands(listener: int, notification: Notification) -> bool:
    """Whether the call still waits, so that what was read of its process is of no other."""
    try:
        fcntl.ioctl(listener, _IS_VALID, struct.pack("=Q", notification.id))
    except OSError:
        return False
    return True


def deny(listener: int, notification: Notification) -> None:
    """Let the call fail with EPERM."""
    _answer(listener, _ANSWER.pack(notification.id, 0, -errno.EPERM, 0))


def allow(listener: int, notification: Notification) -> None:
    """Let the kernel do what was asked: only for calls on which nothing depends here."""
    _answer(listener, _ANSWER.pack(notification.id, 0, 0, _CONTINUE))


def _answer(listener: int, answer: bytes) -> None:
    try:
        fcntl.ioctl(listener, _SEND, answer)
    except OSError as error:
        if error.errno not in _GONE:
            raise
