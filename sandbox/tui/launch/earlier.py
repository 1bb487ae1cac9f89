"""The runs that lie in the folder of transcripts: the last ones, and what those of one scenario took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sandbox.console.fields import number
from sandbox.errors import TranscriptError
from sandbox.tui.launch.estimate import Past

if TYPE_CHECKING:
    from sandbox.scenario.schema import Scenario
    from sandbox.transcript.event import Event
    from sandbox.transcript.runs import RunInfo

__all__ = ["RecentRun", "past_runs", "recent_runs"]

_RECENT: Final = 12
_COUNTED: Final = 20
"""Runs of a scenario that an estimate rests on, the newest."""


@dataclass(frozen=True, slots=True)
class RecentRun:
    """One run as the list shows it; ``flags`` is None where the run has told no totals."""

    info: RunInfo
    flags: int | None = None


def recent_runs(runs: Sequence[RunInfo]) -> list[RecentRun]:
    """The newest of these, which come oldest first, the newest first; each costs a few reads."""
    found = []
    for info in runs[: -_RECENT - 1 : -1]:
        _, last = _ends(info.folder)
        flags = None if last is None else _totals(last).get("flags")
        found.append(RecentRun(info, flags if isinstance(flags, int) else None))
    return found


def past_runs(runs: Sequence[RunInfo], scenario: Scenario) -> list[Past]:
    """What those of these runs took that have this title, these agents and these models, the newest first."""
    cast = {name: spec.model for name, spec in scenario.agents.items()}
    found: list[Past] = []
    for info in reversed(runs):
        if info.title != scenario.title or info.imported or len(found) == _COUNTED:
            continue
        first, last = _ends(info.folder)
        if first is not None and last is not None and _cast(first) == cast and _totals(last):
            found.append(_past(last))
    return found


def _ends(folder: Path) -> tuple[Event | None, Event | None]:
    """The first event of a run and the last; None where they cannot be read."""
    from sandbox.transcript.record import Record

    try:
        with Record(folder) as record:
            return next(record.events(), None), next(record.backwards(), None)
    except (OSError, TranscriptError):
        return None, None


def _totals(last: Event) -> Mapping[str, Any]:
    totals = last.data.get("totals") if last.kind == "run.ended" else None
    return totals if isinstance(totals, Mapping) else {}


def _cast(first: Event) -> dict[str, object]:
    agents = first.data.get("agents")
    if not isinstance(agents, Mapping):
        return {}
    return {
        str(name): each.get("model") for name, each in agents.items() if isinstance(each, Mapping)
    }


def _past(last: Event) -> Past:
    totals = _totals(last)
    return Past(
        turns=int(number(last.data, "turns")),
        seconds=float(number(last.data, "seconds")),
        tokens=int(number(totals, "tokens_in") + number(totals, "tokens_out")),
        money=float(number(totals, "money")),
    )
