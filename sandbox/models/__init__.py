"""Models: the Provider seam, its providers, the gateway that asks them, and the weights to fetch."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.models.actions import Malformed, action_schema, check_call, parse_action
    from sandbox.models.capabilities import Capabilities, capabilities
    from sandbox.models.catalog import Weights, models_folder, weights_of
    from sandbox.models.context import Context
    from sandbox.models.gateway import Gateway
    from sandbox.models.keys import Key, key_for
    from sandbox.models.known import doubt, refuse_retired
    from sandbox.models.local import Local
    from sandbox.models.memory import CannedProvider
    from sandbox.models.openai_compatible import OpenAICompatible
    from sandbox.models.prices import Price, cost, price
    from sandbox.models.provider import (
        ChatTurn,
        Done,
        Part,
        Provider,
        Request,
        TextDelta,
        ToolCall,
        ToolSpec,
        Usage,
    )
    from sandbox.models.registry import ModelName, make_providers, provider_for, split
    from sandbox.models.scripted import Script, Scripted

__all__ = [
    "CannedProvider",
    "Capabilities",
    "ChatTurn",
    "Context",
    "Done",
    "Gateway",
    "Key",
    "Local",
    "Malformed",
    "ModelName",
    "OpenAICompatible",
    "Part",
    "Price",
    "Provider",
    "Request",
    "Script",
    "Scripted",
    "TextDelta",
    "ToolCall",
    "ToolSpec",
    "Usage",
    "Weights",
    "action_schema",
    "capabilities",
    "check_call",
    "cost",
    "doubt",
    "key_for",
    "make_providers",
    "models_folder",
    "parse_action",
    "price",
    "provider_for",
    "refuse_retired",
    "split",
    "weights_of",
]

_HOMES = {
    "CannedProvider": "memory",
    "Capabilities": "capabilities",
    "ChatTurn": "provider",
    "Context": "context",
    "Done": "provider",
    "Gateway": "gateway",
    "Key": "keys",
    "Local": "local",
    "Malformed": "actions",
    "ModelName": "registry",
    "OpenAICompatible": "openai_compatible",
    "Part": "provider",
    "Price": "prices",
    "Provider": "provider",
    "Request": "provider",
    "Script": "scripted",
    "Scripted": "scripted",
    "TextDelta": "provider",
    "ToolCall": "provider",
    "ToolSpec": "provider",
    "Usage": "provider",
    "Weights": "catalog",
    "action_schema": "actions",
    "capabilities": "capabilities",
    "check_call": "actions",
    "cost": "prices",
    "doubt": "known",
    "key_for": "keys",
    "make_providers": "registry",
    "models_folder": "catalog",
    "parse_action": "actions",
    "price": "prices",
    "provider_for": "registry",
    "refuse_retired": "known",
    "split": "registry",
    "weights_of": "catalog",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
