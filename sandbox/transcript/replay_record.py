"""A record on disk as a replay asks for it: read where it is played, however long it is."""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

from sandbox.errors import Damaged
from sandbox.transcript.event import Event
from sandbox.transcript.pacing import moment
from sandbox.transcript.record import Record

__all__ = ["RecordLog"]

_PAGE: Final = 256
"""Events read at a time: a search for the first of them costs as much as reading some dozens."""

_PAGES: Final = 4
"""Pages kept: of the position, of a scene that is folded elsewhere, and their neighbours."""


class RecordLog:
    """A ``Log`` over a record, which may still be written; given as the run's folder or its file.

    Opening it and going anywhere in it costs the same for any length. Only ``flags`` looks through
    the whole record, once, when it is first asked for.

    Raises:
        TranscriptError: there is no such record, or it may not be read.
    """

    def __init__(self, path: Path) -> None:
        self._record = Record(path)
        self._length = self._record.last
        self._pages: OrderedDict[int, tuple[list[Event], list[int]]] = OrderedDict()
        self._flags: list[int] = []
        self._flags_to = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        self._record.close()

    def refresh(self) -> bool:
        """Take note of what was written since; True while an engine still writes."""
        held = self._record.held  # asked first: what it wrote before it let go is then seen
        if self._record.refresh():
            self._length = self._record.last
        return held

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int, /) -> Event:
        """Read an event.

        Raises:
            IndexError: there is none of that index.
            Damaged: its line, or one before it, cannot be read.
        """
        if not 0 <= index < self._length:
            raise IndexError(index)
        return self._page(index)[0][index % _PAGE]

    def moment(self, index: int) -> float | None:
        return moment(self[index])

    def turn(self, index: int) -> int:
        return self._page(index)[1][index % _PAGE]

    def turn_start(self, turn: int) -> int:
        if turn <= 0:
            return 0
        if turn > self._record.turns:
            return self._length
        seq = self._record.turn(turn)
        if seq is not None:
            return seq - 1
        return bisect_left(range(self._length), turn, key=self.turn)  # its number was left out

    def since(self, moment: float) -> int:
        seq = self._record.time(moment)
        return self._length if seq is None else seq - 1

    def flags(self) -> Sequence[int]:
        if self._flags_to < self._length:
            news = self._record.of(kind="flag", first=self._flags_to + 1, last=self._length)
            self._flags += [event.seq - 1 for event in news]
            self._flags_to = self._length
        return self._flags

    def _page(self, index: int) -> tuple[list[Event], list[int]]:
        """The events around an index, up to it at least, and their turns."""
        start = index - index % _PAGE
        page = self._pages.get(start)
        if page is None or start + len(page[0]) <= index:
            page = self._pages[start] = self._read(start, index)
            if len(self._pages) > _PAGES:
                self._pages.popitem(last=False)
        self._pages.move_to_end(start)
        return page

    def _read(self, start: int, needed: int) -> tuple[list[Event], list[int]]:
        events: list[Event] = []
        turns: list[int] = []
        turn = self._record.turn_of(start) if start else 0
        try:
            for event in self._record.events(start + 1, min(start + _PAGE, self._length)):
                self._expect(event, start + len(events) + 1)
                if event.kind in {"turn.bid", "turn.offered"}:
                    told = event.data.get("turn")
                    turn = max(turn, told) if isinstance(told, int) else turn
                events.append(event)
                turns.append(turn)
        except Damaged:
            if start + len(events) <= needed:
                raise
        return events, turns

    def _expect(self, event: Event, seq: int) -> None:
        if event.seq != seq:
            raise Damaged(
                f"{self._record.path}: event {seq} is missing. `backrooms verify` says what can be read."
            )
