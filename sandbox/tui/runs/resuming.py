"""Going on with a run from the app: the plan that plays it, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.engine.plan import Plan

__all__ = ["plan_to_resume"]


def plan_to_resume(folder: Path, values: Mapping[str, Any]) -> Plan:
    """Make the plan that goes on with a run; reads its whole record.

    Args:
        folder: of the run.
        values: what is otherwise in its scenario, by path: ``{"limits.turns": 40}``.

    Raises:
        UsageError: it cannot go on, or not without more of something; the message says which.
        TranscriptError: its record cannot be read, or an engine is writing it.
    """
    from sandbox.engine.plan import Plan  # brings the engine, after the first paint
    from sandbox.engine.resume import resumption

    resume = resumption(folder, values)
    return Plan(
        resume.scenario, folder.parent, resume.tier, durability=resume.durability, resume=resume
    )
