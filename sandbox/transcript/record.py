"""Any part of a record, however long it is: by number, turn, time, kind and actor, both ways.

There is no index to be built, kept or healed: ``seq`` stands at the head of each line, numbers, turns
and times grow along the record, so that halving the mapped file finds any of them in some thirty looks.
Kinds and actors stand in the head too, and are searched for as text; only what is found is decoded.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Final, Self

import orjson

from sandbox.errors import Damaged
from sandbox.transcript.codec import decode
from sandbox.transcript.event import Event
from sandbox.transcript.mapped import ANY, Head, Mapped
from sandbox.transcript.reader import events_path

__all__ = ["Record"]

_TURN: Final = b',"kind":"turn.'
_BEGINS: Final = frozenset({b"turn.bid", b"turn.offered"})


class Record:
    """A record opened at once, whatever its size; given as the run's folder or the file itself.

    What was there at the last ``refresh`` is seen. A line that cannot be read is passed over by all
    that looks for another one, and raised by what is asked to read it. One thread at a time.

    Raises:
        TranscriptError: there is no such record, or it may not be read.
    """

    def __init__(self, path: Path) -> None:
        self._file = Mapped(events_path(path))
        self._turns: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        self._file.close()

    def refresh(self) -> bool:
        """See what has been written since; return whether there is a new line."""
        before = self._file.size
        if self._file.refresh():
            self._turns = None
        return self._file.size > before

    @property
    def path(self) -> Path:
        """The file."""
        return self._file.path

    @property
    def size(self) -> int:
        """Bytes of the whole lines."""
        return self._file.size

    @property
    def torn(self) -> int:
        """Bytes behind them: an engine is writing these, or was killed while it did."""
        return self._file.torn

    @property
    def held(self) -> bool:
        """Whether an engine writes the record now."""
        return self._file.held

    @property
    def last(self) -> int:
        """The number of the last event that can be read; 0 if there is none."""
        return next((head.seq for head in self._file.heads_back(ANY)), 0)

    @property
    def turns(self) -> int:
        """The number of the turn that began last; 0 if none has."""
        if self._turns is None:
            self._turns = self._turn_before(None)
        return self._turns

    def get(self, seq: int) -> Event | None:
        """Read one event; None if there is none of that number, or its line does not begin as ours do.

        Raises:
            Damaged: there is, and the rest of its line cannot be read.
        """
        head = self._file.first(ANY, _seq, seq)
        return self._event(head) if head is not None and head.seq == seq else None

    def turn(self, number: int) -> int | None:
        """Find the first event of a turn, from 1; None if it has not begun."""
        if number > self.turns:
            return None
        head = self._file.first(_TURN, self._turn, number)
        return head.seq if head is not None and self._turn(head) == number else None

    def turn_of(self, seq: int) -> int:
        """Tell the turn that an event belongs to: the one that began last up to it; 0 before turn 1."""
        behind = self._file.first(ANY, _seq, seq + 1)
        return self.turns if behind is None else self._turn_before(behind.at)

    def time(self, when: float) -> int | None:
        """Find the first event at a time or after it; ``when`` is in Unix seconds.

        Events without a time, as other systems' transcripts have, are passed over. Where the clock went
        back, this is one of the places at which the record passes that time. None if it never does.
        """
        ends = (next(self._file.heads(ANY), None), next(self._file.heads_back(ANY), None))
        if all(head is None or _time(head) is None for head in ends):
            return None
        head = self._file.first(ANY, _time, when)
        return None if head is None else head.seq

    def events(self, first: int = 1, last: int | None = None) -> Iterator[Event]:
        """Read the events from number ``first`` up to and including ``last``, in order.

        Raises:
            Damaged: a line cannot be read.
        """
        return (event for event, _ in self.lines(first, last))

    def lines(self, first: int = 1, last: int | None = None) -> Iterator[tuple[Event, bytes]]:
        """Read events with their lines, newlines included; otherwise as ``events``."""
        at, end = self._between(first, last)
        for offset, block in self._file.blocks(at, end):
            at = offset
            for line in BytesIO(block):
                yield self._decode(line, at), line
                at += len(line)

    def block(self, first: int, offset: int, last: int, size: int) -> bytes:
        """Read bytes from ``offset`` on into the lines ``first`` to ``last``, at most ``size``, as they stand."""
        at, end = self._between(first, last)
        return self._file.part(min(at + offset, end), min(at + offset + size, end))

    def backwards(self, last: int | None = None, first: int = 1) -> Iterator[Event]:
        """Read the events from number ``last`` (None: the end) back to ``first``.

        Raises:
            Damaged: a line cannot be read.
        """
        at, end = self._between(first, last)
        for offset, block in self._file.blocks_back(end):
            stop = len(block)
            while stop > 0:
                start = block.rfind(b"\n", 0, stop - 1) + 1
                if offset + start < at:
                    return
                yield self._decode(block[start:stop], offset + start)
                stop = start

    def of(
        self,
        *,
        kind: str | None = None,
        actor: str | None = None,
        first: int = 1,
        last: int | None = None,
    ) -> Iterator[Event]:
        """Read the events of one kind, or by one actor, or both; the others are not decoded.

        Raises:
            Damaged: a line of them cannot be read.
        """
        kinds = None if kind is None else orjson.dumps(kind)
        actors = None if actor is None else orjson.dumps(actor)
        needle = ANY
        if kinds is not None:
            needle = b',"kind":%b,' % kinds
        elif actors is not None:
            needle = b',"actor":%b,' % actors
        for head in self._file.heads(needle, *self._between(first, last)):
            if kinds in {None, b'"%b"' % head.kind} and actors in {None, b'"%b"' % head.actor}:
                yield self._event(head)

    def _between(self, first: int, last: int | None) -> tuple[int, int]:
        """The bytes of the lines from ``first`` to ``last``, both numbers included."""
        at, end = 0, self._file.size
        if first > 1:
            begin = self._file.first(ANY, _seq, first)
            at = end if begin is None else begin.at
        if last is not None and (behind := self._file.first(ANY, _seq, last + 1)) is not None:
            end = behind.at
        return at, end

    def _event(self, head: Head) -> Event:
        return self._decode(self._file.line(head), head.at)

    def _decode(self, line: bytes, at: int) -> Event:
        try:
            return decode(line)
        except Damaged as error:
            raise Damaged(
                f"{self.path}, byte {at}: {error}. `backrooms verify` says what can be read."
            ) from None

    def _turn_before(self, end: int | None) -> int:
        heads = self._file.heads_back(_TURN, end)
        return next((int(turn) for head in heads if (turn := self._turn(head)) is not None), 0)

    def _turn(self, head: Head) -> float | None:
        if head.kind not in _BEGINS:
            return None
        try:
            number = decode(self._file.line(head)).data.get("turn")
        except Damaged:
            return None
        return number if isinstance(number, int) else None


def _seq(head: Head) -> float | None:
    return head.seq


def _time(head: Head) -> float | None:
    try:
        return datetime.fromisoformat(head.ts.decode("ascii")).timestamp()
    except (ValueError, OverflowError):
        return None
