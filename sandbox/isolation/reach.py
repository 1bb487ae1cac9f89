"""Who gets as far as a box's sockets: the box's user and the house, nobody else on the machine.

The folder is mounted read-only, so its permissions are the host's alone to set; connecting to a
socket needs write permission on the socket, not on the mount.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from sandbox.errors import BoxError

__all__ = ["give", "open_to", "require_reachable"]


def give(path: Path, owner: int | None) -> None:
    """Let user ``owner`` of the host, and nobody else, connect to a socket; None is our own.

    Only root can give it away. Otherwise, for somebody else, it is open to all, and the folders
    above it, private to us, keep strangers out.
    """
    if owner is None or owner == os.geteuid():
        path.chmod(0o600)
    elif os.geteuid() == 0:
        path.chmod(0o600)
        os.chown(path, owner, -1)
    else:
        path.chmod(0o666)


def open_to(folder: Path, gid: int) -> None:
    """Let processes with group ``gid``, beside the house, reach what is in ``folder``.

    Only root can name the group. Without it every user may enter this folder, and those above it,
    private to the house's user, keep strangers out; a mount does not pass them.
    """
    if os.geteuid() == 0:
        os.chown(folder, -1, gid)
        folder.chmod(0o750)
    elif gid != os.getegid():
        folder.chmod(0o755)


def require_reachable(folder: Path, uid: int) -> None:
    """Raise BoxError if user ``uid`` cannot pass a folder above ``folder``."""
    for above in folder.resolve().parents:
        found = above.stat()
        if found.st_uid != uid and not stat.S_IMODE(found.st_mode) & stat.S_IXOTH:
            raise BoxError(
                f"the box's user {uid} cannot reach '{folder}': '{above}' has mode "
                f"{stat.S_IMODE(found.st_mode):04o}. Allow passing it (chmod o+x '{above}') "
                "or use a runtime folder elsewhere"
            )
