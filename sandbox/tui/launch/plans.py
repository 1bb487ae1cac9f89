"""From a scenario to what is played: as it stands, or a dry run."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sandbox.engine.plan import Plan
from sandbox.isolation.box import Tier
from sandbox.scenario.schema import BOX_TOOLS, AgentSpec, IsolationSpec, Scenario, ScriptLine

__all__ = ["DRY_RUNS", "DRY_TURNS", "dry", "dry_plan", "plan_for"]

DRY_RUNS: Final = "dry-runs"
"""The folder, in that of transcripts, where dry runs are recorded: they are no data."""
DRY_TURNS: Final = 3


def plan_for(scenario: Scenario, root: Path, tier: Tier | None = None) -> Plan:
    """The plan of a scenario, with what its ``recorded`` agents need.

    Raises:
        NoSuchRun: a run that an agent names is not in ``root``.
    """
    if not any(spec.model.startswith("recorded/") for spec in scenario.agents.values()):
        return Plan(scenario, root, tier)
    from sandbox.models.recorded import Recorded, name_records

    providers = {"recorded": Recorded(root)}
    return Plan(name_records(scenario, root), root, tier, providers=providers)


def dry_plan(scenario: Scenario, root: Path) -> Plan:
    """The plan of a dry run, which costs nothing and needs no model, no key and no box."""
    return Plan(dry(scenario), root / DRY_RUNS, "none")


def dry(scenario: Scenario) -> Scenario:
    """The same cast in the same rooms and order, three turns long, played by stand-ins without boxes.

    A scripted agent keeps its script, in which actions of a box are refused. Every other one says who it
    stands in for, and a moderator gives the word to each in turn.
    """
    agents = {name: _stand_in(scenario, name, spec) for name, spec in scenario.agents.items()}
    limits = scenario.limits.model_copy(
        update={"turns": min(DRY_TURNS, scenario.limits.turns), "tokens": None, "money": None}
    )
    return scenario.model_copy(
        update={
            "title": f"{scenario.title[:190]} (dry run)",
            "agents": agents,
            "limits": limits,
            "isolation": IsolationSpec(tier="none"),
            "doors": None,
        }
    )


def _stand_in(scenario: Scenario, name: str, spec: AgentSpec) -> AgentSpec:
    tools = tuple(tool for tool in spec.tools if tool not in BOX_TOOLS)
    if spec.model.partition("/")[0] == "scripted" and spec.script:
        return spec.model_copy(update={"tools": tools})
    others = [other for other in scenario.agents if other != name]
    lines = [ScriptLine(say=f"I am {name}. I stand in for {spec.model}.")]
    if name == scenario.order.moderator and others:
        lines = [ScriptLine(do=({"next": {"agent": other}},)) for other in others]
    return spec.model_copy(
        update={
            "model": "scripted/stand-in",
            "base_url": None,
            "script": tuple(lines),
            "after_script": "loop",
            "actions": "auto",
            "tools": tools,
            "budget": None,
        }
    )
