"""What one run is to have instead of what its scenario says, as it is typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from sandbox.errors import UnknownModel, UsageError
from sandbox.scenario.override import with_overrides

if TYPE_CHECKING:
    from sandbox.isolation.box import Tier
    from sandbox.scenario.schema import Scenario

__all__ = ["FIELDS", "Overridden", "overridden", "read_models"]

FIELDS = ("turns", "seed", "tier", "models", "record")
"""Names of the fields, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Overridden:
    """What will be played."""

    scenario: Scenario
    tier: Tier | None
    root: Path


def overridden(scenario: Scenario, typed: Mapping[str, str], root: Path) -> Overridden:
    """Apply what was typed; an empty field leaves what the scenario says.

    Raises:
        UsageError: a field cannot be read, with its name.
    """
    from sandbox.commands.tier_choice import TIERS
    from sandbox.scenario.suggest import remedy

    models = read_models(typed.get("models", ""), list(scenario.agents))
    changed = with_overrides(
        scenario,
        turns=_number(typed, "turns"),
        seed=_number(typed, "seed"),
        models=models,
    )
    tier = typed.get("tier", "").strip()
    if tier and tier not in TIERS:
        raise UsageError(
            f"tier: there is none called {tier!r:.40}. {remedy(tier, TIERS, 'There are')}"
        )
    record = typed.get("record", "").strip()
    return Overridden(
        changed, cast("Tier", tier) if tier else None, Path(record) if record else root
    )


def read_models(text: str, agents: list[str]) -> dict[str, str]:
    """Read ``local/qwen`` for all, or ``ada=local/qwen bo=openai/llama3.2``; commas may stand between.

    Raises:
        UsageError: it can be read as neither.
    """
    from sandbox.models.registry import split  # what models there are, only where one is named

    found: dict[str, str] = {}
    for word in text.replace(",", " ").split():
        agent, equals, model = word.partition("=")
        if equals and not (agent and model):
            raise UsageError(f"models: {word!r:.60} is no AGENT=PROVIDER/MODEL.")
        found |= {agent: model} if equals else dict.fromkeys(agents, word)
    try:
        for model in found.values():
            split(model)
    except UnknownModel as error:
        raise UsageError(f"models: {error}.") from None
    return found


def _number(typed: Mapping[str, str], field: str) -> int | None:
    text = typed.get(field, "").strip().replace(",", "")
    if not text:
        return None
    if not text.isdecimal() or len(text) > 18:
        raise UsageError(f"{field}: {text!r:.40} is no whole number.")
    return int(text)
