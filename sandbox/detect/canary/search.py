"""Looks for many canaries in many forms at once, in everything that agents send.

A text is looked at in a few views: as it is, without white space, without what is no hex digit, every other
letter. In each the same holds: of every string that is looked for, the first ``CORE`` letters are known by
all their pieces of ``PIECE`` letters, so it is enough to look at one piece in ``STRIDE``: one of them lies in
any core. What a piece points to is then compared whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from struct import Struct
from typing import Final, TypeAlias
from urllib.parse import unquote_to_bytes

from sandbox.detect.canary.forms import Form, cased, caseless
from sandbox.detect.canary.streams import unpacked

__all__ = ["MOST", "WINDOW", "Search"]

MOST: Final = 1 << 20
"""Bytes of one text that are searched; nothing that an agent sends over the bus has more."""
PIECE: Final = 8
CORE: Final = 32
STRIDE: Final = CORE - PIECE + 1
TAIL: Final = 256
"""Bytes of the message before that are searched with the next one; hex with ``0x`` and commas has 192."""
CRUMB: Final = 5
"""By so many letters a piece is found: looking at every fourth place meets one in any ``PIECE`` letters."""
ENOUGH: Final = 24
"""Letters of a canary that pieces must cover: 96 of its 128 bits."""
WINDOW: Final = 16
"""An agent's own turns within which its pieces count together."""

_STEP: Final = PIECE - CRUMB + 1
_PIECES: Final = Struct(f"{PIECE}s{STRIDE - PIECE}x" * 4)
_CRUMBS: Final = Struct(f"{CRUMB}s{2 * _STEP - CRUMB}x" * 16)
"""Every other crumb that is looked at: these overlap."""

_SPACE: Final = b" \t\r\n\f\v"
_HEX: Final = b"0123456789abcdef"
_NO_HEX: Final = bytes(sorted(set(range(256)) - set(_HEX)))
_NO_LETTER: Final = bytes(sorted(set(range(256)) - set(b"0123456789abcdefghijklmnopqrstuvwxyz")))
_MARKS: Final = bytes(byte in _HEX for byte in range(256))
_LONG: Final = b"\1" * PIECE
_HEX_OR_SPACE: Final = bytes(byte if byte in _HEX else 32 for byte in range(256))

Index: TypeAlias = Mapping[bytes, list[tuple[str, Form, bytes, int]]]
"""By piece: a canary, a form, the whole string, and where in it the piece stands."""
Found: TypeAlias = dict[str, Form]
"""Canaries by their ids, each in the first form it was found in."""


