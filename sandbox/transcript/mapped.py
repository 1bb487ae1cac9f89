"""A record's file in memory: its whole lines some at a time, those that hold a text, and halving."""

from __future__ import annotations

import mmap
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from sandbox.errors import TranscriptError
from sandbox.transcript.lock import is_held

__all__ = ["ANY", "Head", "Key", "Mapped"]

ANY: Final = b'{"seq":'
"""Stands in every line."""

# Nothing is given back (++): a text of 20 MB in a head, as a stranger may write, would take 5 GB.
_TEXT: Final = rb'((?:[^"\\]++|\\.)*+)'
_HEAD: Final = re.compile(
    rb'\{"seq":(\d{1,18}),"ts":"%b","kind":"%b","run":"%b","actor":"%b",' % ((_TEXT,) * 4)
)

_LEAST: Final = 1 << 14
_MOST: Final = 1 << 18
"""Bytes looked at in one step: few for a look at a place, more the longer it goes on."""

_AROUND: Final = 1 << 21
"""Bytes: the kernel maps the pages around one that is touched too, up to a large page of them."""


class Head(NamedTuple):
    """A line that begins as ours do: its first byte, the byte behind it, and what its head says."""

    at: int
    end: int
    seq: int
    ts: bytes
    kind: bytes
    actor: bytes


Key: TypeAlias = Callable[[Head], float | None]
"""What the record is ordered by, or None for a line that does not say."""


class Mapped:
    """A file, mapped: ``size`` is the end of its last whole line, ``torn`` the bytes behind it.

    Raises:
        TranscriptError: there is no such file, or it may not be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = self.torn = 0
        self._bytes: mmap.mmap | bytes = b""
        self._fd = -1
        try:
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            self.refresh()
        except OSError as error:
            self.close()
            raise TranscriptError(f"cannot read {path}: {os.strerror(error.errno or 0)}") from None

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        self._bytes, self.size, self.torn = b"", 0, 0
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def refresh(self) -> bool:
        """See what has been written since; return whether anything changed."""
        size = os.fstat(self._fd).st_size
        if size == self.size + self.torn:
            return False
        self._bytes = mmap.mmap(self._fd, size, access=mmap.ACCESS_READ) if size else b""
        self.size = self._bytes.rfind(b"\n") + 1
        self.torn = size - self.size
        return True

    @property
    def held(self) -> bool:
        """Whether an engine writes the file now."""
        return is_held(self._fd)

    def line(self, head: Head) -> bytes:
        """Return a line, newline included."""
        return self._bytes[head.at : head.end]

    def part(self, at: int, end: int) -> bytes:
        """Return the bytes between two places."""
        return self._bytes[at:end]

    def blocks(self, at: int, end: int) -> Iterator[tuple[int, bytes]]:
        """Whole lines, many at a time, with the place of their first byte; bounds are ends of lines."""
        step = _LEAST
        while at < end:
            cut = self._bytes.rfind(b"\n", at, min(at + step, end)) + 1
            if cut:
                yield at, self._bytes[at:cut]
                self._let_go(at, cut)
                at = cut
                step = min(step * 4, _MOST)
            elif at + step < end:
                step *= 4  # a line longer than that
            else:
                return  # somebody made the file shorter

    def blocks_back(self, end: int) -> Iterator[tuple[int, bytes]]:
        """As ``blocks``, from ``end`` back to the beginning."""
        step = _LEAST
        while end > 0:
            start = max(end - step, 0)
            if start:
                start = self._bytes.find(b"\n", start, end - 1) + 1
            if start or end <= step:
                yield start, self._bytes[start:end]
                self._let_go(start, end)
                end = start
                step = min(step * 4, _MOST)
            else:
                step *= 4

    def heads(self, needle: bytes, at: int = 0, end: int | None = None) -> Iterator[Head]:
        """The lines that hold a text, in order; whether it stands in their heads is for the caller."""
        for offset, block in self.blocks(at, self.size if end is None else end):
            stop = 0
            while (hit := block.find(needle, stop)) >= 0:
                start = block.rfind(b"\n", 0, hit) + 1
                stop = block.index(b"\n", hit) + 1
                if (match := _HEAD.match(block, start)) is not None:
                    yield _head(match, offset, stop)

    def heads_back(self, needle: bytes, end: int | None = None) -> Iterator[Head]:
        """As ``heads``, from the last to the first."""
        for offset, block in self.blocks_back(self.size if end is None else end):
            start = len(block)
            while (hit := block.rfind(needle, 0, start)) >= 0:
                start = block.rfind(b"\n", 0, hit) + 1
                if (match := _HEAD.match(block, start)) is not None:
                    yield _head(match, offset, block.index(b"\n", hit) + 1)

    def first(self, needle: bytes, key: Key, least: float) -> Head | None:
        """Find the first of the lines with a key whose key is not less, by halving; keys grow."""
        low, high = 0, self.size
        while low < high:
            start = max(self._bytes.rfind(b"\n", low, (low + high) // 2) + 1, low)
            found = self._next(needle, key, start, high)
            if found is not None and found[1] < least:
                low = found[0].end
            else:
                high = start
        found = self._next(needle, key, low, self.size)
        self._let_go(0, self.size)
        return None if found is None else found[0]

    def _next(self, needle: bytes, key: Key, at: int, end: int) -> tuple[Head, float] | None:
        for head in self.heads(needle, at, end):
            value = key(head)
            if value is not None:
                return head, value
        return None

    def _let_go(self, at: int, end: int) -> None:
        """Unmap the pages of what was read: a long record would come to count as memory of ours."""
        if isinstance(self._bytes, mmap.mmap) and end - at >= _MOST // 2:
            at -= at % _AROUND
            self._bytes.madvise(mmap.MADV_DONTNEED, at, end + _AROUND - at)


def _head(match: re.Match[bytes], offset: int, end: int) -> Head:
    seq, ts, kind, _, actor = match.groups()
    return Head(offset + match.start(), offset + end, int(seq), ts, kind, actor)
