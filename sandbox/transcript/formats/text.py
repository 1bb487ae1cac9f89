"""A foreign file's bytes as text, lines or JSON, without changing what anybody said."""

from __future__ import annotations

import codecs
from dataclasses import replace
from typing import Any, Final

from sandbox.errors import NoTranscript, Unreadable
from sandbox.transcript.formats.foreign import Oddity, Source

__all__ = ["as_utf8", "document", "is_json", "lines", "no_transcript", "text", "unreadable"]

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def unreadable(source: Source, why: str, remedy: str, *, line: int | None = None) -> Unreadable:
    """Make the error for a file that cannot be read: where, why, what to do."""
    place = source.name if line is None else f"{source.name}:{line}"
    return Unreadable(f"{place}: {why}. {remedy}")


def no_transcript(source: Source, what: str, instead: str) -> NoTranscript:
    """Make the error for a file in which nothing was said: what it is, what to import instead."""
    return NoTranscript(f"{source.name}: {what}. {instead}")


def as_utf8(source: Source) -> Source:
    """Return a file that says it is UTF-16 as UTF-8; any other, or one that is none, as it is.

    Formats are told by bytes, and PowerShell writes what it is asked to keep as UTF-16.
    """
    for mark, encoding in _MARKS[1:]:
        if source.data.startswith(mark):
            try:
                decoded = source.data[len(mark) :].decode(encoding)
            except UnicodeDecodeError:
                return source
            return replace(source, data=decoded.encode())
    return source


def text(source: Source) -> tuple[str, list[Oddity]]:
    """Decode a file: UTF-8, or what its byte order mark says; line ends stay as they are.

    What is no UTF-8 becomes U+FFFD, and an oddity with its line.
    """
    data, encoding = source.data, "utf-8"
    for mark, name in _MARKS:
        if data.startswith(mark):
            data, encoding = data[len(mark) :], name
    try:
        return data.decode(encoding), []
    except UnicodeDecodeError as error:
        decoded = data.decode(encoding, "replace")
        line = data.count(b"\n", 0, error.start) + 1 if encoding == "utf-8" else None
        what = f"bytes that are no {encoding.upper()} stand as U+FFFD: {error.reason}"
        return decoded, [Oddity(what, line)]


def lines(whole: str) -> list[str]:
    r"""Split at ``\n`` alone, as the writers of these formats do; a ``\r`` stays with its line.

    ``str.splitlines`` would also split at characters that models write, such as U+2028 and form feed.
    """
    return whole.split("\n")


def is_json(source: Source) -> bool:
    """Whether a file begins like a JSON object or list."""
    return source.data[:64].lstrip(codecs.BOM_UTF8 + b" \t\r\n")[:1] in {b"{", b"["}


def document(source: Source) -> Any:
    """Parse a file that is one JSON value.

    Raises:
        Unreadable: it is none; the message says where.
    """
    import json

    whole, _ = text(source)
    try:
        return json.loads(whole)
    except json.JSONDecodeError as error:
        raise unreadable(
            source,
            f"no JSON: {error.msg} at column {error.colno}",
            "If the file was cut off, get it whole",
            line=error.lineno,
        ) from None
    except RecursionError:
        raise unreadable(source, "its JSON is nested too deep", "Nothing can be done") from None
    except ValueError as error:
        raise unreadable(
            source, f"no JSON that can be read: {error}", "Nothing can be done"
        ) from None