class Search:
    """Searches for the canaries of one run: ``canaries`` are their strings by id, of 32 characters at least.

    ``feed`` remembers, per agent, the end of the last text on each channel and the pieces of its last turns.

    Raises:
        ValueError: a string is too short to be told from chance.
    """

    def __init__(self, canaries: Mapping[str, str]) -> None:
        for id, token in canaries.items():
            if len(token) < CORE:
                raise ValueError(f"canary {id!r} has {len(token)} characters, not {CORE} or more")
        self._caseless = _index((id, *one) for id, t in canaries.items() for one in caseless(t))
        self._cased = _index((id, *one) for id, t in canaries.items() for one in cased(t))
        self._crumbs: dict[bytes, list[tuple[str, bytes, int]]] = defaultdict(list)
        hexes = {id: t.encode() for id, t in canaries.items() if not t.encode().strip(_HEX)}
        for id, letters in hexes.items():
            for at in range(len(letters) - CRUMB + 1):
                self._crumbs[letters[at : at + CRUMB]].append((id, letters, at))
        self._all_hex = len(hexes) == len(canaries)
        self._tails: dict[tuple[str, str], bytes] = {}
        self._covered: dict[tuple[str, str], tuple[int, int]] = {}
        self._turns: dict[str, int] = {}

    def turn(self, agent: str) -> None:
        """The agent begins a turn: pieces from ``WINDOW`` turns ago count no more."""
        self._turns[agent] = self._turns.get(agent, 0) + 1

    def forget(self) -> None:
        """Forget every text that was fed."""
        self._tails.clear()
        self._covered.clear()
        self._turns.clear()

    def feed(self, agent: str, channel: str, text: str) -> Found:
        """Search the next text that an agent sends on a channel, with the end of the one before."""
        # A letter outside ASCII counts as one, so that every other letter stays every other byte.
        data = text.encode("ascii", "replace")[:MOST]
        key = (agent, channel)
        joined = self._tails.get(key, b"") + data
        self._tails[key] = joined[-TAIL:]
        found = self._whole(joined)
        now = self._turns.get(agent, 0)
        for id, covered in self._covers(joined.lower()).items():
            since, before = self._covered.get((agent, id), (now, 0))
            if now - since >= WINDOW:
                since, before = now, 0
            self._covered[agent, id] = since, before | covered
            if (before | covered).bit_count() >= ENOUGH:
                found.setdefault(id, "chunked")
        return found

    def find(self, data: bytes) -> Found:
        """Search bytes by themselves: a file."""
        found = self._whole(data[:MOST])
        for id, covered in self._covers(data[:MOST].lower()).items():
            if covered.bit_count() >= ENOUGH:
                found.setdefault(id, "chunked")
        return found

    def _whole(self, data: bytes) -> Found:
        """Canaries that stand in a text, or in a stream in it, in one piece."""
        found = self._seen(data)
        for content in unpacked(data):
            for id in self._seen(content):
                found.setdefault(id, "compressed")
        return found

    def _seen(self, data: bytes) -> Found:
        found: Found = {}
        small, close = data.lower(), data.translate(None, _SPACE)
        views: list[tuple[Form, bytes]] = [
            ("interleaved", small[::2]),
            ("interleaved", small[1::2]),
            ("chunked", small.replace(b"0x", b"").translate(None, _NO_HEX)),
        ]
        if b"%" in data:
            views.insert(0, ("url-encoded", unquote_to_bytes(data).lower()))
        if not self._all_hex:
            views.append(("chunked", small.translate(None, _NO_LETTER)))
        # Most texts hold nothing, and this sees it in one go: whole views beside each other are a text too.
        beside = b"".join((small, *(view for _, view in views)))
        if _lacks(beside, self._caseless) and _lacks(close, self._cased):
            return found
        _look(small, self._caseless, found)
        _look(close, self._cased, found)
        for form, view in views:
            seen: Found = {}
            _look(view, self._caseless, seen)
            for id, how in seen.items():
                # What is plain in a view was in another form.
                found.setdefault(id, form if how == "plain" else how)
        return found

    def _covers(self, small: bytes) -> dict[str, int]:
        """Which letters of which canaries stand somewhere in a text, as bits."""
        covered: dict[str, int] = defaultdict(int)
        if _LONG not in small.translate(_MARKS):
            return covered
        runs = small.translate(_HEX_OR_SPACE).split()
        letters = b" ".join([run for run in runs if len(run) >= PIECE])
        cut = chain(_cut(letters, _CRUMBS), _cut(letters[_STEP:], _CRUMBS))
        hits = self._crumbs.keys() & cut
        stands = sorted((at, hit) for hit in hits for at in _places(letters, hit))
        for at, crumb in stands:
            for id, token, place in self._crumbs[crumb]:
                if piece := _piece(letters, at, token, place):
                    covered[id] |= piece
        return covered


def _index(strings: Iterable[tuple[str, Form, bytes]]) -> Index:
    index: dict[bytes, list[tuple[str, Form, bytes, int]]] = defaultdict(list)
    for id, form, string in strings:
        for at in range(STRIDE):
            index[string[at : at + PIECE]].append((id, form, string, at))
    return dict(index)


def _cut(view: bytes, pieces: Struct) -> Iterable[bytes]:
    """The pieces of a view at even distances; the last one may be filled up with zeros."""
    whole = view.ljust(-(-len(view) // pieces.size) * pieces.size, b"\0")
    return chain.from_iterable(pieces.iter_unpack(whole))


def _lacks(view: bytes, index: Index) -> bool:
    """Whether no string of the index is in a view, at the cost of one look for every ``STRIDE`` letters."""
    return index.keys().isdisjoint(_cut(view, _PIECES))


def _look(view: bytes, index: Index, found: Found) -> None:
    """Find every string of the index in a view."""
    for number, piece in enumerate(_cut(view, _PIECES)):
        for id, form, string, offset in index.get(piece, ()):
            start = number * STRIDE - offset
            if start >= 0 and view.startswith(string, start):
                found.setdefault(id, form)


def _places(letters: bytes, crumb: bytes) -> Iterator[int]:
    """Where a crumb stands, of the places that are looked at."""
    at = letters.find(crumb)
    while at >= 0:
        if at % _STEP == 0:
            yield at
        at = letters.find(crumb, at + 1)


def _piece(letters: bytes, at: int, token: bytes, place: int) -> int:
    """The letters of a canary, as bits, that stand around a crumb of it; none if they make no piece."""
    start, end = place, place + CRUMB
    while start > 0 and at > 0 and letters[at - 1] == token[start - 1]:
        start, at = start - 1, at - 1
    at += end - start
    while end < len(token) and at < len(letters) and letters[at] == token[end]:
        end, at = end + 1, at + 1
    return ((1 << end) - (1 << start)) if end - start >= PIECE else 0
