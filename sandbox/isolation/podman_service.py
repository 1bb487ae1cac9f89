"""Podman has no daemon: where its socket is, and a service of our own where nobody offers one."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Final

from sandbox.errors import TierUnavailable

__all__ = ["IDLE", "address"]

IDLE: Final = 30
"""Seconds without a link after which a service of ours ends: nobody has to end it, whoever is killed."""
SECONDS: Final = 10.0
_STARTING: Final = threading.Lock()


def address() -> str:
    """The address of a service that answers: the system's or the user's own, else one started now; blocks.

    Raises TierUnavailable.
    """
    for path in _offered():
        if _answers(path):
            return f"unix://{path}"
    with _STARTING:
        path = _folder() / "podman.sock"
        if not _answers(path):
            _start(path)
        return f"unix://{path}"


def _offered() -> list[Path]:
    if os.geteuid() == 0:
        return [Path("/run/podman/podman.sock")]
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return [Path(runtime) / "podman" / "podman.sock"] if runtime else []


def _folder() -> Path:
    """Where our own service's socket is: for this user alone, since the socket is as good as root."""
    base = Path("/run") if os.geteuid() == 0 else Path(os.environ.get("XDG_RUNTIME_DIR") or "")
    if not base.is_absolute() or not base.is_dir():
        base = Path(tempfile.gettempdir())
    folder = base / f"backrooms-podman-{os.geteuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.geteuid() or found.st_mode & 0o077 or folder.is_symlink():
        raise _missing(f"others can reach '{folder}'", "Remove that folder.")
    return folder


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(SECONDS)
        try:
            link.connect(str(path))
        except OSError:
            return False
    return True


def _start(path: Path) -> None:
    program = shutil.which("podman")
    if program is None:
        raise _missing("there is no program 'podman'", "Install it: apt-get install podman.")
    path.unlink(missing_ok=True)
    with (path.parent / "podman.log").open("wb") as log:
        service = subprocess.Popen(
            [program, "system", "service", f"--time={IDLE}", f"unix://{path}"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=path.parent,  # where conmon leaves a file `oom` when a box runs out of memory
            start_new_session=True,  # a Ctrl+C is for the run: its boxes are still to be removed
        )
    deadline = time.monotonic() + SECONDS
    while not _answers(path):
        if service.poll() is not None or time.monotonic() > deadline:
            service.kill()
            service.wait()
            said = (path.parent / "podman.log").read_text(errors="replace").strip().splitlines()
            why = said[-1][:300] if said else "it says nothing"
            raise _missing(f"'podman system service' does not come up: {why}", "Try it in a shell.")
        time.sleep(0.02)
    # It ends by itself; somebody must take note of it, or it stays as a zombie of ours.
    threading.Thread(target=service.wait, name="podman.service", daemon=True).start()


def _missing(why: str, remedy: str) -> TierUnavailable:
    return TierUnavailable("podman", why, remedy)
