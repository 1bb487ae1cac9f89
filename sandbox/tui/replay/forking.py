"""A child of a run from one of its events, made and ready to be played."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.clock import Clock, stamp
from sandbox.errors import UsageError
from sandbox.ids import run_id

if TYPE_CHECKING:
    from sandbox.engine.plan import Plan
    from sandbox.scenario.schema import Scenario

__all__ = ["fork_at"]


def fork_at(folder: Path, seq: int, sets: str, clock: Clock) -> Plan:
    """Make a fork beside its parent and the plan that plays it; reads the whole record.

    Args:
        folder: of the parent.
        seq: the last event that both have.
        sets: what is otherwise from there on, as ``agents.bo.model=local/qwen limits.turns=40``.
        clock: for the child's name.

    Raises:
        UsageError: it cannot be forked there, or not with these values; nothing was made.
        TranscriptError: the record cannot be read, or the child's not written.
    """
    from sandbox.engine.fork import fork, fork_point  # the engine, after the first paint
    from sandbox.engine.plan import Plan
    from sandbox.engine.resume import changed, refuse_spent, resumption

    point = fork_point(folder, str(seq))
    values = _values(point.scenario, sets)
    scenario = changed(point.scenario, values)
    refuse_spent(point.run, "fork", point.state, point.said, scenario, asked=True)
    run = run_id(stamp=stamp(clock.now()), title=scenario.title, nonce=os.urandom(3))
    child = resumption(fork(point, values, folder.parent, run), {})
    return Plan(
        child.scenario, child.folder.parent, child.tier, durability=child.durability, resume=child
    )


def _values(scenario: Scenario, sets: str) -> dict[str, Any]:
    from sandbox.scenario.values import read_value, with_values

    try:
        pairs = shlex.split(sets)
    except ValueError as error:
        raise UsageError(f"{sets!r:.80} is not to be read: {error}.") from None
    values: dict[str, Any] = {}
    for pair in pairs:
        path, equals, text = pair.partition("=")
        if not equals:
            raise UsageError(
                f"a change is PATH=VALUE, not {pair!r:.80}. For example: limits.turns=40"
            )
        values[path] = read_value(scenario, path, text)
        with_values(scenario, values)
    return values
