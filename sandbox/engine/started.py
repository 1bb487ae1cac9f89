"""The first event of a run, and how it is read: everything that is needed to know later what was played."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from agents.render import VERSION as RENDERER
from sandbox import __version__
from sandbox.errors import Damaged
from sandbox.models.capabilities import capabilities
from sandbox.models.prices import price
from sandbox.models.provider import Mode, Provider
from sandbox.scenario.canonical import canonical
from sandbox.scenario.schema import BOX_TOOLS, AgentSpec, Scenario

__all__ = ["freeze", "mode_of", "scenario_of", "started"]


def started(
    scenario: Scenario,
    providers: Mapping[str, Provider],
    *,
    tier: str,
    durability: str,
    detectors: list[str],
    bus: Mapping[str, Any],
) -> dict[str, Any]:
    """The data of ``run.started``."""
    agents = {
        agent: {
            "model": spec.model,
            "family": providers[_provider(spec)].family(_model(spec)),
            "mode": mode_of(spec, providers[_provider(spec)]),
            "tools": list(spec.tools),
            "context": capabilities(spec.model).context,
            "price": _price(spec.model),
        }
        for agent, spec in scenario.agents.items()
    }
    rooms = {
        name: {
            "members": list(scenario.agents if room.members is None else room.members),
            "enter": room.enter if isinstance(room.enter, str) else list(room.enter),
            "about": room.about,
        }
        for name, room in scenario.rooms.items()
    }
    return {
        "version": __version__,
        "title": scenario.title,
        "seed": scenario.seed,
        "tier": tier,
        "agents": agents,
        "rooms": rooms,
        "order": scenario.order.model_dump(mode="json"),
        "limits": scenario.limits.model_dump(mode="json"),
        "bus": dict(bus),
        "durability": durability,
        "renderer": RENDERER,
        "detectors": detectors,
        "python": platform.python_version(),
        "host": f"{platform.system()} {platform.release()} {platform.machine()}",
        "scenario": scenario.model_dump(mode="json"),
    }


def mode_of(spec: AgentSpec, provider: Provider) -> Mode:
    """How the agent's model acts: as the scenario says, else as the provider knows of the model."""
    if spec.actions != "auto":
        return spec.actions
    acts = any(tool in BOX_TOOLS for tool in spec.tools)
    return provider.mode(_model(spec), acts=acts)


def _price(model: str) -> list[float] | None:
    """USD per million tokens in and out, as known on the day of the run."""
    found = price(model)
    return None if found is None else [found.input, found.output]


def _provider(spec: AgentSpec) -> str:
    return spec.model.partition("/")[0]


def _model(spec: AgentSpec) -> str:
    return spec.model.partition("/")[2]


def freeze(scenario: Scenario, folder: Path) -> None:
    """Write the scenario down beside the record, as it is played from now on."""
    new = folder / ".scenario.yaml.new"
    new.write_text(canonical(scenario), encoding="utf-8")
    new.replace(folder / "scenario.yaml")


def scenario_of(data: Mapping[str, Any]) -> Scenario:
    """Read the scenario from the data of ``run.started`` or ``run.resumed``.

    Raises:
        Damaged: it is not what this version writes there.
    """
    try:
        return Scenario.model_validate_json(orjson.dumps(data["scenario"]))
    except (KeyError, TypeError, ValueError) as error:
        why = str(error).split("\n", 3)
        raise Damaged(
            f"the scenario in the record is none of this version: {' '.join(why[:3])}"
        ) from None
