"""Scenarios: what a YAML file may say, reading it, and saying what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

# These modules load pydantic and ruamel.yaml only when they are put to work, so that they can be
# imported here and now: a name such as `load` must be the function and not the module it lies in.
from sandbox.scenario.canonical import canonical
from sandbox.scenario.find import find, shipped
from sandbox.scenario.form import json_schema
from sandbox.scenario.lint import Remark, lint
from sandbox.scenario.load import load, loads
from sandbox.scenario.override import with_overrides
from sandbox.scenario.place import InvalidScenario, Place, Problem
from sandbox.scenario.summary import summary

if TYPE_CHECKING:
    from sandbox.scenario.schema import (
        BOX_TOOLS,
        TALK_TOOLS,
        AgentSpec,
        CanarySpec,
        DoorSpec,
        DoorsSpec,
        IsolationSpec,
        Limits,
        MetadataDoor,
        ModelsDoor,
        Order,
        OrderSpec,
        Reaction,
        RoomSpec,
        Scenario,
        ScriptLine,
        ServedSpec,
        StopRules,
        ToolName,
        WatchSpec,
        When,
    )

__all__ = [
    "BOX_TOOLS",
    "TALK_TOOLS",
    "AgentSpec",
    "CanarySpec",
    "DoorSpec",
    "DoorsSpec",
    "InvalidScenario",
    "IsolationSpec",
    "Limits",
    "MetadataDoor",
    "ModelsDoor",
    "Order",
    "OrderSpec",
    "Place",
    "Problem",
    "Reaction",
    "Remark",
    "RoomSpec",
    "Scenario",
    "ScriptLine",
    "ServedSpec",
    "StopRules",
    "ToolName",
    "WatchSpec",
    "When",
    "canonical",
    "find",
    "json_schema",
    "lint",
    "load",
    "loads",
    "shipped",
    "summary",
    "with_overrides",
]

_SCHEMA: Final = frozenset(__all__) - globals().keys()


def __getattr__(name: str) -> object:
    if name in _SCHEMA:
        from sandbox.scenario import schema

        return getattr(schema, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
