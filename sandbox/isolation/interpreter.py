"""The Python that runs inside a box: the system's own, or a small copy of the one that runs the house."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Final

__all__ = ["LEAST", "copy", "installed"]

LEAST: Final = (3, 11)
NEEDED: Final = ("compileall", "resource", "selectors", "socket", "tarfile")
"""Modules that Debian's python3-minimal may lack."""
_LEFT_OUT: Final = shutil.ignore_patterns(
    "site-packages", "test", "tests", "idlelib", "idle_test", "ensurepip", "tkinter", "turtledemo",
    "lib2to3", "config-*", "_tkinter*", "*.opt-?.pyc",
)  # fmt: skip


@cache
def installed(programs: Path = Path("/usr/bin")) -> str | None:
    """Find an interpreter of at least 3.11 that lives in /usr, which a box shows; None if there is none.

    One below /usr/local does not count: a box does not show what people install there.
    """
    named = [
        path for path in programs.glob("python3*") if re.fullmatch(r"python3(\.\d+)?", path.name)
    ]
    for path in sorted(named, key=lambda path: (path.name != "python3", -_minor(path.name))):
        real = path.resolve()
        if real.parent == programs and _fits(real):
            return str(real)
    return None


def copy(into: Path) -> None:
    """Copy this process's interpreter and standard library, without tests and site-packages, below ``into``.

    Raises OSError.
    """
    base = Path(sys.base_prefix)
    library = Path("lib", f"python{sys.version_info.major}.{sys.version_info.minor}")
    (into / "bin").mkdir(parents=True)
    shutil.copytree(base / library, into / library, ignore=_LEFT_OUT)
    for shared in (base / "lib").glob("libpython3*.so*"):
        shutil.copy2(shared, into / "lib" / shared.name)
    program = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    shutil.copy2(program, into / "bin" / "python3")


def _minor(name: str) -> int:
    return int(name.rpartition(".")[2]) if "." in name else 0


def _fits(program: Path) -> bool:
    ask = (
        "import sys; from importlib.util import find_spec; "
        f"print(sys.version_info[:2] >= {LEAST} and all(map(find_spec, {NEEDED})), sys.base_prefix)"
    )
    try:
        done = subprocess.run(
            [program, "-I", "-S", "-c", ask],
            capture_output=True,
            check=False,
            text=True,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.stdout.split() == ["True", "/usr"]
