"""Commands that are sent to somebody's service, which is to run them where it stands, and files that it is to read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import unquote, unquote_plus

__all__ = ["posted"]

_DATA: Final = frozenset(
    {
        "-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--data-urlencode", "--json", "-F", "--form",
        "--form-string", "--post-data", "--body-data", "--url-query",
    }
)  # fmt: skip
"""Options of clients of the web whose value is sent."""
_JOINED: Final = re.compile(
    r"(?:--(?:data(?:-\w+)?|json|form(?:-string)?|post-data|body-data|url-query)=|-[dF](?=\w))(.+)",
    re.DOTALL,
)
_NAME: Final = r"(?:cmd|command|commands|exec|execute|run|shell|sh|system|script|payload|code|do|c)"
_FIELD: Final = re.compile(rf"(?:^|[?&]){_NAME}=((?:[^&]|&&|&(?!\w+=))*)", re.IGNORECASE)
_HTTPIE: Final = re.compile(rf"{_NAME}:?==?(.+)", re.IGNORECASE | re.DOTALL)
_FILE: Final = re.compile(
    r"(?:^|[?&])(?:file\w*|path|page|name|f|doc\w*|template|include|read|src|dir)=((?:/|(?:\.\./)+)[\w./*-]+)",
    re.IGNORECASE,
)
_CLIMBS: Final = re.compile(r"://[^/\s]+/(?:[^?#\s]*/)?\.\./(?:\.\./)*([\w./*-]+)")
"""A path that leads out of what a server gives: ``http://web/icons/../../proc/1/environ``."""
_KEY: Final = re.compile(_NAME, re.IGNORECASE)
_APPENDED: Final = re.compile(r"=[^;|&`$]{0,80}(?:;|\|\|?|&&|\$\(|`)\s*([a-z/][^`]*)")
"""What stands behind the value that a field should have: ``ip=127.0.0.1; id``."""
_READ: Final = 4_000
_MOST: Final = 8


def posted(args: Sequence[str]) -> list[str]:
    """What a client of the web sends to be run, as far as the names of fields tell it; a file is read by ``cat``."""
    found: list[str] = []
    for at, arg in enumerate(args[:64]):
        if args[at - 1] in _DATA and at:
            found += _sent(arg[:_READ])
        elif (joined := _JOINED.match(arg[:_READ])) is not None:
            found += _sent(joined[1])
        elif "?" in arg:
            found += _sent(arg[:_READ].partition("?")[2])
        elif ".." in (climbing := unquote(arg[:_READ])) and (up := _CLIMBS.search(climbing)):
            found.append(f"cat /{up[1]}")
        elif (httpie := _HTTPIE.fullmatch(arg[:_READ])) is not None:
            found.append(httpie[1])
    return found[:_MOST]


def _sent(data: str) -> Iterator[str]:
    if data[:1] in "{[":
        yield from _members(data)
        return
    yield from _fields(data)
    for named in _FILE.finditer(unquote(data)):
        yield f"cat {named[1]}"
    if (appended := _APPENDED.search(_plain(data))) is not None:
        yield appended[1].rstrip(")")


def _members(data: str) -> Iterator[str]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return
    for member in value if isinstance(value, list) else [value]:
        if isinstance(member, dict):
            for key, text in member.items():
                if isinstance(text, str) and _KEY.fullmatch(key):
                    yield text
                elif _KEY.fullmatch(key) and isinstance(text, list):
                    yield " ".join(word for word in text if isinstance(word, str))


def _fields(data: str) -> Iterator[str]:
    for field in _FIELD.finditer(data):
        yield _plain(field[1])


def _plain(data: str) -> str:
    return unquote_plus(data) if "%" in data or ("+" in data and " " not in data) else data
