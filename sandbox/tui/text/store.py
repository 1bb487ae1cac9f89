"""All lines of one view, in their order: most of them on disk, found again by number, seq and words."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from sandbox.console.lines import Line
from sandbox.tui.text.block import SIZE, Block
from sandbox.tui.text.packed import pack, unpack
from sandbox.tui.text.spool import Spool

__all__ = ["Names", "Store"]

_MOST: Final = (1 << 16) - 1
"""What two bytes hold."""


class Names:
    """Names as small numbers; the last number stands for all that come too late."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, name: str) -> int:
        """Return the number of a name, a new one if it has none."""
        number = self._numbers.get(name)
        if number is None:
            number = min(len(self._numbers), _MOST)
            if number < _MOST:
                self._numbers[name] = number
        return number

    def numbers(self, name: str) -> set[int]:
        """Return the numbers of a name in any case."""
        return {number for known, number in self._numbers.items() if known.lower() == name}


class Store:
    """Lines have numbers that stay when others come before them: ``block << 10 | index``.

    A number is compared with another to know which line comes first; numbers have gaps.
    """

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.first = 0
        """The number of the first block; it goes down as earlier lines come."""
        self.who = Names()
        self.what = Names()
        self._lines = Spool()
        self._texts = Spool()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def block(self, number: int) -> tuple[Block, int]:
        """Return the block of a line and its index there."""
        return self.blocks[(number >> 10) - self.first], number & (SIZE - 1)

    @property
    def last(self) -> int | None:
        """The number of the last line."""
        if not self.blocks:
            return None
        return self.number(len(self.blocks) - 1, len(self.blocks[-1]) - 1)

    def seq(self, number: int) -> int:
        """Return the seq of the event that a line tells."""
        block, index = self.block(number)
        return block.seqs[index]

    def number(self, block: int, index: int) -> int:
        """Return the number of a line by the index of its block and its own there."""
        return (block + self.first) << 10 | index

    def append(self, lines: Iterable[Line], width: int) -> list[int]:
        """Add lines at the end; return the numbers of the blocks that have grown, from ``first`` on."""
        stream, grown = iter(lines), []
        while batch := list(islice(stream, self._room() or SIZE)):
            seq = self.blocks[-1].seqs[-1] if self.blocks else 0
            if not self._room():
                self.blocks.append(Block(len(self._lines), len(self._texts), width))
            self._fill(self.blocks[-1], batch, seq)
            grown.append(len(self.blocks) - 1 + self.first)
        return grown

    def prepend(self, lines: Sequence[Line], width: int) -> int:
        """Add earlier lines before the first; return how many blocks they make."""
        made: list[Block] = []
        for at in range(0, len(lines), SIZE):
            made.append(Block(len(self._lines), len(self._texts), width))
            self._fill(made[-1], lines[at : at + SIZE], 0)
        self.blocks[:0] = made
        self.first -= len(made)
        return len(made)

    def truncate(self, seq: int) -> None:
        """Forget the lines of events after ``seq``."""
        while self.blocks and self.blocks[-1].seqs[0] > seq:
            self._count -= len(self.blocks.pop())
        if not self.blocks:
            self.clear()
            return
        block = self.blocks[-1]
        keep = bisect_left(block.seqs, seq + 1)
        if keep < len(block):
            self._count -= len(block) - keep
            block.cut(keep)
        self._lines.truncate(max(each.line_start + each.ends[-1] for each in self.blocks))
        self._texts.truncate(max(each.text_start + each.text_ends[-1] for each in self.blocks))

    def clear(self) -> None:
        """Forget everything."""
        self.blocks.clear()
        self.first = self._count = 0
        self._lines.close()
        self._texts.close()

    def line(self, number: int) -> Line:
        """Read one line."""
        block, index = self.block(number)
        start = block.ends[index - 1] if index else 0
        at = block.line_start
        return unpack(self._lines.read(at + start, at + block.ends[index]))

    def texts(self, block: Block) -> list[bytes]:
        """Read what a search sees of each line of a block."""
        end = block.text_start + block.text_ends[-1]
        return self._texts.read(block.text_start, end).split(b"\0")[:-1]

    def holding(self, block: Block, needle: str) -> list[int]:
        """Return the indices of the lines of a block that hold a text in lower case, ascending."""
        raw = self._texts.read(block.text_start, block.text_start + block.text_ends[-1])
        sought = needle.encode("utf-8", "replace")
        found: list[int] = []
        at = raw.find(sought)
        for index, end in enumerate(block.text_ends if at >= 0 else ()):
            if at < end:  # what is found next lies in another line
                found.append(index)
                at = raw.find(sought, end)
                if at < 0:
                    break
        return found

    def numbers(self, first: int, last: int) -> Iterator[int]:
        """Give the numbers from ``first`` to ``last`` in order, both included."""
        for number in range(first >> 10, (last >> 10) + 1):
            base = number << 10
            end = base + len(self.blocks[number - self.first]) - 1
            yield from range(max(first, base), min(last, end) + 1)

    def at_seq(self, seq: int) -> int | None:
        """Return the first line of this event or of a later one; None if there is none."""
        block = bisect_left(self.blocks, seq, key=lambda each: each.seqs[-1])
        if block == len(self.blocks):
            return None
        return self.number(block, bisect_left(self.blocks[block].seqs, seq))

    def _room(self) -> int:
        """How many lines the last block takes; it lies in the spool in one piece, at the end."""
        if not self.blocks:
            return 0
        last = self.blocks[-1]
        at_end = last.line_start + last.ends[-1] == len(self._lines)
        return SIZE - len(last) if at_end else 0

    def _fill(self, block: Block, lines: Sequence[Line], seq: int) -> None:
        ends, seqs, lengths, breaks = block.ends, block.seqs, block.lengths, block.breaks
        who, what = block.who, block.what
        number_who, number_what = self.who.number, self.what.number
        packed, texts = [], []
        text_ends = block.text_ends
        end, text_end = (ends[-1], text_ends[-1]) if ends else (0, 0)
        for line in lines:
            data, text, length = pack(line)
            packed.append(data)
            text += "\0"
            raw = text.encode("utf-8", "replace")
            texts.append(raw)
            text_end += len(raw)
            text_ends.append(text_end)
            end += len(data)
            ends.append(end)
            seq = max(seq, line.seq)  # a line without an event belongs to the one before it
            seqs.append(seq)
            lengths.append(0 if line.rule else length)
            breaks.append(text.count("\n"))
            who.append(number_who(line.who))
            what.append(number_what(line.what))
        self._lines.append(b"".join(packed))
        self._texts.append(b"".join(texts))
        self._count += len(lines)
