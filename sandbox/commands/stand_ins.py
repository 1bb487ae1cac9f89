"""Who answers in place of a model: a person at this terminal, or the record of an earlier run."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.console.printer import Printer
    from sandbox.engine.plan import Plan
    from sandbox.models.human import Ask

__all__ = ["stand_ins", "with_stand_ins"]


def stand_ins(plan: Plan, ask: Ask | None) -> Plan:
    """Give a plan what its ``human`` and ``recorded`` agents need; others stay as they are.

    Args:
        plan: as it was written.
        ask: asks the person for every ``human`` agent; None where nobody can be asked.

    Raises:
        NoSuchRun: a run that an agent names is not in the plan's folder.
    """
    named = _providers(plan)
    if "recorded" in named:
        from sandbox.models.recorded import Recorded, name_records

        recorded = {"recorded": Recorded(plan.root)}
        scenario = name_records(plan.scenario, plan.root)
        plan = replace(plan, scenario=scenario, providers={**plan.providers, **recorded})
    if "human" in named:
        from sandbox.models.human import Human

        limits, order = plan.scenario.limits, plan.scenario.order
        human = {"human": Human(ask, limits.turn_seconds, order.bid_seconds)}
        plan = replace(plan, providers={**plan.providers, **human})
    return plan


def with_stand_ins(plan: Plan, printer: Printer) -> tuple[Plan, Printer]:
    """The same, with a person at this terminal, whom the printer makes room for. Raises NoSuchRun."""
    ask = None
    if "human" in _providers(plan) and sys.stdin.isatty() and sys.stdout.isatty():
        from sandbox.console.ask import TerminalAsk
        from sandbox.console.held import HeldPrinter

        printer = held = HeldPrinter(printer)
        ask = TerminalAsk(held, sys.stdin, sys.stdout)
    return stand_ins(plan, ask), printer


def _providers(plan: Plan) -> set[str]:
    return {spec.model.partition("/")[0] for spec in plan.scenario.agents.values()}
