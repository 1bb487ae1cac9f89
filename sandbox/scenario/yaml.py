"""YAML 1.2 text to a tree with places: one document, no tags, no surprises, bounded in size.

ruamel.yaml reads the events and ``Builder`` makes the values, because ruamel's own constructors keep
no place for scalars, obey tags and expand aliases without a limit.
"""

from __future__ import annotations

import re
from io import StringIO
from typing import Final

from sandbox.scenario.build import Builder, Unreadable
from sandbox.scenario.node import Node
from sandbox.scenario.place import Place, Problem, printable

__all__ = ["MAX_BYTES", "decode", "parse"]

MAX_BYTES: Final = 1 << 20
"""The longest file. Ours have under 10 kB; of this size the parser reads about 0.4 MB a second."""

_UNPRINTABLE: Final = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)


def decode(
    data: bytes, name: str, problems: list[Problem], *, limit: int = MAX_BYTES
) -> str | None:
    """Read bytes as UTF-8 without a byte order mark; None after noting why that cannot be."""
    if len(data) > limit:
        what = f"the file is larger than {limit >> 20} MiB"
        problems.append(Problem(Place(name), what, "Shorten it."))
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _end(name, data[: error.start].decode("utf-8-sig", "replace"))
        what = f"the byte 0x{data[error.start]:02x} is no UTF-8"
        problems.append(Problem(place, what, "Save the file as UTF-8."))
        return None


def parse(text: str, name: str, problems: list[Problem]) -> Node | None:
    """Read one document; None, after noting why, where there is no tree to go on with."""
    from ruamel.yaml import YAML  # heavy: only commands that read a scenario pay for it
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    if bad := _UNPRINTABLE.search(text):
        what = f"the character U+{ord(bad[0]):04X} may not stand in a file"
        problems.append(Problem(_end(name, text[: bad.start()]), what, "Remove it."))
        return None
    builder = Builder(name, problems)
    try:
        for event in YAML(typ="safe", pure=True).parse(StringIO(text)):
            builder.take(event)
    except Unreadable:
        return None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = builder.place if mark is None else Place(name, mark.line + 1, mark.column + 1)
        problems.append(Problem(place, *_syntax(error.problem or error.context or "")))
        return None
    except (YAMLError, ValueError, OverflowError) as error:
        # ruamel leaves it to chr() and int() to refuse, for example, "\UFFFFFFFF".
        problems.append(Problem(builder.place, *_syntax(str(error))))
        return None
    return builder.root


def _end(name: str, before: str) -> Place:
    """The place right after a text."""
    return Place(name, before.count("\n") + 1, len(before) - before.rfind("\n"))


def _syntax(problem: str) -> tuple[str, str]:
    """What the parser says, on one line, and what usually helps."""
    line = printable(" ".join(problem.split())[:120].rstrip("."))
    for sign, remedy in _REMEDIES.items():
        if sign in line:
            return f"this is no YAML: {line}", remedy
    return f"this is no YAML: {line}", "Check indentation, colons and quotes here and just above."


_REMEDIES: Final = {
    "'\\t'": "Indent with spaces, not tabs.",
    "end of stream": "Close the quote or bracket that is open.",
    "stream end": "Close the quote or bracket that is open.",
    "mapping values are not allowed": "Put quotes around a text with ': ' in it.",
    "cannot start any token": "Put quotes around the text.",
    "escape": "Write \\\\ for a backslash, or use single quotes.",
}
