"""How long a run was played: no time in which no engine ran, and none in which it stood."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sandbox.engine.state import State
from sandbox.transcript.event import Event

__all__ = ["PlayedTime", "unix"]

_BEGINS: Final = frozenset({"turn.offered", "think.request"})


class PlayedTime:
    """Adds up the seconds between events, from the first turn on."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._since: str | None = None
        self._stands = False
        self._last = ""

    def take(self, event: Event, state: State) -> None:
        """Take in the next event; ``state`` is the one after it."""
        if event.kind in {"run.started", "run.resumed"}:
            self._seconds, self._since, self._stands = self.until(self._last), None, False
        elif event.kind == "run.ended":
            self._seconds, self._since, self._stands = event.data["seconds"], None, False
        elif event.kind in _BEGINS:
            self._since, self._stands = self._since or event.ts, False
        elif state.stands and self._since is not None:
            self._seconds, self._since, self._stands = self.until(event.ts), None, True
        elif self._stands and not state.stands:
            self._since, self._stands = event.ts, False
        self._last = event.ts

    def until(self, ts: str) -> float:
        """The seconds played up to a moment that is not before the last event."""
        if not self._since or not ts:  # an imported event may have no time
            return self._seconds
        return self._seconds + max(0.0, unix(ts) - unix(self._since))


def unix(ts: str) -> float:
    """An event's time in unix seconds. Raises ValueError."""
    return datetime.fromisoformat(ts).timestamp()
