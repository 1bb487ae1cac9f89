"""The members of a foreign zip file, read in memory, bounded in size, one at a time.

Nothing is ever unpacked to a disk: a member's name is a key to look it up by, never a path.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

from sandbox.errors import Unreadable
from sandbox.transcript.formats.foreign import Source
from sandbox.transcript.formats.text import unreadable

__all__ = ["MOST_BYTES", "MOST_MEMBERS", "Members", "is_zip"]

MOST_MEMBERS: Final = 200_000
MOST_BYTES: Final = 1 << 30
"""What all members that are read may hold unpacked: the largest sample that Inspect's makers name has 963 MB."""
_ONE: Final = 1 << 29
_DENSEST: Final = 300
"""Times a member may grow when it is unpacked. Deflate reaches 1032 on zeros; real logs stay below 60."""
_SMALL: Final = 1 << 22
_ZSTANDARD: Final = 93
_LOCAL: Final = struct.Struct("<4s22xHH")

_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    struct.error,
)


def is_zip(source: Source) -> bool:
    """Whether a file begins like a zip file."""
    return source.data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


class Members:
    """The members of a zip file by name; where a name stands twice, the later one."""

    def __init__(self, source: Source) -> None:
        self._source, self._left = source, MOST_BYTES
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(source.data))
        except _BROKEN as error:
            raise unreadable(
                source,
                f"no whole zip file: {error}",
                "If it was copied while it was written, or cut off, get it whole",
            ) from None
        self._members = {member.filename: member for member in self._zip.infolist()}
        if len(self._members) > MOST_MEMBERS:
            raise self._refused(f"it has {len(self._members)} members")

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def json(self, name: str) -> Any:
        """Parse a member that is one JSON value.

        Raises:
            Unreadable: it cannot be read, is no JSON, or is more than is good for this machine.
        """
        from sandbox.transcript.formats.text import document

        return document(Source(f"{self._source.name}:{name!r}", self.read(name)))

    def read(self, name: str) -> bytes:
        """Unpack one member, within the bounds.

        Raises:
            Unreadable: it is damaged, packed in a way unknown here, or holds more than the bounds.
        """
        member = self._members[name]
        most = min(_ONE, self._left)
        if member.file_size > most:
            raise self._refused(f"{name!r} would unpack to {member.file_size} bytes")
        if member.file_size > max(_SMALL, member.compress_size * _DENSEST):
            raise self._refused(
                f"{name!r} would grow {member.file_size // max(1, member.compress_size)} times"
            )
        try:
            if member.compress_type == _ZSTANDARD and not hasattr(zipfile, "ZIP_ZSTANDARD"):
                unpacked = self._zstandard(member)
            else:
                # The declared size bounds what zipfile gives, whatever the packed bytes would make.
                with self._zip.open(member) as opened:
                    unpacked = opened.read(member.file_size)
        except Unreadable:
            raise
        except _BROKEN as error:
            raise unreadable(
                self._source, f"its member {name!r} is damaged: {error}", "Get the file whole"
            ) from None
        self._left -= len(unpacked)
        return unpacked

    def _zstandard(self, member: zipfile.ZipInfo) -> bytes:
        """Unpack Zstandard where zipfile cannot: before Python 3.14."""
        try:
            zstandard = import_module("zstandard")
        except ImportError:
            raise unreadable(
                self._source,
                f"its member {member.filename!r} is packed with Zstandard, which Python unpacks from 3.14 on",
                "Install the package zstandard (pip install zstandard), or convert the log to .json",
            ) from None
        mark, name, extra = _LOCAL.unpack_from(self._source.data, member.header_offset)
        begin = member.header_offset + _LOCAL.size + name + extra
        packed = self._source.data[begin : begin + member.compress_size]
        if mark != b"PK\x03\x04" or len(packed) != member.compress_size:
            raise zipfile.BadZipFile("no member where the directory says")
        try:
            with zstandard.ZstdDecompressor().stream_reader(
                packed, read_across_frames=True
            ) as reader:
                unpacked: bytes = reader.read(member.file_size)
        except zstandard.ZstdError as error:
            raise zipfile.BadZipFile(str(error)) from None
        if len(unpacked) != member.file_size or zlib.crc32(unpacked) != member.CRC:
            raise zipfile.BadZipFile("it is not what was packed")
        return unpacked

    def _refused(self, what: str) -> Unreadable:
        return unreadable(
            self._source,
            f"refused as a zip that is made to fill the memory: {what}",
            "If you trust the file, unpack it and import what is in it",
        )
