"""Which provider a model's name means: ``provider/model``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from sandbox.errors import UnknownModel
from sandbox.models.catalog import catalog, weights_of
from sandbox.models.key_address import home_of, key_may_go
from sandbox.models.keys import VARIABLES, Key, key_for

if TYPE_CHECKING:
    from sandbox.models.human import Ask
    from sandbox.models.provider import Provider
    from sandbox.scenario.schema import Scenario

__all__ = ["PROVIDERS", "Keys", "ModelName", "make_providers", "provider_for", "split"]

PROVIDERS: Final = ("anthropic", "mistral", "openai", "local", "scripted", "recorded", "human")

Keys: TypeAlias = Callable[[str], Key | None]
"""Finds the key of a provider."""

TRANSCRIPTS: Final = Path("transcripts")
"""Where runs are recorded if nobody says otherwise."""

_NAMELESS: Final = frozenset({"scripted", "human"})
"""Providers that may be named without a model."""


class ModelName(NamedTuple):
    """The two halves of a model's name; ``model`` is empty for plain ``scripted`` and ``human``."""

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
    if not model and (slash or provider not in _NAMELESS):
        raise UnknownModel(f"{name!r:.80} names no model: write {provider}/NAME")
    return ModelName(provider, model)


def _hint(name: str) -> str:
    provider, _, model = name.partition("/")
    if name in catalog():
        return f". Did you mean 'local/{name}'?"
    if not model and (whole := _by_model(name)):
        return f". Did you mean {whole!r}?"
    near = get_close_matches(provider, PROVIDERS, n=1, cutoff=0.5)
    if near:
        return f". Did you mean '{near[0]}/{model}'?" if model else f". Did you mean {near[0]!r}?"
    return f"; there are {', '.join(PROVIDERS)}. A model is written provider/model"


def _by_model(name: str) -> str | None:
    """The whole name of a hosted model that was given without its provider."""
    from sandbox.models.known import known_models

    names = {whole.partition("/")[2]: whole for whole in known_models()}
    near = get_close_matches(name, names, n=1, cutoff=0.8)
    return names[near[0]] if near else None


@dataclass(frozen=True, slots=True)
class _Wants:
    """What the agents of a scenario want of one provider with an address and a key."""

    provider: str
    addresses: Mapping[str, Sequence[str | None]]
    """Where each model is asked; None is the provider's own address."""
    keys: Keys

    @property
    def home(self) -> str:
        return home_of(self.provider)

    def key(self) -> Key | None:
        """The key, if any of the addresses may have it; otherwise nobody goes looking for it."""
        asked = {address for each in self.addresses.values() for address in each} or {None}
        if not any(self.may_have_key(address or self.home) for address in asked):
            return None
        return self.keys(self.provider)

    def may_have_key(self, url: str) -> bool:
        return key_may_go(self.provider, url)


def provider_for(
    name: str,
    scenario: Scenario,
    *,
    ask: Ask | None = None,
    keys: Keys = key_for,
    root: Path = TRANSCRIPTS,
) -> Provider:
    """Make the provider ``name`` with what the scenario's agents need of it.

    Args:
        name: one of ``PROVIDERS``.
        scenario: whose agents tell which models, and at which addresses.
        ask: how a person is asked, for ``human``.
        keys: where keys are found.
        root: where earlier runs lie, for ``recorded``.

    Raises:
        UnknownModel: no such provider.
        ModelUnavailable: its package is not installed.
        KeyRefused: the key is there and cannot be used.
    """
    if name in VARIABLES:
        return _hosted(name, _Wants(name, _addresses(name, scenario), keys))
    if name == "local":
        from sandbox.models.local import Local

        return Local()
    if name == "scripted":
        from sandbox.models.scripted import Scripted

        return Scripted.of(scenario)
    if name == "recorded":
        from sandbox.models.recorded import Recorded

        return Recorded(root)
    if name == "human":
        from sandbox.models.human import Human

        return Human(ask, scenario.limits.turn_seconds, scenario.order.bid_seconds)
    raise UnknownModel(f"there is no model provider {name!r:.80}{_hint(name)}")


def _hosted(name: str, wants: _Wants) -> Provider:
    found = wants.key()
    key = found.reveal() if found is not None else None
    home, addresses, may_have_key = wants.home, wants.addresses, wants.may_have_key
    if name == "openai":
        from sandbox.models.openai_compatible import OpenAICompatible

        return OpenAICompatible(
            key=key, default_url=home, addresses=addresses, may_have_key=may_have_key
        )
    from sandbox.models.anthropic_messages import AnthropicMessages
    from sandbox.models.capabilities import capabilities
    from sandbox.models.mistral_chat import MistralChat

    maker = AnthropicMessages if name == "anthropic" else MistralChat
    return maker(
        key=key,
        default_url=home,
        addresses=addresses,
        capabilities=capabilities,
        may_have_key=may_have_key,
    )


def make_providers(
    scenario: Scenario,
    given: Mapping[str, Provider] = MappingProxyType({}),
    *,
    ask: Ask | None = None,
    keys: Keys = key_for,
    root: Path = TRANSCRIPTS,
) -> Mapping[str, Provider]:
    """Every provider that the scenario's agents name, by name: ``given``, else made.

    The other arguments are those of ``provider_for``.

    Raises:
        UnknownModel: an agent's model has no provider here.
        ModelUnavailable: as ``provider_for``.
    """
    names = dict.fromkeys(split(spec.model).provider for spec in scenario.agents.values())
    return {
        name: given[name]
        if name in given
        else provider_for(name, scenario, ask=ask, keys=keys, root=root)
        for name in names
    }


def _addresses(provider: str, scenario: Scenario) -> dict[str, list[str | None]]:
    found: dict[str, list[str | None]] = {}
    for spec in scenario.agents.values():
        name = split(spec.model)
        if name.provider == provider:
            found.setdefault(name.model, []).append(spec.base_url)
    return found
