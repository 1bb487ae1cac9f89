"""A process that does nothing: it holds a string in its environment until the house hangs up on it.

Started as ``python -I -S decoy_process.py ROOT UID...``; ``-`` for ROOT and no UID change nothing. As root it
sees one folder of the host, and it may make no call but read and write: whoever gets hold of it has got hold
of nothing.
"""

import ctypes
import os
import sys

SET_DUMPABLE = 4
SET_SECCOMP = 22
SET_NO_NEW_PRIVS = 38
STRICT = 1


def hold(uid: int | None) -> None:
    """Become a user, give up everything, and wait for the end."""
    libc = ctypes.CDLL(None)
    if uid is not None:
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
        # Without this the environment of a process that changed its user is root's alone.
        libc.prctl(SET_DUMPABLE, 1, 0, 0, 0)
    libc.prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    os.write(1, b".")
    libc.prctl(SET_SECCOMP, STRICT, 0, 0, 0)
    os.read(0, 1)  # what comes behind is a call that ends it


def main() -> None:
    """Be one process for each user."""
    root, *users = sys.argv[1:]
    if root != "-":
        os.chroot(root)
        os.chdir("/")
    for user in users[1:]:
        if os.fork() == 0:
            hold(int(user))
    hold(int(users[0]) if users else None)


main()
