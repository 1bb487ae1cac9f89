"""Which states of an agent's work folder a record holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.errors import UsageError
from sandbox.transcript.event import Event
from sandbox.transcript.record import Record

__all__ = ["KeptFolder", "folder_after", "kept_folders"]

KEEPING = ("workspace.saved", "workspace.restored")


@dataclass(frozen=True, slots=True)
class KeptFolder:
    """A work folder as it was after a turn; ``changed`` are paths, at most 50, null where it was put back."""

    agent: str
    turn: int
    seq: int
    manifest: str
    files: int
    bytes: int
    changed: tuple[str, ...] | None


def kept_folders(record: Record, agent: str | None = None) -> list[KeptFolder]:
    """List what was kept of one agent's folder, or of everybody's, in the order of the record.

    Raises:
        Damaged: an event that tells of it cannot be read.
    """
    events = [event for kind in KEEPING for event in record.of(kind=kind, actor=agent)]
    return [_kept(record, event) for event in sorted(events, key=lambda event: event.seq)]


def folder_after(record: Record, agent: str, turn: int | None) -> KeptFolder:
    """Find an agent's folder as it was after a turn; None is the latest.

    Raises:
        UsageError: there is no such agent or turn, or nothing was kept by then.
    """
    first = record.get(1)
    agents = list(first.data.get("agents", ())) if first is not None else []
    if agent not in agents:
        raise UsageError(f"there is no agent {agent!r:.60} in the run: {', '.join(agents)} are.")
    if turn is not None and not 0 <= turn <= record.turns:
        raise UsageError(f"there is no turn {turn}: the run has {record.turns}.")
    kept = kept_folders(record, agent)
    by_then = [folder for folder in kept if turn is None or folder.turn <= turn]
    if not by_then:
        raise UsageError(_nothing(record, agent, kept))
    return by_then[-1]


def _kept(record: Record, event: Event) -> KeptFolder:
    data, changed = event.data, event.data.get("changed")
    turn = data.get("turn")
    return KeptFolder(
        agent=event.actor,
        turn=turn if isinstance(turn, int) else record.turn_of(event.seq),
        seq=event.seq,
        manifest=str(data.get("manifest", "")),
        files=_amount(data.get("files")),
        bytes=_amount(data.get("bytes")),
        changed=tuple(map(str, changed)) if isinstance(changed, list) else None,
    )


def _amount(value: object) -> int:
    return value if isinstance(value, int) else 0


def _nothing(record: Record, agent: str, kept: Sequence[KeptFolder]) -> str:
    if kept:
        return f"{agent}'s folder was first kept after turn {kept[0].turn}: before, it was empty."
    for failed in record.of(kind="workspace.failed", actor=agent):
        return (
            f"{agent}'s folder could not be kept, for the first time after turn "
            f"{failed.data.get('turn')}: {failed.data.get('error')}"
        )
    return (
        f"nothing of {agent}'s folder was kept: it is, after each turn in which the agent used shell or "
        "write_file and something changed."
    )
