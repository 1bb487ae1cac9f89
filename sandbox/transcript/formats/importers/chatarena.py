"""ChatArena: the saved history of a game, JSON or CSV; its configurations are explained, not read."""

from __future__ import annotations

import ast
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sandbox.transcript.formats.fields import kept, mapping, of_unix, sequence, string
from sandbox.transcript.formats.foreign import Entry, EntryKind, Foreign, Oddity, Source
from sandbox.transcript.formats.parties import Parties
from sandbox.transcript.formats.text import document, is_json, no_transcript, text, unreadable

__all__ = ["ABOUT", "NAME", "looks", "read"]

NAME: Final = "chatarena"
ABOUT: Final = "ChatArena: the saved history of a game (.json, .csv)"

_COLUMNS: Final = ("agent_name", "content", "turn", "timestamp", "visible_to", "msg_type")
_HEAD: Final = ",".join(_COLUMNS)
_ARENA: Final = (b'"players"', b'"environment"', b'"env_type"')
_LONGEST_LIST: Final = 10_000


def looks(source: Source) -> float:
    """Tell by the columns of a message, or the keys of an arena."""
    head = source.data[:4096]
    if not is_json(source):
        return 0.97 if head.removeprefix(b"\xef\xbb\xbf").startswith(_HEAD.encode()) else 0.0
    if all(f'"{column}"'.encode() in source.data for column in _COLUMNS[:5]):
        return 0.95
    return 0.92 if all(key in source.data for key in _ARENA) else 0.0


def read(source: Source) -> list[Foreign]:
    """Read the one game of a file."""
    oddities: list[Oddity] = []
    if is_json(source):
        messages: list[tuple[int | None, Any]] = [(None, one) for one in _of_json(source)]
    else:
        whole, oddities = text(source)
        messages = list(_of_csv(whole, oddities))
    parties = Parties()
    one_moment = len(messages) > 1 and len({str(m.get("timestamp")) for _, m in messages}) == 1
    if one_moment:
        oddities.append(
            Oddity(
                "every message has the same time, that of the program's start and not of its own: left out"
            )
        )
    entries = list(_entries(messages, parties, oddities, timed=not one_moment))
    if not entries:
        raise no_transcript(
            source, "a history of ChatArena's without a message", "There is no game in it"
        )
    return [
        Foreign(NAME, source.name.rpartition("/")[2], parties.all(), entries, oddities=oddities)
    ]


def _of_json(source: Source) -> Sequence[Any]:
    saved = document(source)
    if isinstance(saved, dict) and "players" in saved:
        raise no_transcript(
            source,
            "a configuration of ChatArena's: the players and the rules of a game, no game",
            "Play it there, and import what Arena.save_history wrote",
        )
    if not isinstance(saved, list):
        raise unreadable(source, "no list of messages, as ChatArena saves it", "Get the file whole")
    return saved


def _of_csv(whole: str, oddities: list[Oddity]) -> Iterator[tuple[int | None, Mapping[str, Any]]]:
    csv.field_size_limit(
        max(csv.field_size_limit(), len(whole))
    )  # the module's own is 131,072 characters
    rows = csv.reader(io.StringIO(whole, newline=""), strict=True)
    line = 1
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            oddities.append(
                Oddity(f"here the CSV is damaged or cut off, and the rest left out: {error}", line)
            )
            return
        at, line = line, rows.line_num + 1
        if row == list(_COLUMNS) and at == 1:
            continue
        if len(row) != len(_COLUMNS):
            if row:
                oddities.append(Oddity(f"a row of {len(row)} columns instead of 6 is left out", at))
            continue
        yield at, dict(zip(_COLUMNS, row, strict=True))


def _entries(
    messages: Sequence[tuple[int | None, Any]],
    parties: Parties,
    oddities: list[Oddity],
    *,
    timed: bool,
) -> Iterator[Entry]:
    for line, message in messages:
        said = mapping(message).get("content")
        if not isinstance(said, str):
            oddities.append(Oddity("a message without text is left out", line))
            continue
        who = parties.add(string(message, "agent_name") or "unnamed")
        to = _readers(message.get("visible_to"))
        kind: EntryKind = "say" if to is None else "whisper"
        yield Entry(
            kind,
            who,
            said,
            to=tuple(parties.add(name) for name in to or ()),
            at=_moment(message.get("timestamp")) if timed else None,
            turn=_number(message.get("turn")),
            line=line,
            more=kept(message, "timestamp", "visible_to", "msg_type"),
        )


def _readers(visible_to: object) -> list[str] | None:
    """Say who may see a message; None for everybody. CSV holds a list as Python writes it."""
    if isinstance(visible_to, str):
        if visible_to in {"all", ""}:
            return None
        if not visible_to.startswith("[") or len(visible_to) > _LONGEST_LIST:
            return [visible_to]
        try:
            visible_to = ast.literal_eval(visible_to)
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            return [str(visible_to)]
    names = [name for name in sequence(visible_to) if isinstance(name, str)]
    return names or None


def _number(turn: object) -> int | None:
    if isinstance(turn, str) and re.fullmatch(r"-?\d{1,9}", turn):
        return int(turn)
    return turn if isinstance(turn, int) and not isinstance(turn, bool) else None


def _moment(timestamp: object) -> str | None:
    """Read a time in nanoseconds, which the history holds as text."""
    if isinstance(timestamp, str) and re.fullmatch(r"\d{16,20}", timestamp):
        timestamp = int(timestamp)
    return of_unix(timestamp / 1e9) if isinstance(timestamp, int) and timestamp > 10**15 else None
