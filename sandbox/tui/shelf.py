"""The scenarios that can be chosen: where they are found, and what is to be said of each file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.scenario import InvalidScenario, lint, load, shipped

if TYPE_CHECKING:
    from sandbox.scenario import Scenario

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
        """What the scenario is called on the command line."""
        return self.path.stem

    @property
    def where(self) -> str:
        """Where people find the file; what comes along lies too deep to be of interest."""
        return f"{self.name} (comes with Backrooms)" if self.path.is_absolute() else str(self.path)


def found(folder: Path = FOLDER) -> tuple[Entry, ...]:
    """List the reader's own scenarios, then those that ship under other names; nothing is read yet."""
    own = sorted(folder.glob("*.yaml"))
    names = {path.stem for path in own}
    return tuple(map(Entry, [*own, *(path for path in shipped() if path.stem not in names)]))


def read(entry: Entry) -> Entry:
    """Read one file and check it; an error becomes part of the entry."""
    try:
        scenario = load(entry.path)
    except InvalidScenario as error:
        return Entry(entry.path, error=str(error))
    return Entry(entry.path, scenario, tuple(map(str, lint(scenario))))
