"""Which provider a model's name means: ``provider/model``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, NamedTuple

from sandbox.errors import UnknownModel
from sandbox.models.catalog import catalog, weights_of

if TYPE_CHECKING:
    from sandbox.models.provider import Provider
    from sandbox.scenario.schema import Scenario

__all__ = ["PROVIDERS", "ModelName", "make_providers", "provider_for", "split"]

PROVIDERS: Final = ("scripted", "local", "openai")


class ModelName(NamedTuple):
    """The two halves of a model's name; ``model`` is empty for plain ``scripted``."""

    provider: str
    model: str


def split(name: str) -> ModelName:
    """Take ``provider/model`` apart.

    Raises:
        UnknownModel: no such provider, no model, or no such local model; the nearest is named.
    """
    provider, slash, model = name.partition("/")
    if provider not in PROVIDERS:
        raise UnknownModel(f"there is no model provider {provider!r:.80}{_hint(name)}")
    if provider == "local" and model:
        weights_of(model)
    if not model and (slash or provider != "scripted"):
        raise UnknownModel(f"{name!r:.80} names no model: write {provider}/NAME")
    return ModelName(provider, model)


def _hint(name: str) -> str:
    provider, _, model = name.partition("/")
    if name in catalog():
        return f". Did you mean 'local/{name}'?"
    near = get_close_matches(provider, PROVIDERS, n=1, cutoff=0.5)
    if near:
        return f". Did you mean '{near[0]}/{model}'?" if model else f". Did you mean {near[0]!r}?"
    return f"; there are {', '.join(PROVIDERS)}. A model is written provider/model"


def provider_for(name: str, scenario: Scenario) -> Provider:
    """Make the provider ``name`` with what the scenario's agents need of it.

    Raises:
        UnknownModel: no such provider.
    """
    if name == "scripted":
        from sandbox.models.scripted import Scripted

        return Scripted.of(scenario)
    if name == "local":
        from sandbox.models.local import Local

        return Local()
    if name == "openai":
        from sandbox.models.openai_compatible import OpenAICompatible

        return OpenAICompatible(
            key=os.environ.get("OPENAI_API_KEY"),
            default_url=os.environ.get("OPENAI_BASE_URL"),
            addresses=_addresses(scenario),
        )
    raise UnknownModel(f"there is no model provider {name!r:.80}{_hint(name)}")


def make_providers(scenario: Scenario) -> Mapping[str, Provider]:
    """Make every provider that the scenario's agents name, by name.

    Raises:
        UnknownModel: an agent's model has no provider here.
    """
    names = dict.fromkeys(split(spec.model).provider for spec in scenario.agents.values())
    return {name: provider_for(name, scenario) for name in names}


def _addresses(scenario: Scenario) -> dict[str, list[str | None]]:
    """Where each ``openai`` model is asked; None is the provider's own address."""
    found: dict[str, list[str | None]] = {}
    for spec in scenario.agents.values():
        name = split(spec.model)
        if name.provider == "openai":
            found.setdefault(name.model, []).append(spec.base_url)
    return found
