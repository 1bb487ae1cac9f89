"""The drill: before a run begins, a canary of its own is sent by every way, and must be found on each.

A watch that has seen nothing has proved nothing unless it would have seen something.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sandbox.detect.canary import CHANNELS, FORMS, HIDDEN, Form, Search, disguise, outbound
from sandbox.errors import DrillFailed
from sandbox.isolation.doors.watched import Watched
from sandbox.isolation.witnesses.decoy import Decoy
from sandbox.isolation.witnesses.outside import Laid
from sandbox.isolation.witnesses.sentinels import Change, Sentinels
from sandbox.transcript.event import Event

__all__ = ["DRILL", "Drilled", "drill"]

DRILL: Final = "drill"
"""The id of its canary, and the name of its folder."""
FILES: Final = "file"
"""The channel of files that are kept from a work folder."""


@dataclass(frozen=True, slots=True)
class Drilled:
    """What was tried and found; ``seconds`` is how long it took."""

    channels: tuple[str, ...]
    forms: tuple[Form, ...]
    found: int
    seconds: float

    @property
    def told(self) -> dict[str, Any]:
        """What the record says of it."""
        return {
            "channels": list(self.channels),
            "forms": list(self.forms),
            "found": self.found,
            "seconds": round(self.seconds, 4),
        }


def drill(search: Search, token: str, folder: Path, decoy: Decoy) -> Drilled:
    """Send the drill's canary by every channel in every form, and touch what is watched.

    Args:
        search: that of the run; it looks for ``token`` under the id ``DRILL``, beside all others.
        token: the drill's.
        folder: for a file to be touched; gone afterwards.
        decoy: has been started.

    Raises:
        DrillFailed: not all was found.
        OSError: the file cannot be made.
    """
    began, found, missed = time.perf_counter(), 0, list[str]()
    for channel, member, form, seen in _sent(search, token):
        found += seen
        if not seen:
            missed.append(f"'{form}' in {member} ({channel})")
    for what, seen in _touched(folder / DRILL):
        found += seen
        if not seen:
            missed.append(what)
    if decoy.pid is not None:
        found += decoy.shows()
        if not decoy.shows():
            missed.append("the string in the environment of a process")
    search.forget()
    if missed:
        raise DrillFailed(missed)
    channels = tuple(dict.fromkeys([*(channel for channel, _ in CHANNELS.values()), FILES]))
    return Drilled(channels, FORMS, found, time.perf_counter() - began)


def _sent(search: Search, token: str) -> Iterator[tuple[str, str, Form, bool]]:
    """Send the canary as each kind of event would bring it; and whether it was found, in that form."""
    for form in FORMS:
        text = f"{HIDDEN}{disguise(token, form)}{HIDDEN}"
        parts = text.splitlines() if form == "chunked" else [text]
        for kind, (channel, members) in CHANNELS.items():
            for member in members:
                agent = f"{kind}.{member}.{form}"
                events = [Event(0, kind, agent, {member: part}) for part in parts]
                seen = [
                    search.feed(agent, *one).get(DRILL)
                    for event in events
                    for one in outbound(event)
                ]
                yield channel, f"{kind} {member}", form, form in seen
        kept = search.find(text.encode("ascii", "replace"))
        yield FILES, "a kept file", form, kept.get(DRILL) == form


def _touched(folder: Path) -> Iterator[tuple[str, bool]]:
    """Change a file that is watched, and open one."""
    folder.mkdir(exist_ok=True)
    file = folder / "touched"
    changes: list[Change] = []
    opened: list[str] = []
    sentinels, opens = Sentinels(changes.append), Watched(opened.append)
    try:
        file.write_text("as it was")
        sentinels.add(Laid(file, DRILL, DRILL))
        opens.add(file, DRILL)
        file.write_text("changed")
        sentinels.hear() if sentinels.able else sentinels.look(DRILL)
        opens.read()
        yield "a file that was changed", bool(changes)
        yield "a file that was opened", bool(opened) or not opens.able
    finally:
        sentinels.close()
        opens.close()
        shutil.rmtree(folder, ignore_errors=True)
