"""The same detectors over a record that is there already: what they find now, and what the record has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson

from sandbox.detect import Detector, Watch, detectors
from sandbox.detect.plain import names, whole
from sandbox.errors import UsageError
from sandbox.transcript.codec import dumps
from sandbox.transcript.event import Event

__all__ = ["Found", "Rescan", "rescan"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found:
    """A flag, or a detector's failure, as it would be recorded behind its parent, in turn ``turn``."""

    event: Event
    turn: int


@dataclass(frozen=True, slots=True)
class Rescan:
    """What was found in one record. ``now`` and ``then`` are the detectors (``escape@2``) that run here and ran there.

    ``missing`` is what is found now and not in the record, ``gone`` what the record has and is not found now.
    """

    flags: tuple[Found, ...]
    failed: tuple[Found, ...]
    now: tuple[str, ...]
    then: tuple[str, ...]
    missing: tuple[Found, ...]
    gone: tuple[Event, ...]

    @property
    def same(self) -> bool:
        """Whether the record has exactly what is found now."""
        return not self.missing and not self.gone


def rescan(
    events: Iterable[Event],
    *,
    only: str | None = None,
    trusted: bool = True,
    using: Sequence[Detector] | None = None,
) -> Rescan:
    """Run the detectors over the events of a record, in their order.

    Args:
        events: of one run, flags that it has among them.
        only: the id of a detector (``escape``) or of a flag (``contact.cross-model``).
        trusted: False for a record that somebody may have changed: no event in it is then a witness.
        using: other detectors than those that every run has.

    Raises:
        UsageError: there is no detector of that name.
    """
    watch = Watch(_chosen(detectors(trusted=trusted) if using is None else using, only))
    found: list[Found] = []
    recorded: list[Event] = []
    then: tuple[str, ...] = ()
    turn = 0
    for event in events:
        if event.kind in ("flag", "detector.failed"):
            recorded.append(event)
            continue
        if event.kind in ("turn.offered", "turn.bid"):
            turn = whole(event.data.get("turn")) or turn
        elif event.kind in ("run.started", "run.resumed"):
            then = names(event.data.get("detectors")) or then
        for finding in watch.observe(event):
            made = Event(event.seq, finding.kind, "watch", finding.data, parent=event.seq)
            found.append(Found(made, turn))
    found = [one for one in found if _is_of(one.event.data, only)]
    recorded = [event for event in recorded if _is_of(event.data, only)]
    missing, gone = _apart(found, recorded)
    return Rescan(
        flags=tuple(one for one in found if one.event.kind == "flag"),
        failed=tuple(one for one in found if one.event.kind == "detector.failed"),
        now=tuple(watch.names),
        then=then,
        missing=missing,
        gone=gone,
    )


def _chosen(all_of_them: Sequence[Detector], only: str | None) -> list[Detector]:
    if only is None:
        return list(all_of_them)
    wanted = _owner(only)
    chosen = [one for one in all_of_them if one.id == wanted]
    if not chosen:
        known = ", ".join(one.id for one in all_of_them)
        raise UsageError(f"there is no detector {only!r:.60}; there are {known}")
    return chosen


def _owner(id: str) -> str:
    """The detector whose flags are called so."""
    first = id.partition(".")[0]
    return "contact" if first in ("room", "service") else first


def _is_of(data: Mapping[str, Any], only: str | None) -> bool:
    if only is None:
        return True
    id = str(data.get("id", data.get("detector", "")))
    return id == only or id.startswith(f"{only}.") or _owner(id) == only


def _apart(
    found: Sequence[Found], recorded: Sequence[Event]
) -> tuple[tuple[Found, ...], tuple[Event, ...]]:
    """What only the one has and what only the other: by the event behind which it stands, and all it says."""
    had = Counter(_mark(event) for event in recorded)
    has = Counter(_mark(one.event) for one in found)
    return (
        tuple(_beyond(((_mark(one.event), one) for one in found), had)),
        tuple(_beyond(((_mark(event), event) for event in recorded), has)),
    )


def _beyond(items: Iterable[tuple[bytes, T]], known: Counter[bytes]) -> Iterator[T]:
    left = known.copy()
    for mark, item in items:
        if left[mark]:
            left[mark] -= 1
        else:
            yield item


def _mark(event: Event) -> bytes:
    return dumps([event.kind, event.parent, dict(event.data)], option=orjson.OPT_SORT_KEYS)
