"""The record on disk: ``events.jsonl``, appended to by one engine at a time."""

from __future__ import annotations

import os
from pathlib import Path

from sandbox.clock import Clock
from sandbox.errors import Damaged, TranscriptError
from sandbox.transcript.chain import Chain
from sandbox.transcript.codec import EVENTS_FILE, NO_HASH, decode
from sandbox.transcript.disk import Disk, SystemDisk
from sandbox.transcript.event import Event
from sandbox.transcript.lock import hold
from sandbox.transcript.store import Durability
from sandbox.transcript.syncer import Syncer
from sandbox.transcript.tail import tail

__all__ = ["FileStore"]


class FileStore:
    """Appends to ``<folder>/events.jsonl``, and goes on behind what is there.

    Raises:
        TranscriptError: another engine has the record open, or the file cannot be opened.
        Damaged: the record ends in a torn line (``cut_torn_tail`` takes it off) or in none of ours.
    """

    def __init__(
        self,
        folder: Path,
        run: str,
        clock: Clock,
        durability: Durability = "power",
        disk: Disk | None = None,
    ) -> None:
        self.path = folder / EVENTS_FILE
        self.durability: Durability = durability
        self._disk = SystemDisk() if disk is None else disk
        self._pending: list[bytes] = []
        self._written = 0
        self._synced = 0
        self._syncer = Syncer(lambda: self._disk.sync(self._fd))
        new = _missing(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            self._fd = os.open(self.path, flags, 0o600)
        except OSError as error:
            raise TranscriptError(f"cannot open {self.path}: {error.strerror}") from error
        self._open = True
        try:
            hold(self._fd, self.path)
            self._chain = _chain_behind(self._fd, self.path, run, clock)
            if durability == "power":
                self._sync_names(new or [folder])
        except BaseException:
            os.close(self._fd)
            raise

    @property
    def syncs(self) -> int:
        """How often the disk was waited for."""
        return self._syncer.syncs

    @property
    def sync_seconds(self) -> float:
        """How long."""
        return self._syncer.seconds

    @property
    def last_hash(self) -> str:
        return self._chain.last_hash

    def append(self, event: Event) -> bytes:
        line = self._chain.line(event)
        self._pending.append(line)
        return line

    def write(self) -> None:
        """Hand everything appended so far to the kernel, in one call.

        Raises:
            TranscriptError: the disk is full or failed. What was not written is kept for the next
                try.
        """
        if not self._pending:
            return
        block = b"".join(self._pending) if len(self._pending) > 1 else self._pending[0]
        self._pending.clear()
        done = 0
        try:
            while done < len(block):
                done += self._disk.write(self._fd, block[done:] if done else block)
        except OSError as error:
            self._pending.append(block[done:])
            raise TranscriptError(f"cannot write {self.path}: {error.strerror}") from error
        finally:
            self._written += done

    async def commit(self) -> None:
        """Make everything appended so far durable; whoever waits together shares one fdatasync.

        Raises:
            TranscriptError: the disk is full or failed. After a failed fdatasync every further
                commit fails: the kernel may have dropped the pages, so that a later success
                would prove nothing.
        """
        self.write()
        written = self._written
        if self.durability == "process" or self._synced >= written:
            return
        try:
            await self._syncer()
        except OSError as error:
            raise TranscriptError(f"cannot sync {self.path}: {error.strerror}") from error
        self._synced = max(self._synced, written)

    def _sync_names(self, new: list[Path]) -> None:
        try:
            for folder in (self.path.parent, *(path.parent for path in new)):
                self._disk.sync_folder(folder)
        except OSError as error:
            raise TranscriptError(f"cannot sync {folder}: {error.strerror}") from error

    def close(self) -> None:
        if not self._open:
            return
        self._open = False
        try:
            self.write()
        finally:
            self._syncer.close()
            os.close(self._fd)
            self._fd = -1  # the kernel gives the number to the next file that is opened


def _chain_behind(fd: int, path: Path, run: str, clock: Clock) -> Chain:
    end = tail(fd)
    if end.torn:
        raise Damaged(f"{path} ends in a torn line of {end.torn} bytes; cut it off first.")
    if not end.line:
        return Chain(run, clock, last_seq=0, last_hash=NO_HASH)
    last = decode(end.line)
    return Chain(run, clock, last_seq=last.seq, last_hash=last.hash)


def _missing(folder: Path) -> list[Path]:
    """The folders that are to be made: each one's name is as durable as the one it stands in."""
    return [path for path in (folder, *folder.parents) if not path.exists()]
