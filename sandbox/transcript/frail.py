"""A disk that loses its power at a chosen moment, and with it what it was not told to keep."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sandbox.transcript.disk import SystemDisk

__all__ = ["FrailDisk", "PowerLost"]


_T = TypeVar("_T")


class PowerLost(OSError):
    """The machine is off: no call comes back from here on."""


class FrailDisk:
    """The double of the disk: all that is below ``root`` now is kept, and what is synced later.

    Args:
        root: the folder whose files are watched.
        lasts: calls until the power goes, for ever if None. ``calls`` counts them.
        late: the last call has its effect and does not come back, or it has none.
    """

    def __init__(self, root: Path, lasts: int | None = None, *, late: bool = False) -> None:
        self.calls = 0
        self._root = root
        self._lasts = lasts
        self._late = late
        self._disk = SystemDisk()
        self._names = set(root.rglob("*"))
        self._sizes = {
            path.stat().st_ino: path.stat().st_size for path in self._names if path.is_file()
        }

    def write(self, fd: int, block: bytes) -> int:
        return self._do(lambda: self._disk.write(fd, block))

    def sync(self, fd: int) -> None:
        def sync() -> None:
            about = os.fstat(fd)
            self._sizes[about.st_ino] = about.st_size

        self._do(sync)

    def sync_folder(self, folder: Path) -> None:
        self._do(lambda: self._names.update(folder.iterdir()))

    def after(self, target: Path, unsynced: Callable[[bytes], bytes]) -> None:
        """Lay down in ``target`` what is found when the power is back.

        Args:
            target: a folder that does not exist.
            unsynced: what has become of the bytes of a file that were not synced.
        """
        target.mkdir()
        for path in sorted(self._names):
            if not set(path.parents[: len(path.parts) - len(self._root.parts) - 1]) <= self._names:
                continue  # it was kept in a folder that has lost its own name
            place = target / path.relative_to(self._root)
            if path.is_dir():
                place.mkdir()
                continue
            data = path.read_bytes()
            kept = self._sizes.get(path.stat().st_ino, 0)
            place.write_bytes(data[:kept] + unsynced(data[kept:]))
            shutil.copymode(path, place)

    def _do(self, effect: Callable[[], _T]) -> _T:
        self.calls += 1
        over = self._lasts is not None and self.calls >= self._lasts
        if over and not (self._late and self.calls == self._lasts):
            raise PowerLost(5, "the power is gone")
        done = effect()
        if over:
            raise PowerLost(5, "the power is gone")
        return done
