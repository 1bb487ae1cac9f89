"""Deep links: ``?replay=RUN&turn=12`` as a place of the app; nothing else of an address is heeded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlencode

from sandbox.errors import UsageError
from sandbox.transcript.codec import EVENTS_FILE
from sandbox.tui.places import Flagged, Place, Replayed, Watched

__all__ = ["place_of", "written"]

_RUN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_NUMBER: Final = re.compile(r"[0-9]{1,15}")
_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "replay": ("turn", "seq"),
    "watch": (),
    "flags": ("seq",),
}
"""What can be opened, and what can be said of where."""
_LONGEST: Final = 500


def written(query: Mapping[str, str]) -> str:
    """The part of a query that is a link, written anew; empty if there is none."""
    for kind, more in _KINDS.items():
        if kind in query:
            return urlencode({name: query[name] for name in (kind, *more) if name in query})
    return ""


def place_of(link: str, root: Path) -> Place:
    """Where a link leads; without one, the app's first page.

    Args:
        link: hostile.
        root: the folder of transcripts; a run is one of its folders, by its whole name.

    Raises:
        UsageError: it is none, or there is no such run.
    """
    if not link:
        return "launch"
    query = dict(parse_qsl(link[:_LONGEST], keep_blank_values=True))
    kind = next((kind for kind in _KINDS if kind in query), "")
    if not kind or set(query) - {kind, *_KINDS[kind]}:
        raise UsageError(
            "that is no link: use replay=RUN (turn=N or seq=N), watch=RUN, or flags=RUN (seq=N)."
        )
    run = query[kind]
    # A name and no path: nothing outside the folder can be meant.
    if not _RUN.fullmatch(run) or not (root / run / EVENTS_FILE).is_file():
        raise UsageError(f"there is no run {run!r:.80} in {root}; a link names a run in full.")
    numbers = {name: _number(name, query[name]) for name in _KINDS[kind] if name in query}
    if kind == "watch":
        return Watched(run)
    if kind == "flags":
        return Flagged(root / run, seq=numbers.get("seq"))
    return Replayed(root / run, seq=numbers.get("seq"), turn=numbers.get("turn"))


def _number(name: str, text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise UsageError(f"{name} is {text!r:.40}, which is no number.")
    return int(text)
