"""Keeps programs from being started anywhere but in given folders, by Landlock, from now on and for all that follows.

For boxes whose writable places cannot be mounted ``noexec``. Source: Documentation/userspace-api/landlock.rst
of Linux; it is there since 5.13, where the kernel was told to use it.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable
from typing import Final

__all__ = ["start_only_from"]

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same numbers on every machine
_EXECUTE: Final = 1
_PATH_BENEATH: Final = 1


def start_only_from(folders: Iterable[str]) -> None:
    """Allow this thread, and what it starts, to execute only what lies below ``folders``; missing ones are skipped.

    It asks for ``no_new_privs``, which every sealed box has. Raises OSError if the kernel has no Landlock.
    """
    import ctypes  # 6 ms, which only boxes pay that ask for this

    libc = ctypes.CDLL(None, use_errno=True)

    def call(number: int, *arguments: object) -> int:
        done: int = libc.syscall(number, *arguments)
        if done < 0:
            code = ctypes.get_errno()
            raise OSError(code, f"no Landlock to keep programs from starting: {os.strerror(code)}")
        return done

    handled = struct.pack("=Q", _EXECUTE)
    rules = call(_CREATE, handled, len(handled), 0)
    try:
        for folder in folders:
            try:
                place = os.open(folder, os.O_PATH | os.O_CLOEXEC)
            except FileNotFoundError:
                continue
            try:
                call(_ADD, rules, _PATH_BENEATH, struct.pack("=Qi", _EXECUTE, place), 0)
            finally:
                os.close(place)
        call(_RESTRICT, rules, 0)
    finally:
        os.close(rules)
