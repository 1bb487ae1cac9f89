"""A scenario written out in full, as it is kept beside the record of a run."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ruamel.yaml.representer import SafeRepresenter

    from sandbox.scenario.schema import Scenario

__all__ = ["canonical", "written"]


def canonical(scenario: Scenario) -> str:
    """Write the YAML of a scenario with every default and nothing included; it loads to an equal one."""
    from ruamel.yaml import YAML  # heavy: only a run that begins pays for it

    whole = written(scenario)
    yaml = YAML(typ="safe", pure=True)
    yaml.Representer = _representer()
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # typed as None
    yaml.width = 1 << 30  # never fold: ruamel.yaml 0.19 changes some texts by it
    out = StringIO()
    yaml.dump(whole, out)
    return out.getvalue()


def written(scenario: Scenario) -> dict[str, Any]:
    """A scenario as its file would say it, with every default."""
    whole = scenario.model_dump(mode="json", exclude_none=True)
    for name, agent in scenario.agents.items():
        lines = [line.model_dump(mode="json", exclude_defaults=True) for line in agent.script]
        whole["agents"][name]["script"] = lines
    return whole


def _representer() -> type[SafeRepresenter]:
    from ruamel.yaml.representer import SafeRepresenter

    class Lines(SafeRepresenter):
        """Writes texts of several plain lines as lines, and nothing as an alias."""

        def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - ruamel's signature
            return True

        def represent_str(self, text: str) -> Any:
            lines = text.split("\n")
            style = "|" if len(lines) > 1 else None
            if not all(line.isprintable() for line in lines):
                # Left to itself, ruamel.yaml 0.19 writes some of these so that they change.
                style = '"'
            return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)

    Lines.add_representer(str, Lines.represent_str)
    return Lines
