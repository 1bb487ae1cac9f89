"""A scenario with other values, each named by its path: ``agents.bo.model``, ``limits.turns``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandbox.errors import UsageError
from sandbox.scenario.canonical import written
from sandbox.scenario.node import Node
from sandbox.scenario.place import Place, shown
from sandbox.scenario.suggest import remedy
from sandbox.scenario.yaml import parse

if TYPE_CHECKING:
    from sandbox.scenario.schema import Scenario

__all__ = ["read_value", "with_values"]


def with_values(scenario: Scenario, values: Mapping[str, Any]) -> Scenario:
    """Give the scenario other values, as they would be written in its file.

    An agent whose model is ``scripted`` no more loses its script.

    Raises:
        UsageError: there is no such path, a value is not allowed, or the parts no longer fit together.
    """
    whole = scenario.model_dump(mode="json")
    for path, value in values.items():
        _put(whole, path, value)
    for path in values:
        match path.split("."):
            case ["agents", name, "model"]:
                agent = whole["agents"][name]
                scripted = str(agent["model"]).partition("/")[0] == "scripted"
                if not scripted and f"agents.{name}.script" not in values:
                    agent["script"] = []
    return _checked(whole, values)


def read_value(scenario: Scenario, path: str, text: str) -> Any:
    """Read a value from a command line, where a text needs no quotes though YAML would want them.

    Raises:
        UsageError: as ``with_values``.
    """
    node = parse(text, path, [])
    value = None if node is None else node.plain()
    if isinstance(value, str):
        return value
    try:
        with_values(scenario, {path: value})
    except UsageError:
        try:
            with_values(scenario, {path: text})
        except UsageError:
            if node is None:
                value = text
        else:
            return text
    return value


def _put(whole: dict[str, Any], path: str, value: Any) -> None:
    keys = path.split(".")
    at: dict[str, Any] = whole
    known = True
    for depth, key in enumerate(keys):
        above = ".".join(keys[:depth])
        if known and key not in at:
            where = f" in {shown(above)}" if above else ""
            advice = remedy(key, at, "There are")
            raise UsageError(f"{shown(path)}: there is no {shown(key)}{where}. {advice}")
        if depth == len(keys) - 1:
            at[key] = value
            return
        if at.get(key) is None:
            at[key], known = {}, False  # the schema knows what may lie there
        if not isinstance(at[key], dict):
            raise UsageError(
                f"{shown(path)}: {shown(key)} is {shown(at[key])} and nothing lies in it. "
                f"Give all of it: {above}.{key}=..."
            )
        at = at[key]


def _checked(whole: dict[str, Any], values: Mapping[str, Any]) -> Scenario:
    import orjson
    from pydantic import ValidationError

    from sandbox.scenario.agree import disagreements
    from sandbox.scenario.explain import explained  # heavy: pydantic and the schema come with it
    from sandbox.scenario.schema import Scenario

    named = ", ".join(values)
    try:
        scenario = Scenario.model_validate_json(orjson.dumps(whole))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        at = ".".join(map(str, first["loc"]))
        path = next((path for path in values if at.startswith(path)), named)
        what, advice = explained(first)
        raise UsageError(f"{path:.200}: {what}. {advice}") from None
    for problem in disagreements(_tree(written(scenario))):
        raise UsageError(f"{named:.200}: {problem.what}. {problem.remedy}")
    return scenario


def _tree(value: Any) -> Node:
    place = Place("--set")
    if isinstance(value, dict):
        entries = {key: _tree(below) for key, below in value.items()}
        return Node(place, entries, dict.fromkeys(entries, place))
    if isinstance(value, list):
        return Node(place, tuple(map(_tree, value)))
    return Node(place, value)
