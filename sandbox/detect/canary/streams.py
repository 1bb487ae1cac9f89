"""Compressed streams inside bytes, or inside base64 in them; bounded in number and size."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterator
from typing import Final

__all__ = ["MOST", "unpacked"]

MOST: Final = 1 << 20
"""Bytes that one stream is unpacked to; more of it is not looked at."""
STREAMS: Final = 16
"""Streams in one text; random bytes look like the start of one every 10 KiB or so."""

_MAGIC: Final = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")
LEAST: Final = 40
"""Base64 of a stream that holds 128 random bits is longer than this, if all is on one line."""
_RUN: Final = re.compile(rb"[A-Za-z0-9+/_-]{%d,}(?:\r?\n[A-Za-z0-9+/_-]+)*" % LEAST)
_MARKS: Final = bytes(
    (chr(byte).isalnum() and byte < 128) or byte in b"+/_-" for byte in range(256)
)
_LONG: Final = b"\1" * LEAST
_GZIP: Final = (b"H4sI", b"+LC", b"-LC", b"fiwg")
"""The head of a gzip stream at each of three places in a group of base64."""
_ZLIB: Final = (b"eA", b"eF", b"eJ", b"eN")
"""The head of a zlib stream where the base64 begins with it."""
_LINE: Final = re.compile(rb"\n(?=H4sI|e[AFJN])")
"""The same where it begins on a line of its own, behind one that is something else."""
_BYTE: Final = re.compile(rb"\\(x[0-9a-fA-F]{2}|[nrt'\"\\])")
_NAMED: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_STANDARD: Final = bytes.maketrans(b"-_", b"+/")


def unpacked(data: bytes) -> Iterator[bytes]:
    """What the gzip and zlib streams in ``data`` hold."""
    left = STREAMS
    for holder in _holders(data):
        for magic in _MAGIC.finditer(holder):
            if left == 0:
                return
            left -= 1
            if content := _inflated(holder[magic.start() :]):
                yield content


def _holders(data: bytes) -> Iterator[bytes]:
    """The bytes themselves, those that a program wrote as escapes, and those in base64."""
    if not data.isascii():
        yield data
    if b"\\x1f\\x8b" in data or b"x\\x9c" in data:
        yield _BYTE.sub(_meant, data)
    for found in _runs(data):
        if found[:2] in _ZLIB or any(head in found for head in _GZIP):
            yield _decoded(found)
        for line in _LINE.finditer(found):
            yield _decoded(found[line.end() :])


def _runs(data: bytes) -> Iterator[bytes]:
    """Every run of base64 of some length, with the lines of it that follow."""
    # The pattern by itself would begin anew at each letter of every shorter run.
    marked = data.translate(_MARKS)
    at = marked.find(_LONG)
    while at >= 0 and (run := _RUN.match(data, at)) is not None:
        yield run[0]
        at = marked.find(_LONG, run.end())


def _decoded(run: bytes) -> bytes:
    letters = run.translate(_STANDARD, b"\r\n")
    return base64.b64decode(letters[: len(letters) // 4 * 4])


def _meant(escape: re.Match[bytes]) -> bytes:
    word = escape[1]
    return bytes.fromhex(word[1:].decode("ascii")) if len(word) == 3 else _NAMED.get(word, word)


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(data, MOST)
    except zlib.error:
        return b""
