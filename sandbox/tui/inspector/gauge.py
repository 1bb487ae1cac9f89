"""What a living box uses, as it was read once a second: processor, memory, processes, over the last minute."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from sandbox.console.fields import number
from sandbox.console.lines import Span, shorten
from sandbox.tui.inspector.mirror import Row
from sandbox.tui.room.score import bars

__all__ = ["Gauge"]

_KEPT: Final = 60.0
"""Seconds that are looked back over."""
_CELLS: Final = 20
_MIB: Final = 1 << 20
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class _Reading:
    at: float
    cpu: float
    """Seconds so far."""
    memory: float
    load: float
    """Cores that were busy since the reading before."""


class Gauge:
    """Fed with answers to ``stats``; the box's own word, so everything in them is taken for hostile."""

    def __init__(self) -> None:
        self._readings: deque[_Reading] = deque()
        self._limits: Mapping[str, Any] = {}
        self._pids = 0
        self._disk = 0.0
        self._why = ""
        self.asking = False
        """Whether an answer is waited for: a box is not asked again before it has answered."""

    @contextmanager
    def asked(self) -> Iterator[None]:
        """While the body runs an answer is waited for."""
        self.asking = True
        try:
            yield
        finally:
            self.asking = False

    def take(self, data: Mapping[str, Any], now: float) -> None:
        """Take a reading, made ``now`` on a monotonic clock."""
        cpu, before = number(data, "cpu_seconds"), self._readings[-1] if self._readings else None
        load = 0.0
        if before is not None and now > before.at:
            load = max(0.0, (cpu - before.cpu) / (now - before.at))
        self._readings.append(_Reading(now, cpu, number(data, "memory"), load))
        while now - self._readings[0].at > _KEPT:
            self._readings.popleft()
        limits = data.get("limits")
        self._limits = limits if isinstance(limits, Mapping) else {}
        self._pids, self._disk = int(number(data, "pids")), number(data, "disk")
        self._why = ""

    def miss(self, why: str) -> None:
        """There was nothing to be read, and why."""
        self._why = why

    def rows(self) -> list[Row]:
        """Say what is known, a row each; nothing where nothing was read yet."""
        if self._why:
            return [_fact("now", Span(shorten(self._why, _LONGEST), "warning"))]
        if not self._readings:
            return []
        last = self._readings[-1]
        cores, memory = number(self._limits, "cpu"), number(self._limits, "memory")
        load = f"{last.load:>5.0%} of {cores:g} cores"
        used = f"{last.memory / _MIB:>5.0f} of {memory / _MIB:,.0f} MiB"
        disk = f"{self._disk / _MIB:.1f} of {number(self._limits, 'disk') / _MIB:.0f} MiB"
        pids = f"{self._pids} of {number(self._limits, 'pids'):.0f} processes"
        # In thousandths: the bars count in whole numbers.
        loads = self._strip([round(one.load * 1000) for one in self._readings], cores * 1000)
        held = self._strip([round(one.memory / 1024) for one in self._readings], memory / 1024)
        return [
            _fact("cpu", Span(f"{load:<18}"), Span(f" {loads}", "good")),
            _fact("memory", Span(f"{used:<18}"), Span(f" {held}", "good")),
            _fact("", Span(f"{pids}, {disk} of disk")),
        ]

    def _strip(self, values: list[int], full: float) -> str:
        """The last minute in cells, each the most of its share of it; the newest is at the right."""
        newest, shares = self._readings[-1].at, [0] * _CELLS
        first = _CELLS
        for one, value in zip(self._readings, values, strict=True):
            cell = _CELLS - 1 - min(_CELLS - 1, int((newest - one.at) * _CELLS / _KEPT))
            shares[cell] = max(shares[cell], value)
            first = min(first, cell)
        return " " * first + bars(shares[first:], round(full))


def _fact(name: str, *value: Span) -> Row:
    return (Span(f"{name:<8}", "note"), *value)
