"""Many of a kind told as few: the first at once, then one line a second with a count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Generic, Literal, Protocol, TypeAlias, TypeVar

__all__ = ["Refusal", "Tally"]

SECONDS: Final = 1.0

Refusal: TypeAlias = Literal[
    "connections",  # one more than allowed; closed
    "rate",  # faster than allowed; not read for a while
    "size",  # headers or a body beyond the limit; refused and cut
    "slow",  # a request that did not come to its end in time, or an answer that was not taken; cut
    "malformed",  # bytes that are no HTTP/1.1; cut
    "tls",  # a greeting in TLS; doors speak plain HTTP; cut
]
"""What is not let in at a door."""

Kind = TypeVar("Kind", bound=str)


class _Timer(Protocol):
    def cancel(self) -> None: ...


class Tally(Generic[Kind]):
    """Counts things of few kinds. ``tell`` takes the kind, a sample of the first, and how many there were.

    ``later`` is ``loop.call_later`` or a stand-in for it.
    """

    def __init__(
        self,
        tell: Callable[[Kind, str, int], None],
        later: Callable[[float, Callable[[], None]], _Timer],
    ) -> None:
        self._tell = tell
        self._later = later
        self._counts: dict[Kind, tuple[str, int]] = {}
        self._timers: dict[Kind, _Timer] = {}

    def add(self, what: Kind, sample: str = "") -> None:
        """Take in one more."""
        if what not in self._timers:
            self._tell(what, sample, 1)
            self._rest(what)
            return
        first, count = self._counts.get(what, (sample, 0))
        self._counts[what] = first, count + 1

    def flush(self) -> None:
        """Tell what is still waiting; call it last."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        while self._counts:
            what, (sample, count) = self._counts.popitem()
            self._tell(what, sample, count)

    def _rest(self, what: Kind) -> None:
        self._timers[what] = self._later(SECONDS, lambda: self._due(what))

    def _due(self, what: Kind) -> None:
        del self._timers[what]
        if what in self._counts:
            self._tell(what, *self._counts.pop(what))
            self._rest(what)
