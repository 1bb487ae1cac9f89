"""A base image made of Debian's packages, for machines that can pull none: a tar in the user's cache."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from sandbox.errors import GuestBuildError
from sandbox.isolation.base_image import PACKAGES
from sandbox.isolation.box import ImageKind
from sandbox.isolation.image_build import Progress

__all__ = ["SPACE", "SUITE", "TEMPORARY", "make_tar", "tar_cache", "tar_path"]

SUITE: Final = "bookworm"
SPACE: Final = {"plain": 1 << 30, "tools": 2 << 30}
"""Bytes: the tar, and twice as much while it is made; measured 0.2 and 0.5 GB."""
TEMPORARY: Final = "backrooms-base-"
"""Names of the folders in which a base is made, in the system's temporary folder."""
SECONDS: Final = 30.0
_LEFT_OUT: Final = tuple(f"/usr/share/{name}/*" for name in ("info", "locale", "man"))
_STRANGERS: Final = 'rm -f "$1"/etc/hostname "$1"/etc/resolv.conf'
"""It copies these from the machine that it runs on."""


def tar_cache() -> Path:
    """The user's own cache; what a box's user must reach is elsewhere (``guest.cache_folder``)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "backrooms"


def tar_path(kind: ImageKind, cache: Path | None = None) -> Path:
    """Where the tar of this kind is, or will be: named by what it is made of."""
    recipe = " ".join((SUITE, *PACKAGES[kind], *_LEFT_OUT, _STRANGERS))
    name = hashlib.sha256(recipe.encode()).hexdigest()[:8]
    return (cache or tar_cache()) / f"base-{SUITE}-{name}.tar"


def make_tar(kind: ImageKind, progress: Progress, cache: Path | None = None) -> Path:
    """Make the tar, or find it; blocks, a minute or two. It appears under its name only when it is whole.

    Raises GuestBuildError.
    """
    tar = tar_path(kind, cache)
    try:
        tar.parent.mkdir(parents=True, exist_ok=True)
        with _alone(tar.with_suffix(".lock"), progress):
            if tar.is_file():
                progress(f"{tar} is there")
            else:
                _bootstrap(kind, tar, progress)
    except OSError as error:
        raise GuestBuildError(f"the base image cannot be made at '{tar}': {error}") from error
    return tar


@contextmanager
def _alone(lock: Path, progress: Progress) -> Iterator[None]:
    """One maker at a time; its death frees the lock."""
    with lock.open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("another process is making this base: waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _bootstrap(kind: ImageKind, tar: Path, progress: Progress) -> None:
    program = shutil.which("mmdebstrap")
    if program is None:
        raise GuestBuildError(
            "a base image is made by the program 'mmdebstrap', which is not here. "
            "Install it (apt-get install mmdebstrap), or name an image that is at hand: --base IMAGE"
        )
    for place in (tar.parent, Path(tempfile.gettempdir())):
        _require_space(place, SPACE[kind])
    progress(f"making {tar} of Debian's packages (about a minute)")
    part = tar.with_suffix(".part")
    work = Path(tempfile.mkdtemp(prefix=TEMPORARY))
    work.chmod(0o755)  # another user makes it where this one is not root
    command = [
        *(program, "--variant=minbase", "--format=tar", f"--include={','.join(PACKAGES[kind])}"),
        # The root needs no namespaces; others can do without root.
        f"--mode={'root' if os.geteuid() == 0 else 'unshare'}",
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in _LEFT_OUT),
        *(f"--customize-hook={_STRANGERS}", SUITE, str(part)),
    ]
    try:
        _run(command, work, progress)
        part.replace(tar)
    finally:
        part.unlink(missing_ok=True)
        shutil.rmtree(work, ignore_errors=True)


def _run(command: list[str], work: Path, progress: Progress) -> None:
    """Run it to its end, or end it; it removes what it made of both."""
    with subprocess.Popen(
        command,
        env={**os.environ, "TMPDIR": str(work), "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,  # a Ctrl+C is for us, who end it in order
        errors="replace",
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            last = _follow(process.stderr, progress)
            code = process.wait()
        except BaseException:
            process.terminate()
            try:
                process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
            raise
    if code != 0:
        hint = "" if os.geteuid() == 0 else ". Without root it needs the package 'uidmap'"
        raise GuestBuildError(
            f"mmdebstrap failed to make a base image: {last or f'exit code {code}'}{hint}"
        )


def _follow(lines: IO[str], progress: Progress) -> str:
    """Tell of each step; the last word of it that is none."""
    last = ""
    for line in lines:
        said = line.strip()
        if said.startswith("I: "):
            progress(said[3:])
        elif said:
            last = said[:500]
    return last


def _require_space(place: Path, wanted: int) -> None:
    free = shutil.disk_usage(place).free
    if free < wanted:
        raise GuestBuildError(
            f"a base image needs {wanted >> 20} MiB in '{place}', where {free >> 20} MiB are free. "
            "Free some (`backrooms clean` may help), or set TMPDIR and XDG_CACHE_HOME to a larger disk"
        )
