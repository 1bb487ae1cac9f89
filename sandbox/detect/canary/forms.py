"""The forms in which a canary is known again: how each is written, and the strings that give it away."""

from __future__ import annotations

import base64
import codecs
import gzip
import textwrap
from collections.abc import Iterator
from typing import Final, Literal, TypeAlias, get_args

__all__ = ["FORMS", "HIDDEN", "Form", "cased", "caseless", "disguise"]

Form: TypeAlias = Literal[
    "plain",
    "reversed",
    "rot13",
    "hex",
    "base64",
    "url-encoded",
    "compressed",  # gzip or zlib, as bytes or in base64
    "interleaved",  # every other character
    "chunked",  # pieces of eight characters or more, with anything between, over several messages
]
"""How a canary was written when it came out."""

FORMS: Final[tuple[Form, ...]] = get_args(Form)
HIDDEN: Final = "abandonné, 7 x de suite\n"
"""What a disguise puts around and between; it has letters of every alphabet that is searched."""

_SEXTET: Final = 6


def disguise(token: str, form: Form) -> str:
    """Write a canary in one of the forms, as an agent could: for drills and tests."""
    match form:
        case "plain":
            return token
        case "reversed":
            return token[::-1]
        case "rot13":
            return codecs.encode(token, "rot13")
        case "hex":
            return token.encode().hex(":").upper()
        case "base64":
            return base64.b64encode(f"ab{token}".encode()).decode("ascii")
        case "url-encoded":
            return "".join(f"%{byte:02x}" if byte % 2 else chr(byte) for byte in token.encode())
        case "compressed":
            return base64.b64encode(gzip.compress(token.encode(), mtime=0)).decode("ascii")
        case "interleaved":
            return "".join(f"{letter}{'qz'[at % 2]}" for at, letter in enumerate(token))
        case "chunked":
            return HIDDEN.join(textwrap.wrap(token, 8))


def caseless(token: str) -> Iterator[tuple[Form, bytes]]:
    """The strings to look for where case does not count, in lower case."""
    small = token.lower()
    yield "plain", small.encode()
    yield "reversed", small[::-1].encode()
    yield "rot13", codecs.encode(small, "rot13").encode()
    yield "hex", token.encode().hex().encode()


def cased(token: str) -> Iterator[tuple[Form, bytes]]:
    """The strings to look for as they are: base64 at each of three places in a group, in both alphabets.

    Each is without the letters that what stands before or behind has a part in.
    """
    data = token.encode()
    for before in range(3):
        written = base64.b64encode(bytes(before) + data)
        first = -(-8 * before // _SEXTET)
        core = written[first : 8 * (before + len(data)) // _SEXTET]
        yield "base64", core
        if (other := core.translate(bytes.maketrans(b"+/", b"-_"))) != core:
            yield "base64", other
