"""Encodings that commands and programs undo: bytes in, bytes out, of bounded size."""

from __future__ import annotations

import base64
import binascii
import bz2
import codecs
import lzma
import re
import zlib
from collections.abc import Callable, Mapping
from typing import Final

__all__ = ["DECODERS", "LARGEST", "decoded"]

LARGEST: Final = 262_144
"""Bytes that are decoded at most, whatever the input promises."""


def _base64(data: bytes) -> bytes:
    data = re.sub(rb"[^A-Za-z0-9+/_-]", b"", data).replace(b"-", b"+").replace(b"_", b"/")
    return base64.b64decode(data[: len(data) // 4 * 4] + _padded(data[len(data) // 4 * 4 :]))


def _padded(rest: bytes) -> bytes:
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""


def _base32(data: bytes) -> bytes:
    data = re.sub(rb"[^A-Z2-7]", b"", data.upper())
    return base64.b32decode(data + b"=" * (-len(data) % 8))


def _hexadecimal(data: bytes) -> bytes:
    data = re.sub(rb"\\x|0x|[^0-9a-fA-F]", b"", data)
    return bytes.fromhex(data[: len(data) // 2 * 2].decode())


def _inflate(data: bytes) -> bytes:
    for window in (47, -15):  # gzip or zlib by their heads, else raw
        try:
            return zlib.decompressobj(window).decompress(data, LARGEST)
        except zlib.error:
            continue
    return b""


def _rot13(data: bytes) -> bytes:
    return codecs.decode(data.decode("latin-1"), "rot13").encode("latin-1")


def _percent(data: bytes) -> bytes:
    return re.sub(rb"%([0-9a-fA-F]{2})", lambda m: bytes.fromhex(m[1].decode()), data)


DECODERS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "base32": _base32,
    "base64": _base64,
    "base85": base64.b85decode,
    "ascii85": base64.a85decode,
    "bzip2": lambda data: bz2.BZ2Decompressor().decompress(data, LARGEST),
    "gzip": _inflate,
    "hex": _hexadecimal,
    "percent": _percent,
    "reverse": lambda data: data[::-1],
    "rot13": _rot13,
    "xz": lambda data: lzma.LZMADecompressor(memlimit=64 << 20).decompress(data, LARGEST),
}


def decoded(encoding: str, data: bytes) -> bytes | None:
    """Undo an encoding; None if the data is none of its kind."""
    try:
        return DECODERS[encoding](data[:LARGEST])[:LARGEST]
    except (ValueError, binascii.Error, zlib.error, OSError, EOFError, lzma.LZMAError):
        return None
