"""An agent's box as the record has it: what it is, what it may use, what it changed, what was denied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from sandbox.console.fields import clause, listed, number, word
from sandbox.console.lines import Span
from sandbox.transcript.event import Event
from sandbox.tui.inspector.mirror import Row

__all__ = ["BoxFacts"]

_DENIED: Final = {
    "action.refused": "tool",
    "gate.refused": "what",
    "host.call": "call",
    "message.refused": "why",
}
"""Kinds that deny something, and the field that says what."""
_SAW: Final = {
    "host.alert": "rule",
    "host.canary": "canary",
    "host.changed": "path",
    "host.container": "action",
    "host.process": "found",
}
"""What the host saw of the box besides, and the field that says what."""
_NAMED: Final = 6
_LONGEST: Final = 60


class BoxFacts:
    """Folds a run's events into what is to be said of one agent's box. Give it all of them in order."""

    def __init__(self, agent: str) -> None:
        self._agent = agent
        self._run: Mapping[str, Any] = {}
        self._box: Mapping[str, Any] = {}
        self._state = "no box yet"
        self._style = "note"
        self._denied: Counter[str] = Counter()
        self._limits: Counter[str] = Counter()
        self._saw: Counter[str] = Counter()
        self._programs: Counter[str] = Counter()
        self._unseen = 0
        self._changed: dict[str, int] = {}
        self._kept = ""
        self._doors: dict[str, int] = {}
        self._services: dict[int, str] = {}

    @property
    def kept(self) -> bool:
        """Whether its folder was kept, so that one can look around in a copy."""
        return bool(self._kept)

    def take(self, event: Event) -> None:
        """Move on by one event."""
        if event.kind in {"run.started", "run.resumed"}:
            self._run = event.data
            self._state, self._style = "no box yet", "note"
        elif event.actor == self._agent:
            take = _TAKES.get(event.kind)
            if take is not None:
                take(self, event.data)
            elif event.kind in _DENIED:
                what = event.kind.partition(".")[0]
                self._denied[_named(what, event.data, _DENIED[event.kind])] += _count(event.data)
            elif event.kind in _SAW:
                what = event.kind.rpartition(".")[2]
                self._saw[_named(what, event.data, _SAW[event.kind])] += _count(event.data)

    def rows(self, gauge: Iterable[Row] = ()) -> list[Row]:
        """Say what is known, a row each; ``gauge`` is what the living box uses."""
        return list(self._rows(gauge))

    def _rows(self, gauge: Iterable[Row]) -> Iterator[Row]:
        yield _fact("box", Span(self._state, self._style))
        yield _fact("tier", *self._tier())
        yield _fact("limits", Span(self._allowed()))
        yield from gauge
        for what, times in self._limits.items():
            yield _fact("", Span(f"limit met: {what}{_times(times)}", "warning"))
        files = [f"{'~' if turns > 1 else '+'} {path}" for path, turns in self._changed.items()]
        yield _fact("files", Span(_some(files) or "none changed"))
        if self._kept:
            yield _fact("", Span(self._kept, "note"))
        denied = _counted(self._denied)
        yield _fact("denied", Span(_some(denied) or "nothing", "refused" if denied else ""))
        if self._saw:
            yield _fact("seen", Span(_some(_counted(self._saw)), "refused"))
        if self._programs or self._unseen:
            more = f"  and {self._unseen:,} more starts" if self._unseen else ""
            yield _fact("ran", Span(_some(_counted(self._programs)) + more, "action"))
        if self._doors:
            doors = [
                f"{door}{_times(times) if times else ' ajar'}"
                for door, times in self._doors.items()
            ]
            yield _fact("doors", Span(_some(doors), "warning"))
        if self._services:
            serves = [f"{port} {program}".strip() for port, program in self._services.items()]
            yield _fact("serves", Span(_some(serves), "warning"))

    def _tier(self) -> list[Span]:
        tier = word(self._box, "tier") or word(self._run, "tier") or "unknown"
        spans = [Span(tier, "refused" if tier == "none" else "good")]
        image = self._run.get("image")
        if isinstance(image, Mapping) and tier not in {"none", "bubblewrap"}:
            spans.append(Span(f"  {word(image, 'tag') or word(image, 'kind')}"))
        if self._box.get("uid") is not None:
            spans.append(Span(f"  uid {word(self._box, 'uid')}", "note"))
        return spans

    def _allowed(self) -> str:
        scenario = self._run.get("scenario")
        asked = scenario.get("isolation") if isinstance(scenario, Mapping) else None
        if not isinstance(asked, Mapping):
            return "unknown"
        mib = number(asked, "memory") / (1 << 20)
        disk = number(asked, "disk") / (1 << 20)
        return f"{mib:,.0f} MiB  {word(asked, 'cpu')} cpu  {word(asked, 'pids')} processes  {disk:,.0f} MiB disk"

    # what one event tells ----------------------------------------------------------------------

    def _started(self, data: Mapping[str, Any]) -> None:
        self._box = data
        self._state, self._style = "runs", "good"

    def _ended(self, data: Mapping[str, Any]) -> None:
        why = (
            "out of memory"
            if data.get("oom")
            else f"exit {word(data, 'code') or word(data, 'signal')}"
        )
        self._state, self._style = f"has ended: {why}", "warning"

    def _died(self, data: Mapping[str, Any]) -> None:
        code = f" (exit {word(data, 'code')})" if data.get("code") is not None else ""
        self._state, self._style = f"CRASHED: {word(data, 'reason')}{code}", "failed"

    def _left(self, data: Mapping[str, Any]) -> None:
        self._state, self._style = f"was left: {word(data, 'reason')}", "note"

    def _froze(self, data: Mapping[str, Any]) -> None:
        self._state, self._style = f"FROZEN: {word(data, 'why')}", "warning"

    def _thawed(self, data: Mapping[str, Any]) -> None:  # noqa: ARG002  # the table's signature
        self._state, self._style = "runs", "good"

    def _met(self, data: Mapping[str, Any]) -> None:
        self._limits[word(data, "what")] += _count(data)

    def _ran(self, data: Mapping[str, Any]) -> None:
        self._unseen += int(number(data, "left_out"))
        argv = data.get("argv")
        program = word(data, "program") or clause(
            argv[0] if isinstance(argv, list) and argv else ""
        )
        if program:
            self._programs[program.rpartition("/")[2][:_LONGEST]] += _count(data)

    def _saved(self, data: Mapping[str, Any]) -> None:
        for path in listed(data, "changed"):
            self._changed[path] = self._changed.get(path, 0) + 1
        files, size = int(number(data, "files")), int(number(data, "bytes"))
        self._kept = f"kept after turn {word(data, 'turn')}: {files:,} files, {size:,} bytes"

    def _ajar(self, data: Mapping[str, Any]) -> None:
        self._doors.setdefault(word(data, "door"), 0)

    def _touched(self, data: Mapping[str, Any]) -> None:
        door = word(data, "door") or clause(data.get("opened"))
        self._doors[door] = self._doors.get(door, 0) + 1

    def _serves(self, data: Mapping[str, Any]) -> None:
        self._services[int(number(data, "port"))] = word(data, "program")


_TAKES: Final = {
    "box.started": BoxFacts._started,  # noqa: SLF001 - the table of its own class
    "box.ended": BoxFacts._ended,  # noqa: SLF001
    "agent.died": BoxFacts._died,  # noqa: SLF001
    "agent.left": BoxFacts._left,  # noqa: SLF001
    "box.frozen": BoxFacts._froze,  # noqa: SLF001
    "box.thawed": BoxFacts._thawed,  # noqa: SLF001
    "box.limit": BoxFacts._met,  # noqa: SLF001
    "box.exec": BoxFacts._ran,  # noqa: SLF001
    "workspace.saved": BoxFacts._saved,  # noqa: SLF001
    "door.opened": BoxFacts._ajar,  # noqa: SLF001
    "door.touched": BoxFacts._touched,  # noqa: SLF001
    "service.seen": BoxFacts._serves,  # noqa: SLF001
}


def _fact(name: str, *value: Span) -> Row:
    return (Span(f"{name:<8}", "note"), *value)


def _count(data: Mapping[str, Any]) -> int:
    return max(1, int(number(data, "count")))


def _named(what: str, data: Mapping[str, Any], field: str) -> str:
    return f"{what} {word(data, field)}"[:_LONGEST]


def _counted(counter: Counter[str]) -> list[str]:
    return [f"{what}{_times(times)}" for what, times in counter.most_common()]


def _times(times: int) -> str:
    return f" x{times:,}" if times > 1 else ""


def _some(items: list[str]) -> str:
    more = f"  … {len(items) - _NAMED} more" if len(items) > _NAMED else ""
    return "  ".join(items[:_NAMED]) + more
