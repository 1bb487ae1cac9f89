"""What goes into a box, built of its own: the package ``agents``, and an interpreter where none is at hand."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import agents
from sandbox.errors import GuestBuildError
from sandbox.isolation import interpreter
from sandbox.isolation.layout import OPT

__all__ = ["Guest", "cache_folder", "digest", "guest", "guest_folder", "source_files"]

LAYOUT: Final = b"1"
"""Changes with what ``_build`` makes of the same files."""
_BUILDING: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class Guest:
    """A finished guest: ``folder`` mirrors the box's root, ``python`` is a path inside."""

    folder: Path
    python: str

    @property
    def has_python(self) -> bool:
        """Whether the interpreter is the guest's own copy, below ``folder``."""
        return self.python.startswith("/opt/")


def cache_folder() -> Path:
    """The folder of what is built once: the machine's for root, whose boxes run as other users."""
    if os.geteuid() == 0:
        return Path("/var/cache/backrooms")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "backrooms"


@cache
def source_files() -> dict[str, bytes]:
    """Every file of the guest by its path below the box's root; programs are those below ``bin``."""
    package = Path(agents.__file__).parent
    files = {}
    for path in sorted(package.rglob("*")):
        place = path.relative_to(package)
        if path.is_file() and "__pycache__" not in place.parts:
            inside = Path(OPT, place) if place.parts[0] == "bin" else Path(OPT, "agents", place)
            files[str(inside.relative_to("/"))] = path.read_bytes()
    return files


def digest(*more: bytes) -> str:
    """Name the guest's content, and what else goes into its build, by 16 hexadecimal digits."""
    sha = hashlib.sha256()
    for part in (
        *(p for name, data in source_files().items() for p in (name.encode(), data)),
        *more,
    ):
        sha.update(len(part).to_bytes(8, "big") + part)
    return sha.hexdigest()[:16]


def guest_folder(cache_at: Path | None = None) -> Path:
    """Where the guest for this machine is, or will be."""
    used = interpreter.installed() or f"{sys.base_prefix} {sys.version}"
    return (cache_at or cache_folder()) / f"guest-{digest(LAYOUT, used.encode())}"


def guest(cache_at: Path | None = None) -> Guest:
    """Build the guest for a box on this machine, or find it in the cache.

    Takes a second where the interpreter must be copied, else milliseconds. Raises GuestBuildError.
    """
    folder = guest_folder(cache_at)
    done = Guest(folder, interpreter.installed() or "/opt/python/bin/python3")
    with _BUILDING:
        if not folder.is_dir():
            try:
                _build(done)
            except (OSError, subprocess.SubprocessError, shutil.Error) as error:
                raise GuestBuildError(
                    f"what goes into a box cannot be built at '{folder}': {error}. "
                    "Make that folder writable, with about 60 MB free"
                ) from error
    return done


def _build(wanted: Guest) -> None:
    """Build beside the final place, then move there in one step: nobody sees half a guest."""
    wanted.folder.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix="guest-", suffix=".part", dir=wanted.folder.parent))
    try:
        for name, data in source_files().items():
            path = draft / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        if wanted.has_python:
            interpreter.copy(draft / "opt/python")
        # `bus` asks PATH for python3, and the machine's own may be too old.
        (draft / OPT.lstrip("/") / "bin/python3").symlink_to(wanted.python)
        _compile(draft, wanted.python)
        _let_everybody_read(draft)
        draft.rename(wanted.folder)
    except FileExistsError:
        return  # another process was faster; what it built is the same
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _compile(draft: Path, python: str) -> None:
    """Compile the package with the interpreter that will run it: a box is read-only and could not."""
    program = draft / python.lstrip("/") if python.startswith("/opt/") else Path(python)
    compiling: list[str | Path] = [
        program,
        "-I",
        "-S",
        "-m",
        "compileall",
        "-q",
        "--invalidation-mode",
        "unchecked-hash",
    ]
    places: list[str | Path] = ["-s", draft, "-p", "/", draft / OPT.lstrip("/") / "agents"]
    subprocess.run([*compiling, *places], check=True, capture_output=True, timeout=120)


def _let_everybody_read(draft: Path) -> None:
    """Whatever the umask: the box's user is not the one that built this."""
    for path in (draft, *draft.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.parent.name == "bin" or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)
