"""The record on disk: ``events.jsonl``, appended to by one engine at a time."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sandbox.clock import Clock
from sandbox.errors import Damaged, TranscriptError
from sandbox.transcript.chain import Chain
from sandbox.transcript.codec import EVENTS_FILE, NO_HASH, decode
from sandbox.transcript.event import Event
from sandbox.transcript.lock import hold
from sandbox.transcript.store import Durability
from sandbox.transcript.tail import tail

__all__ = ["FileStore"]


class FileStore:
    """Appends to ``<folder>/events.jsonl``, and goes on behind what is there.

    ``syncs`` counts the calls of fdatasync, ``sync_seconds`` is the time spent in them.

    Raises:
        TranscriptError: another engine has the record open, or the file cannot be opened.
        Damaged: the record ends in a torn line (``cut_torn_tail`` takes it off) or in none of ours.
    """

    def __init__(
        self, folder: Path, run: str, clock: Clock, durability: Durability = "power"
    ) -> None:
        self.path = folder / EVENTS_FILE
        self.durability: Durability = durability
        self.syncs = 0
        self.sync_seconds = 0.0
        self._pending: list[bytes] = []
        self._written = 0
        self._synced = 0
        self._failure: TranscriptError | None = None
        self._one_sync = asyncio.Lock()
        # A thread of its own, so that close() can wait for a sync whose caller was cancelled.
        self._syncer = ThreadPoolExecutor(1, thread_name_prefix="fdatasync")
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
                _sync_folder(folder)
        except BaseException:
            os.close(self._fd)
            raise

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
                done += os.write(self._fd, block[done:] if done else block)
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
        if self.durability == "process":
            return
        goal = self._written
        async with self._one_sync:
            if self._failure is not None:
                raise self._failure
            if self._synced >= goal:
                return
            upto = self._written
            try:
                await asyncio.get_running_loop().run_in_executor(self._syncer, self._sync)
            except OSError as error:
                self._failure = TranscriptError(f"cannot sync {self.path}: {error.strerror}")
                raise self._failure from error
            self._synced = upto

    def _sync(self) -> None:
        start = time.perf_counter()
        if sys.platform == "darwin":
            fcntl.fcntl(self._fd, fcntl.F_FULLFSYNC)  # its fsync stops at the drive's cache
        else:
            os.fdatasync(self._fd)
        self.sync_seconds += time.perf_counter() - start
        self.syncs += 1

    def close(self) -> None:
        if not self._open:
            return
        self._open = False
        try:
            self.write()
        finally:
            self._syncer.shutdown(wait=True)
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


def _sync_folder(folder: Path) -> None:
    """Make the file's name as durable as its content."""
    for name in (folder, folder.parent):
        fd = os.open(name, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
