"""What the core wants done after one input: first the events recorded, then everything else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.engine.courier import Outgoing
from sandbox.models.context import Saw
from sandbox.models.provider import Request
from sandbox.transcript.event import Event
from sandbox.transcript.kinds import Kind

__all__ = ["Bidding", "Floor", "Freeze", "Frozen", "Noted", "Save", "Step", "Think"]


@dataclass(frozen=True, slots=True)
class Think:
    """A model is to be asked. ``given`` is the answer where the scenario has it already."""

    agent: str
    turn: int
    number: int
    purpose: Literal["act", "bid"]
    seq: int
    """Of its ``think.request``."""
    reply_to: str
    request: Request
    saw: Saw
    given: str | None = None


@dataclass(frozen=True, slots=True)
class Save:
    """An agent's work folder is to be kept as it is after a turn; ``seq`` is of its ``turn.ended``."""

    agent: str
    turn: int
    seq: int


@dataclass(frozen=True, slots=True)
class Noted:
    """What is to be recorded of an agent's box: its work folder, limits that it met."""

    kind: Kind
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Freeze:
    """An agent's box is to stand still, since the flag with the seq ``flag`` asked for it; ``why`` is its title.

    ``again`` is whether it is a new box of one whose box stood still when the run ended before.
    """

    agent: str
    turn: int
    flag: int | None
    why: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class Frozen:
    """A box stands still, or (``failed``) why it could not. ``manifest`` is of its folder, if that was ever kept."""

    noted: Sequence[Noted] = ()
    manifest: str | None = None
    failed: str = ""


@dataclass(slots=True)
class Step:
    """One step of the core. Events are recorded, then committed, then the rest is done."""

    events: list[Event] = field(default_factory=list)
    messages: list[Outgoing] = field(default_factory=list)
    thinks: list[Think] = field(default_factory=list)
    cancels: list[str] = field(default_factory=list)
    """Agents whose model need not go on."""
    departed: list[str] = field(default_factory=list)
    """Agents that have left: their boxes are to be stopped."""
    saves: list[Save] = field(default_factory=list)
    freezes: list[Freeze] = field(default_factory=list)
    thaws: list[str] = field(default_factory=list)
    recorded: Callable[[int], None] | None = None
    """Told the ``seq`` of the first event once that is durable."""
    ended: bool = False


@dataclass(slots=True)
class Floor:
    """The turn that is being played."""

    turn: int
    agent: str
    deadline: float
    seq: int
    """Of its ``turn.offered``."""
    thinks: int = 0
    intents: int = 0
    thinking: Think | None = None
    thought: Event | None = None
    """The last ``think.done``."""
    calls: dict[str, tuple[str, object]] = field(default_factory=dict)
    """Calls of the last answer that were not yet intended: id -> (tool, arguments)."""
    running: tuple[int, str, str] | None = None
    """The action that runs in the box: seq of its intent, call, tool."""
    touched: bool = False
    """Whether an action may have changed the work folder."""


@dataclass(slots=True)
class Bidding:
    """The question who wants the next turn."""

    turn: int
    deadline: float
    waiting: set[str]
    bids: dict[str, bool] = field(default_factory=dict)
    thinking: dict[str, Think] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    """Agents whose models have been asked: once each."""
