"""The scenarios that can be chosen: where they are found, and what is to be said of each file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.errors import ScenarioError

if TYPE_CHECKING:
    from sandbox.scenario.schema import Scenario

__all__ = ["FOLDER", "Entry", "found", "read"]

FOLDER: Final = Path("scenarios")
"""Where people keep their own, below the folder they work in."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: not read yet, a scenario with its warnings, or broken with the reason."""

    path: Path
    scenario: Scenario | None = None
    warnings: tuple[str, ...] = ()
    error: str = ""

    @property
    def name(self) -> str:
        """What the file is called on the command line."""
        return self.path.stem


def found(folder: Path = FOLDER) -> tuple[Entry, ...]:
    """List the reader's own scenarios, then those that ship; nothing is read yet."""
    from sandbox.scenario.find import shipped

    own = sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")])
    files = {path.resolve(): path for path in [*own, *_paths(shipped())][::-1]}
    return tuple(Entry(path) for path in reversed(files.values()))


def read(entry: Entry) -> Entry:
    """Read one file and check it; an error becomes part of the entry."""
    from sandbox.scenario.lint import lint  # heavy: the schema comes with it, after the first paint
    from sandbox.scenario.load import load

    try:
        scenario = load(entry.path)
    except (ScenarioError, OSError) as error:
        return Entry(entry.path, error=str(error))
    return Entry(entry.path, scenario, tuple(str(warning) for warning in lint(scenario)))


def _paths(files: Sequence[Path]) -> Sequence[Path]:
    return files
