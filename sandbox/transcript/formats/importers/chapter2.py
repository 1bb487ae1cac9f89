"""Act I, chapter2: chat as text in one of its message formats.

``irc`` ``<name> words``, ``infrastruct`` ``[name](#type)`` above the words, ``web_document`` ``from name``
above the words, ``colon`` ``Name: words``. None of them escapes anything.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sandbox.transcript.formats.foreign import Entry, Foreign, Oddity, Source
from sandbox.transcript.formats.parties import Parties
from sandbox.transcript.formats.text import is_json, unreadable
from sandbox.transcript.formats.text import lines as lines_of
from sandbox.transcript.formats.text import text as text_of

__all__ = ["ABOUT", "NAME", "looks", "read"]

NAME: Final = "chapter2"
ABOUT: Final = "Act I, chapter2: chat as text (irc, colon, infrastruct, web_document)"

_FORMS: Final[Mapping[str, re.Pattern[str]]] = {
    "infrastruct": re.compile(r"\[(?P<name>[\w:/. -]{1,80})\]\(#(?P<type>[\w-]*)\)(?P<text>)\r?"),
    "irc": re.compile(r"<(?P<name>[^<>\r=!/?][^<>\r=]{0,79})>(?: (?P<text>.*)|\r?)"),
    "web_document": re.compile(
        r"from (?P<name>\S.{0,60}?)(?: @ (?P<at>\d{4}-\d\d-\d\d))?(?P<text>)\r?"
    ),
    "colon": re.compile(r"(?P<name>[^\s:<>\[\]#*|{}\"'`\d-][^:\r]{0,48}):(?: (?P<text>.*)|\r?)"),
}
_REPLY: Final = re.compile(r"\[reply:([0-9a-f]{1,5})\] ")
_ID: Final = re.compile(r" \[id:([0-9a-f]{1,5})\](\r?)$")
_ELEMENTS: Final = frozenset(
    {
        "html",
        "head",
        "body",
        "div",
        "p",
        "br",
        "center",
        "details",
        "table",
        "picture",
        "h1",
        "h2",
        "svg",
    }
)
"""What a page begins with, and no chat."""
_ALONE: Final = frozenset({"infrastruct", "web_document"})
"""Forms whose header has a line of its own."""
_LOOK: Final = 200
"""Lines by which a file is known."""


class _Mark(NamedTuple):
    """A header: its index in the lines, its name, what is behind it in its line."""

    at: int
    name: str
    found: re.Match[str]


def looks(source: Source) -> float:
    """Tell by the first line and the share of headers; many other files have colons."""
    if is_json(source) and not source.data.lstrip().startswith(b"["):
        return 0.0
    lines = lines_of(source.data[:20_000].decode("utf-8", "replace"))[:_LOOK]
    words = [line for line in lines if line.strip()]
    form = _form(words)
    if form is None or source.name.lower().endswith((".html", ".htm")):
        return 0.0
    names = Counter(mark.name for mark in _marks(words, form))
    share = names.total() / len(words)
    if form == "infrastruct":
        return 0.7
    if form == "irc":
        closed = {line.strip()[2:-1] for line in words if line.lstrip().startswith("</")}
        if names.keys() & (_ELEMENTS | closed):
            return 0.0
        return 0.6 if share > 0.5 else 0.3 if names.total() > 1 else 0.0
    if form == "web_document":
        return 0.4 if names.total() > 1 else 0.0
    text = source.name.endswith((".txt", ".log"))
    talk = len(names) > 1 and sum(1 for n in names.values() if n > 1) > 1
    return 0.3 if text and talk and share > 0.3 else 0.0


def read(source: Source) -> list[Foreign]:
    """Read the one conversation of a file.

    Raises:
        Unreadable: its first line is no header in any of the forms.
    """
    whole, oddities = text_of(source)
    lines = lines_of(whole)
    form = _form([line for line in lines if line.strip()])
    if form is None:
        why = "its first line is no '<name> words', '[name](#type)', 'from name' or 'Name: words'"
        raise unreadable(source, why, "If others begin it, cut it to where the chat begins")
    marks = list(_marks(lines, form))
    if form == "colon":
        marks = _often(marks, oddities)
    parties = Parties()
    entries = list(_entries(lines, marks, form, parties))
    title = source.name.rpartition("/")[2].rpartition(".")[0] or form
    more = {"message_format": form}
    return [Foreign(NAME, title, parties.all(), entries, more=more, oddities=oddities)]


def _form(words: Sequence[str]) -> str | None:
    """The form of a file, by its first line that is not blank."""
    first = words[0] if words else ""
    return next((form for form, pattern in _FORMS.items() if pattern.fullmatch(first)), None)


def _marks(lines: Sequence[str], form: str) -> Iterator[_Mark]:
    for at, line in enumerate(lines):
        if found := _FORMS[form].fullmatch(line):
            yield _Mark(at, found["name"].strip(), found)


def _often(marks: Sequence[_Mark], oddities: list[Oddity]) -> list[_Mark]:
    """Keep the names that speak more than once, and the first: any line may hold a colon."""
    counts = Counter(mark.name for mark in marks)
    known = [mark for mark in marks if counts[mark.name] > 1 or mark is marks[0]]
    if len(known) < 2:
        return list(marks)
    once = [mark for mark in marks if mark not in known]
    if once:
        some = ", ".join(f"'{mark.name}'" for mark in once[:5])
        what = f"{len(once)} lines begin with a name that comes once: taken as words: {some}"
        oddities.append(Oddity(what, once[0].at + 1))
    return known


def _entries(
    lines: Sequence[str], marks: Sequence[_Mark], form: str, parties: Parties
) -> Iterator[Entry]:
    end = len(lines) - (lines[-1] == "")
    windows = all(line.endswith("\r") for line in lines[:end])
    for index, (at, name, found) in enumerate(marks):
        behind = marks[index + 1].at if index + 1 < len(marks) else end
        more: dict[str, Any] = {}
        first = found["text"] or ""
        rest = list(lines[at + 1 : behind])
        if form == "irc":
            first, more = _without_ids(first)
        words = rest if form in _ALONE else [first, *rest]
        fields = found.groupdict()
        more |= {key: fields[key] for key in ("type",) if fields.get(key)}
        at_day = fields.get("at")
        text = "\n".join(words)
        if windows:
            text = text.removesuffix("\r")
        yield Entry("say", parties.add(name), text, at=at_day, line=at + 1, more=more)


def _without_ids(text: str) -> tuple[str, dict[str, Any]]:
    """Take the marks of a message and of what it replies to off an irc line."""
    more: dict[str, Any] = {}
    if reply := _REPLY.match(text):
        more["reply"] = reply[1]
        text = text[reply.end() :]
    if own := _ID.search(text):
        more["id"] = own[1]
        text = text[: own.start()] + own[2]
    return text, more
