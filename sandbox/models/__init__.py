"""Models: the Provider seam, its providers, the gateway that asks them, and the weights to fetch."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sandbox.models.actions import Malformed, action_schema, check_call, parse_action
    from sandbox.models.catalog import Weights, catalog, models_folder, weights_of
    from sandbox.models.context import Context
    from sandbox.models.fetch import fetch
    from sandbox.models.gateway import Gateway
    from sandbox.models.local import Local
    from sandbox.models.memory import CannedProvider
    from sandbox.models.openai_compatible import OpenAICompatible
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
    "ChatTurn",
    "Context",
    "Done",
    "Gateway",
    "Local",
    "Malformed",
    "ModelName",
    "OpenAICompatible",
    "Part",
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
    "catalog",
    "check_call",
    "fetch",
    "make_providers",
    "models_folder",
    "parse_action",
    "provider_for",
    "split",
    "weights_of",
]

_HOMES: Final = {
    "actions": ("Malformed", "action_schema", "check_call", "parse_action"),
    "catalog": ("Weights", "catalog", "models_folder", "weights_of"),
    "context": ("Context",),
    "fetch": ("fetch",),
    "gateway": ("Gateway",),
    "local": ("Local",),
    "memory": ("CannedProvider",),
    "openai_compatible": ("OpenAICompatible",),
    "provider": (
        "ChatTurn", "Done", "Part", "Provider", "Request", "TextDelta", "ToolCall", "ToolSpec", "Usage",
    ),
    "registry": ("ModelName", "make_providers", "provider_for", "split"),
    "scripted": ("Script", "Scripted"),
}  # fmt: skip
_HOME_OF: Final = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
