"""An unprivileged user of its own for each box that root starts."""

from __future__ import annotations

import hashlib
import pwd
from pathlib import Path
from typing import Final

from sandbox.ids import RunId

__all__ = ["box_uid"]

WIDE: Final = range(1_879_048_192, 2_147_483_648)
"""Numbers that systemd's table of UIDs leaves unused by distributions and container managers."""
NARROW: Final = range(60_578, 61_184)
"""The same within the first 65,536, for a root that is itself in a container and has no more."""
PER_RUN: Final = 1024
"""Numbers of one run lie beside each other."""


def box_uid(run: RunId, index: int, *, mapped: int | None = None) -> int:
    """Pick the user of a run's box number ``index``: no real user, and the same one at every call.

    ``mapped`` is how many user numbers this process can use; by default the kernel is asked.
    """
    numbers = WIDE if (_mapped() if mapped is None else mapped) > WIDE.stop else NARROW
    start = int.from_bytes(hashlib.sha256(run.encode()).digest()[:8], "big") * PER_RUN + index
    for step in range(len(numbers)):
        uid = numbers[(start + step) % len(numbers)]
        if not _is_user(uid):
            return uid
    raise AssertionError("a machine has no users in numbers that are reserved")


def _is_user(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _mapped() -> int:
    """The end of the user numbers that this process's user namespace knows."""
    lines = Path("/proc/self/uid_map").read_text(encoding="ascii").splitlines()
    return max(first + count for first, _, count in (map(int, line.split()) for line in lines))
