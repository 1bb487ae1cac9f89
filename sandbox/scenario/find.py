"""Scenarios by name: one's own in ``./scenarios``, then those that come with Backrooms."""

from __future__ import annotations

from pathlib import Path

import sandbox
from sandbox.errors import ScenarioError
from sandbox.scenario.place import shown
from sandbox.scenario.suggest import remedy

__all__ = ["find", "shipped"]


def find(name: str) -> Path:
    """The file that ``name`` means: a path, a scenario's name without ``.yaml``, or a file that is here.

    Raises:
        ScenarioError: there is no scenario of that name; the nearest is named.
    """
    path = Path(name)
    if path.suffix in {".yaml", ".yml"} or len(path.parts) != 1:
        return path
    own = Path("scenarios") / f"{name}.yaml"
    known = {file.stem: file for file in [*shipped(), *sorted(own.parent.glob("*.yaml"))]}
    if name in known:
        return known[name]
    if path.is_file():
        return path
    raise ScenarioError(
        f"there is no scenario {shown(name)} here. {remedy(name, sorted(known), 'There are')}"
    )


def shipped() -> list[Path]:
    """The scenarios that come with Backrooms, sorted by name."""
    package = Path(sandbox.__file__).parent
    folders = (package / "scenarios_shipped", package.parent / "scenarios")
    return next((found for folder in folders if (found := sorted(folder.glob("*.yaml")))), [])
