"""Who answers in place of a model: a person at this terminal, or the record of an earlier run."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.console.printer import Printer
    from sandbox.engine.plan import Plan

__all__ = ["with_stand_ins"]


def with_stand_ins(plan: Plan, printer: Printer) -> tuple[Plan, Printer]:
    """Give a plan what its ``human`` and ``recorded`` agents need; others stay as they are.

    Raises:
        NoSuchRun: a run that an agent names is not in the plan's folder.
    """
    named = {spec.model.partition("/")[0] for spec in plan.scenario.agents.values()}
    if "recorded" in named:
        from sandbox.models.recorded import Recorded, name_records

        recorded = {"recorded": Recorded(plan.root)}
        scenario = name_records(plan.scenario, plan.root)
        plan = replace(plan, scenario=scenario, providers={**plan.providers, **recorded})
    if "human" in named:
        from sandbox.console.ask import TerminalAsk
        from sandbox.console.held import HeldPrinter
        from sandbox.models.human import Human

        ask = None
        if sys.stdin.isatty() and sys.stdout.isatty():
            printer = held = HeldPrinter(printer)
            ask = TerminalAsk(held, sys.stdin, sys.stdout)
        limits, order = plan.scenario.limits, plan.scenario.order
        human = {"human": Human(ask, limits.turn_seconds, order.bid_seconds)}
        plan = replace(plan, providers={**plan.providers, **human})
    return plan, printer
