"""Looks at what is being written a moment after the last key, one look at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from textual.timer import Timer

if TYPE_CHECKING:
    from textual.dom import DOMNode

    from sandbox.scenario.findings import Findings

__all__ = ["Checked", "Checker"]

QUIET: Final = 0.15
"""Seconds without a key after which the text is looked at."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A text, and what was found in it."""

    text: str
    findings: Findings


class Checker:
    """Reads the text by ``text`` when it is due, and gives what was found to ``tell``.

    A look that is under way is let to end, since no thread can be ended; what was typed meanwhile is
    looked at after it. So a huge text costs one thread and not one for each key.

    Args:
        owner: whose timers and workers these are.
        text: gives the text as it is now, and where it lies.
        keep: is called in the thread with each text, to keep a draft of it.
        tell: takes what was found.
    """

    def __init__(
        self,
        owner: DOMNode,
        text: Callable[[], tuple[str, Path | None]],
        keep: Callable[[str], None],
        tell: Callable[[Checked], None],
    ) -> None:
        self._owner = owner
        self._text = text
        self._keep = keep
        self._tell = tell
        self._timer: Timer | None = None
        self._looking = False
        self._again = False
        self.idle = asyncio.Event()
        """Set while nothing is due."""

    def touch(self) -> None:
        """Something was typed."""
        self.idle.clear()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._owner.set_timer(QUIET, self.now, name="check")

    def now(self) -> None:
        """Look without waiting for more keys."""
        self.idle.clear()
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self._looking:
            self._again = True
            return
        self._looking = True
        self._owner.run_worker(self._look(), name="check", group="check")

    async def _look(self) -> None:
        from sandbox.scenario.findings import findings  # heavy: the schema, after the first paint

        try:
            text, path = self._text()
            name = "scenario" if path is None else path.name
            found = await asyncio.to_thread(partial(findings, text, name, path))
            await asyncio.to_thread(self._keep, text)
        finally:
            self._looking = False
        self._tell(Checked(text, found))
        if self._again:
            self._again = False
            self.now()
        elif self._timer is None:
            self.idle.set()
