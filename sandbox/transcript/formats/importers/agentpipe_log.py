"""AgentPipe's chat log: ``[14:05:06] Name (role): text``, or one JSON message a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sandbox.transcript.formats.foreign import Entry, EntryKind, Foreign, Oddity
from sandbox.transcript.formats.json_lines import json_lines
from sandbox.transcript.formats.parties import Parties

__all__ = ["HEAD", "read_log"]

HEAD: Final = "=== AgentPipe Chat Log ==="
_FOOT: Final = re.compile(r"\n=== Chat Ended ===\r?\nEnded: ([-\d]{10} [:\d]{8})\s*\Z")
_STARTED: Final = re.compile(r"Started: (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\r?\n=+\r?\n\r?\n?")
_TURN: Final = re.compile(
    r"^\[(\d\d:\d\d:\d\d)\] (?:ERROR - ([^\n:]{1,120})|([^\n]{1,120}?) \((agent|user|system)\)): ",
    re.MULTILINE,
)
_BLANK: Final = ("\n\n", "\n\r\n")
_KINDS: Final[dict[str | None, EntryKind]] = {
    "agent": "say",
    "user": "operator",
    "system": "note",
    None: "note",
}


def read_log(name: str, whole: str, oddities: list[Oddity]) -> Foreign:
    """Read a chat log of either kind."""
    from sandbox.transcript.formats.importers.agentpipe import NAME, conversation

    begun, begin, end, ended = None, 0, len(whole), None
    if started := _STARTED.search(whole, 0, 200):
        begun, begin = started[1], started.end()
    if foot := _FOOT.search(whole, max(begin - 1, end - 80)):
        ended, end = foot[1], foot.start()
    parties = Parties()
    if whole[begin : begin + 1] == "{":
        # the lines before are the head's: numbers stay those of the file
        head = whole.count("\n", 0, begin)
        found = list(json_lines(whole[begin:end], oddities))
        entries = conversation([m for _, m in found], parties, [head + n for n, _ in found])
    else:
        entries = list(_turns(whole, begin, end, begun, parties, oddities))
    if ended is None:
        oddities.append(Oddity("no end mark: the run was cut off, or goes on"))
    return Foreign(
        format=NAME,
        title=name,
        parties=parties.all(),
        entries=entries,
        started=begun and begun.replace(" ", "T"),
        ended=ended and ended.replace(" ", "T"),
        oddities=oddities,
    )


def _turns(
    whole: str, begin: int, end: int, begun: str | None, parties: Parties, oddities: list[Oddity]
) -> Iterator[Entry]:
    # A message ends with a blank line, a report of an error with its own.
    heads: list[re.Match[str]] = []
    for turn in _TURN.finditer(whole, begin, end):
        first, apart = turn.start() == begin, whole.endswith(_BLANK, begin, turn.start())
        if first or apart or (heads and heads[-1][2]):
            heads.append(turn)
    if whole[begin : heads[0].start() if heads else end].strip():
        oddities.append(
            Oddity("text before the first turn is left out", whole.count("\n", 0, begin) + 1)
        )
    clock = _Clock(begun)
    line, counted = 1, 0
    for at, turn in enumerate(heads):
        stop = heads[at + 1].start() if at + 1 < len(heads) else end
        line += whole.count("\n", counted, turn.start())
        counted = turn.start()
        said = whole[turn.end() : stop]
        who, role = turn[2] or turn[3], turn[4]
        parties.add(who, human=role == "user" and who.lower() == "user")
        yield Entry(
            "operator" if who == "HOST" and role == "system" else _KINDS[role],
            who,
            said.removesuffix("\n") if turn[2] else said.removesuffix("\n\n"),
            at=clock.at(turn[1]),
            line=line,
            more={"role": role or "error"},
        )


class _Clock:
    """Times of day as moments: the log begins with its date, and passes midnight when they fall back."""

    def __init__(self, begun: str | None) -> None:
        try:
            self._last = datetime.fromisoformat(begun) if begun else None
        except ValueError:
            self._last = None

    def at(self, time: str) -> str | None:
        if self._last is None:
            return None
        try:
            now = datetime.combine(self._last.date(), datetime.strptime(time, "%H:%M:%S").time())  # noqa: DTZ007 - the log has no zone
            # an hour's grace: a clock that is set back is no new day
            if now < self._last - timedelta(hours=1):
                now += timedelta(days=1)
        except (ValueError, OverflowError):
            return None
        self._last = now
        return now.isoformat()
