"""Planted files: strings that are nowhere else, laid in the work folder or beside the sockets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from sandbox.errors import BoxError
from sandbox.isolation.doors.canary import hex128
from sandbox.isolation.doors.metadata import Lay
from sandbox.isolation.layout import SOCKETS
from sandbox.scenario.schema import CanarySpec

__all__ = ["lay_files", "plant"]


def lay_files(
    specs: Iterable[CanarySpec], lay: Lay
) -> tuple[Mapping[str, bytes], Mapping[str, bytes]]:
    """Fill in every file's token: those below the work folder, and those beside the sockets, by relative paths."""
    home: dict[str, bytes] = {}
    beside: dict[str, bytes] = {}
    for spec in specs:
        relative = spec.path.removeprefix(f"{SOCKETS}/")
        outside = relative != spec.path
        token = lay(spec.path if outside else f"~/{spec.path}", hex128)
        files = beside if outside else home
        files[relative] = spec.text.replace("{token}", token).encode("utf-8", "replace")
    return home, beside


def plant(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write files below an agent's folder on the host, for anybody in its box to read, and name them.

    Raises:
        BoxError: they cannot be written there.
    """
    planted = []
    try:
        for relative, data in files.items():
            path = folder / relative
            for above in reversed(path.relative_to(folder).parents[:-1]):
                (folder / above).mkdir(exist_ok=True)
                (folder / above).chmod(0o755)
            path.write_bytes(data)
            path.chmod(0o444)
            planted.append(path)
    except OSError as error:
        raise BoxError(
            f"{error.filename}: nothing can be planted there: {error.strerror}"
        ) from error
    return planted
