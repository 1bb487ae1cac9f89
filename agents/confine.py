"""Takes a seccomp filter on, for this process and all that it starts; nothing takes it off again.

A container's engine brings a filter of its own, and the kernel asks both: what either denies is denied.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ctypes import CDLL

__all__ = ["confine", "confine_asking"]

_SET_SECCOMP: Final = 22
_MODE_FILTER: Final = 2
_SET_NO_NEW_PRIVS: Final = 38
_STEP: Final = 8
"""Bytes of one instruction (linux/filter.h)."""
_SECCOMP: Final = {"x86_64": 317, "aarch64": 277}
_SET_MODE_FILTER: Final = 1
_NEW_LISTENER: Final = 1 << 3
_WAIT_KILLABLE: Final = 1 << 5
"""Since Linux 5.19: while it is asked about, a call is not begun anew for each signal, and asked about twice."""


def confine(program: bytes) -> None:
    """Install a filter, a classic BPF program, on the calling thread: before any other is started.

    Raises OSError if the kernel refuses it.
    """
    libc, filter_ = _ready(program)
    if libc.prctl(_SET_SECCOMP, _MODE_FILTER, filter_, 0, 0) != 0:
        raise _refused()


def confine_asking(program: bytes) -> int:
    """Install a filter that asks about some calls; returns the descriptor by which they are answered.

    It is not inherited by a program that is started. Once all its copies are closed, such calls fail as if
    the kernel had none of them. Raises OSError if the kernel refuses: also if a filter asks already.
    """
    libc, filter_ = _ready(program)
    number = _SECCOMP[os.uname().machine]
    for flags in (_NEW_LISTENER | _WAIT_KILLABLE, _NEW_LISTENER):
        listener: int = libc.syscall(number, _SET_MODE_FILTER, flags, filter_)
        if listener >= 0:
            return listener
    raise _refused()


def _ready(program: bytes) -> tuple[CDLL, object]:
    import ctypes  # 2 to 6 ms, which only boxes pay whose filter is not there yet

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise _refused()
    return libc, ctypes.byref(Program(len(program) // _STEP, program))


def _refused() -> OSError:
    import ctypes

    code = ctypes.get_errno()
    return OSError(code, f"no seccomp filter: {os.strerror(code)}")
