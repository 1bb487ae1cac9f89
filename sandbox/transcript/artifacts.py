"""What is too large for an event, or no text: kept beside the record under its own SHA-256."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final

from sandbox.errors import Damaged, TranscriptError
from sandbox.transcript.regular import open_regular
from sandbox.transcript.store import Durability

__all__ = ["ARTIFACTS", "Artifacts"]

ARTIFACTS: Final = "artifacts"
MOST: Final = 256 << 20
"""Bytes of the largest artifact that is read into memory."""
SYNCS: Final = 16
"""fsync at once: the disk takes those that wait together in one go, and 100 files take a tenth of the time."""
_NAME: Final = re.compile(r"[0-9a-f]{64}")


class Artifacts:
    """The artifacts of one run, ``<run>/artifacts/<first two digits>/<sha256>``, never changed once there.

    Calls block on the disk: an event loop makes them in a thread. Any number of threads and readers
    may call at once.
    """

    def __init__(self, run_folder: Path, durability: Durability = "power") -> None:
        self.path = run_folder / ARTIFACTS
        self.durability: Durability = durability
        self._kept: set[str] = set()
        """What this process knows to be as durable as it must be."""

    def put(self, data: bytes) -> str:
        """Keep one artifact and return its SHA-256. See ``put_all``."""
        return self.put_all([data])[0]

    def put_all(self, many: Sequence[bytes]) -> list[str]:
        """Keep artifacts, as durable as the record when this returns, and return their SHA-256.

        Raises:
            TranscriptError: the disk is full or failed.
        """
        names = [hashlib.sha256(data).hexdigest() for data in many]
        found = dict(zip(names, many, strict=True))
        new = [(name, data) for name, data in found.items() if name not in self._kept]
        try:
            if self.durability == "process":
                for name, data in new:
                    self._write(name, data)
            elif new:
                with ThreadPoolExecutor(SYNCS, thread_name_prefix="fsync") as pool:
                    folders = set(pool.map(lambda one: self._write(*one), new))
                    # The iterator raises what a thread has met.
                    list(pool.map(_sync_folder, {*folders, self.path, self.path.parent}))
        except OSError as error:
            raise TranscriptError(
                f"cannot keep an artifact in {self.path}: {error.strerror}. Free some disk space"
            ) from error
        self._kept.update(found)
        return names

    def get(self, sha256: str, *, limit: int = MOST) -> bytes:
        """Read one artifact.

        Raises:
            Damaged: it is missing, larger than ``limit`` bytes, or not what was kept.
        """
        path = self._place(sha256)
        try:
            with os.fdopen(open_regular(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
                data = file.read(limit + 1)
        except FileNotFoundError:
            raise Damaged(f"the artifact {path} is missing") from None
        except OSError as error:
            raise Damaged(f"the artifact {path} cannot be read: {error.strerror}") from error
        if len(data) > limit:
            raise Damaged(f"the artifact {path} holds more than {limit} bytes")
        if hashlib.sha256(data).hexdigest() != sha256:
            raise Damaged(f"the artifact {path} is not what was kept: its SHA-256 is another")
        return data

    def has(self, sha256: str) -> bool:
        """Whether there is a file of this name; ``get`` finds out whether it is sound."""
        return self._place(sha256).is_file()

    def __iter__(self) -> Iterator[str]:
        """The names of all artifacts, sorted."""
        for folder in sorted(self.path.glob("[0-9a-f][0-9a-f]")):
            yield from sorted(p.name for p in folder.iterdir() if _NAME.fullmatch(p.name))

    def _place(self, sha256: str) -> Path:
        if not _NAME.fullmatch(sha256):
            raise Damaged(f"{sha256!r:.80} is no name of an artifact: 64 hex digits are")
        return self.path / sha256[:2] / sha256

    def _write(self, name: str, data: bytes) -> Path:
        """Write under another name first: under its own it is whole, whoever looks and whatever dies."""
        path = self._place(name)
        if path.is_file() and path.stat().st_size == len(data):
            return path.parent  # an earlier engine's: its name may not have reached the disk
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, new = tempfile.mkstemp(prefix=".", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fchmod(descriptor, 0o400)
                if self.durability == "power":
                    os.fsync(descriptor)
            Path(new).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(new).unlink()
            raise
        return path.parent


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
