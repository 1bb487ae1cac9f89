"""A scenario with a few values of its own for one run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from sandbox.errors import UsageError
from sandbox.scenario.place import shown
from sandbox.scenario.suggest import remedy

if TYPE_CHECKING:
    from sandbox.scenario.schema import Part, Scenario

__all__ = ["with_overrides"]


def with_overrides(
    scenario: Scenario,
    *,
    turns: int | None = None,
    seed: int | None = None,
    models: Mapping[str, str] | None = None,
) -> Scenario:
    """Give the scenario other turns, another seed, other models; None leaves what it says.

    An agent whose new model is not ``scripted`` loses its script.

    Raises:
        UsageError: an agent is unknown, or a value is not allowed.
    """
    changes: dict[str, Any] = {}
    if turns is not None:
        changes["limits"] = _changed(scenario.limits, "--turns", turns=turns)
    if seed is not None:
        changes["seed"] = seed
    if models:
        agents = dict(scenario.agents)
        for name, model in models.items():
            if name not in agents:
                advice = remedy(name, agents, "The agents are")
                raise UsageError(
                    f"there is no agent {shown(name)} in {shown(scenario.title)}. {advice}"
                )
            new: dict[str, Any] = {"model": model}
            if model.partition("/")[0] != "scripted":
                new["script"] = ()
            agents[name] = _changed(agents[name], f"--model {name}", **new)
        changes["agents"] = agents
    return _changed(scenario, "--seed", **changes) if changes else scenario


P = TypeVar("P", bound="Part")


def _changed(part: P, option: str, **new: object) -> P:
    from pydantic import ValidationError

    from sandbox.scenario.explain import explained  # heavy: pydantic and the schema come with it

    try:
        return type(part).model_validate({**dict(part), **new})
    except ValidationError as error:
        what, advice = explained(error.errors(include_url=False)[0])
        raise UsageError(f"{option}: {what}. {advice}") from None
